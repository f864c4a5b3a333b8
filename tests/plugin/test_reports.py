"""Reports on what feeds show: what each lists, filters and exports, and for whom."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from recommendations_plugin import reports
from recommendations_plugin.models import (
    Event,
    Experiment,
    Facet,
    Item,
    ItemFigures,
    TopicFigures,
)

pytestmark = pytest.mark.django_db
SLUGS = [report.slug for report in reports.REPORTS]


@pytest.fixture
def watcher(make_user, client):
    """An editor with the one permission that reports need, signed in."""
    user = make_user("ed")
    names = ["access_admin", "view_dashboard"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return user


@pytest.fixture
def items(make_video):
    """Three old items, of which the last two were seen."""
    videos = [make_video(title) for title in ("=Never shown", "Often shown", "Seldom shown")]
    Item.objects.update(published_at=timezone.now() - timezone.timedelta(days=60))
    for video, seen, dismissed in ((videos[1], 990, 0), (videos[2], 10, 7)):
        item = Item.objects.get(key__endswith=f":{video.pk}")
        ItemFigures.objects.create(item=item, seen=seen, followed=1, dismissed=dismissed, seconds=9)
    return videos


def page_of(client, slug, **query):
    return client.get(reverse(f"recommendations_{slug}"), query)


def test_orphans_are_live_items_that_nobody_was_shown(watcher, client, items, make_video):
    make_video("Too young")
    page = page_of(client, "orphans").content.decode()
    assert "=Never shown" in page
    assert reverse("wagtailadmin_pages:edit", args=[items[0].pk]) in page
    for other in ("Often shown", "Seldom shown", "Too young"):
        assert other not in page


def test_over_exposed_items_are_shown_far_more_than_the_average(watcher, client, items):
    for number in range(8):
        item = Item.objects.create(key=f"gone:{number}", title=f"Other {number}")
        ItemFigures.objects.create(item=item, seen=10, followed=0, dismissed=0, seconds=0)
    page = page_of(client, "exposure").content.decode()
    assert "Often shown" in page
    assert "Seldom shown" not in page
    assert "Other" not in page


def test_dismissed_items_stand_with_their_rate(watcher, client, items):
    page = page_of(client, "dismissed").content.decode()
    assert "Seldom shown" in page
    assert "70.0 %" in page
    assert "Often shown" not in page


def test_wanted_topics_come_first_and_are_filtered_by_supply(watcher, client):
    for name, count, demand in (("Zither", 3, 4.5), ("Bagpipes", 900, 0.4)):
        facet = Facet.objects.create(key=f"c:{name}", kind="category", name=name)
        TopicFigures.objects.create(facet=facet, items=count, engagement=10, demand=demand)
    page = page_of(client, "topics").content.decode()
    assert page.index("Zither") < page.index("Bagpipes")
    assert "4.50" in page
    assert "Bagpipes" not in page_of(client, "topics", items=10).content.decode()
    for wrong in (2**63, "x", "\0", -1):
        assert page_of(client, "topics", items=wrong, name="\0").status_code == 200


def test_dead_letters_tell_their_error(watcher, client):
    now = timezone.now()
    Event.objects.create(
        kind="like", target_key="<b>", occurred_at=now, failed_at=now, error="Refused."
    )
    Event.objects.create(kind="watch", occurred_at=now, synced_at=now, error="Not this.")
    page = page_of(client, "dead_letters").content.decode()
    assert "Refused." in page
    assert "&lt;b&gt;" in page
    assert "Not this." not in page
    assert "Refused." not in page_of(client, "dead_letters", kind="watch").content.decode()


def test_experiments_stand_by_arm_with_what_was_measured(watcher, client):
    figures = {"value": 12.5, "difference": 1.0, "low": 0.5, "high": 1.5}
    arms = [
        {"name": name, "viewers": 200, "impressions": 900, "seconds": figures}
        for name in ("control", "other")
    ]
    experiment = Experiment.objects.create(
        name="More variety", status="stopped", verdict="better", results={"arms": arms}
    )
    for name in ("control", "other"):
        experiment.arms.add(experiment.arms.model(name=name))
    experiment.save()
    page = page_of(client, "experiments", status="stopped").content.decode()
    assert page.count("12.500") == 2
    text = b"".join(page_of(client, "experiments", export="csv").streaming_content).decode()
    assert "More variety,home,other,stopped,better,200,900,12.500,0.500 to 1.500" in text
    assert text.startswith("Experiment,Placement,Arm,Status,Verdict,Viewers,Impressions,")


@pytest.mark.parametrize("slug", SLUGS)
def test_each_report_exports_what_it_lists(watcher, client, items, slug):
    sheet = b"".join(page_of(client, slug, export="xlsx").streaming_content)
    rows = list(load_workbook(BytesIO(sheet)).active.values)
    text = b"".join(page_of(client, slug, export="csv").streaming_content).decode()
    assert len(rows) == len(text.splitlines()) >= 1
    if slug == "orphans":
        assert "'=Never shown" in text, "a formula is no text"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_report_asks_as_much_of_many_rows_as_of_few(watcher, client, items, slug):
    counts = []
    for round_number in range(2):
        for number in range(20):
            item = Item.objects.create(key=f"gone:{round_number}-{number}", title="Other")
            ItemFigures.objects.create(item=item, seen=9, followed=0, dismissed=5, seconds=0)
        page_of(client, slug)
        with CaptureQueriesContext(connection) as queries:
            page_of(client, slug)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_reports_are_for_those_who_may_see_the_dashboard(watcher, client, make_user):
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    for slug in SLUGS:
        assert reverse(f"recommendations_{slug}") in home
    other = make_user("other")
    other.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(other)
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    for slug in SLUGS:
        assert reverse(f"recommendations_{slug}") not in home
        assert page_of(client, slug).status_code == 302
        assert client.get(reverse(f"recommendations_{slug}_results")).status_code == 302
