"""What the dashboard and its panel show, and how it is summed up."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations_plugin import charts, dashboard, tasks
from recommendations_plugin.events import summaries
from recommendations_plugin.models import (
    ActiveModel,
    FeedDay,
    Impression,
    Item,
    ItemFigures,
    Summary,
    TopicFigures,
    TrainingRun,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def watcher(make_user, client):
    """An editor with the one permission that the dashboard needs, signed in."""
    user = make_user("ed")
    names = ["access_admin", "view_dashboard"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return user


@pytest.fixture
def see():
    """Keep that items were seen some days ago: ``see(video, days=1, seconds=4.0)``."""

    def see(*videos, days=0, **fields):
        for video in videos:
            Impression.objects.create(
                viewer_key=f"user:{Impression.objects.count()}",
                feed="f",
                item_key=f"video_cms.videopage:{video.pk}",
                placement="home",
                position=0,
                shown_at=timezone.now() - timedelta(days=days),
                **fields,
            )

    return see


def test_days_are_summed_up_once_and_again_to_the_same(make_video, make_user, see):
    old, new = make_user("old").profile, make_user("new").profile
    videos = [make_video(creator=old), make_video(creator=old), make_video(creator=new)]
    Item.objects.filter(key__endswith=f":{videos[0].pk}").update(
        published_at=timezone.now() - timedelta(days=400)
    )
    see(videos[0], videos[0], videos[2], seconds=2.0)
    see(videos[1], days=3, followed_at=timezone.now(), dismissed=True)
    assert tasks.summarise() == 4
    before = list(FeedDay.objects.values())
    assert tasks.summarise() == 2
    today, *_others, first = FeedDay.objects.all()
    assert [row | {"id": 0} for row in before] == [
        row | {"id": 0} for row in FeedDay.objects.values()
    ]
    assert (today.seen, today.seconds, today.items, today.catalogue) == (3, 6.0, 2, 3)
    assert today.by_new_creators == 1
    assert today.concentration == pytest.approx(2 / 3)
    assert (first.seen, first.followed, first.dismissed, first.by_new_creators) == (1, 1, 1, 0)


def test_figures_of_items_and_topics_are_written_anew(make_video, parent_categories, see):
    wanted, other = make_video(categories=["Jazz"]), make_video(categories=["Bread"])
    make_video(categories=["Bread"])
    Item.objects.filter(key__endswith=f":{wanted.pk}").update(likes=10)
    see(wanted, wanted, dismissed=True)
    see(other, days=40)
    see(other)
    for _ in range(2):
        summaries.summarise()
    assert list(
        ItemFigures.objects.order_by("-seen").values_list("item__title", "seen", "dismissed")
    ) == [(wanted.title, 2, 2), (other.title, 1, 0)]
    demand = dict(TopicFigures.objects.values_list("facet__name", "demand"))
    assert demand == {"Jazz": pytest.approx(3), "Bread": 0}


def test_concentration_is_the_share_of_the_largest_tenth():
    assert summaries.concentration([]) == 0
    assert summaries.concentration([5]) == 1
    assert summaries.concentration([82] + [2] * 9) == pytest.approx(0.82)


def test_a_gap_interrupts_the_line_and_the_highest_value_is_at_the_top():
    days = {date(2026, 1, day): float(day) for day in (1, 2, 5, 6)}
    svg = charts.line_chart("Seen", days)
    assert svg.count("<polyline") == 2
    assert svg.count("<circle") == 4
    assert f'cy="{charts.TOP}.0"' in svg
    assert charts.line_chart("One day of nothing", {date(2026, 1, 1): 0.0}).count("<circle") == 1


def test_the_dashboard_shows_charts_each_with_its_table_and_the_model(
    watcher, client, make_video, see
):
    page = client.get(reverse("recommendations_status")).content.decode()
    assert "Nothing was seen yet" in page
    assert "No trained model is served" in page
    see(make_video(), seconds=7.0)
    summaries.summarise()
    run = TrainingRun.objects.create(
        version="v1",
        status="done",
        finished_at=timezone.now(),
        metrics={"recall@20": 0.25, "popularity": {"recall@20": 0.125}},
    )
    ActiveModel.objects.create(version="v1")
    page = client.get(reverse("recommendations_status")).content.decode()
    assert page.count('<svg class="rec-chart"') == page.count("As a table") == 4
    for told in ("Watched seconds per impression", "7.0", "100.0 %", "0.2500", "0.1250"):
        assert told in page
    TrainingRun.objects.create(version="v2", status="done", finished_at=timezone.now())
    for address in ("recommendations_status", "wagtailadmin_home"):
        page = client.get(reverse(address)).content.decode()
        assert "0.2500" in page
        assert "is not served" in page
    assert dashboard.health().run == run


def test_the_dashboard_asks_as_much_of_a_month_as_of_a_day(watcher, client, make_video, see):
    see(make_video())
    summaries.summarise()
    address = reverse("recommendations_status")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    today = timezone.now().astimezone(UTC).date()
    FeedDay.objects.bulk_create(
        FeedDay(day=today - timedelta(days=number), seen=9, catalogue=3) for number in range(1, 40)
    )
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_neither_dashboard_nor_home_page_counts_what_was_seen_and_both_say_how_old_it_is(
    watcher, client, make_video, see
):
    see(make_video(), step="model", version="v1", seconds=7.0)
    run = TrainingRun.objects.create(version="v1", status="done", finished_at=timezone.now())
    tasks.summarise()
    Summary.objects.update(made_at=timezone.now() - timedelta(minutes=12))
    for address in ("recommendations_status", "wagtailadmin_home"):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse(address)).content.decode()
        counted = [query["sql"] for query in asked if "plugin_impression" in query["sql"]]
        assert not counted
        assert "Of 1 recommendations seen within a day: the model 100%." in page
    page = client.get(reverse("recommendations_status")).content.decode()
    assert "Summed up 12\xa0minutes ago" in page
    assert "7.0 s" in page
    assert Summary.objects.get(name="drift").value["run"] == run.pk


def test_without_its_permission_there_is_no_dashboard(make_user, client):
    user = make_user("other")
    names = ["access_admin", "view_trainingrun"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client.force_login(user)
    assert client.get(reverse("recommendations_status")).status_code == 302
    assert reverse("recommendations_status") not in client.get("/admin/").content.decode()
