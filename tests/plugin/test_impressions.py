"""Impressions: what was really seen, by whom it may be kept, and what came of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations_plugin import api, status, tasks, traces
from recommendations_plugin.events import impressions, summaries
from recommendations_plugin.models import Impression
from recommendations_plugin.types import key_of
from video_cms.models import Preferences

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(make_user, client):
    user = make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def videos(make_video):
    return [make_video(f"Video {number}") for number in range(3)]


def cards(user):
    """Return the traces that the cards of a page carry, as its script reads them."""
    request = RequestFactory().get("/")
    request.user = user
    text = (
        "{% load recommendations %}{% recommendations placement='home' number=3 as feed %}"
        "{% for r in feed.items %}<li>{% recommendation_card r %}</li>{% endfor %}"
    )
    page = Template(text).render(Context({"request": request}))
    return re.findall(r'data-recommendation="([^"]+)"', page)


def report(client, **given):
    return client.post(reverse("recommendations_plugin:seen"), given)


def test_what_was_seen_and_followed_is_kept_once_with_its_place(client, ada, videos):
    shown = cards(ada)
    assert len(shown) == 3
    for _ in range(2):
        assert report(client, seen=shown[:2], followed=shown[1]).status_code == 204
    first, second = Impression.objects.order_by("position")
    assert (first.viewer_key, first.placement) == (api.viewer(ada).key, "home")
    assert first.position == 1
    assert (first.followed_at, second.position) == (None, 2)
    assert second.followed_at is not None


def test_what_is_watched_and_liked_after_following_is_credited_to_it(client, ada, videos):
    shown = cards(ada)
    report(client, seen=shown, followed=shown[0])
    followed = Impression.objects.get(followed_at__isnull=False)
    video = video_of(followed, videos)
    other = next(other for other in videos if other != video)
    for portion, seconds in ((0.7, 70), (0.4, 40)):
        api.record("watch", api.viewer(ada), video, value=portion, seconds=seconds)
    api.record("like", api.viewer(ada), video)
    api.record("dismiss", api.viewer(ada), other)
    followed.refresh_from_db()
    assert (followed.portion, followed.seconds, followed.liked) == (0.7, 70, True)
    others = Impression.objects.exclude(pk=followed.pk)
    assert set(others.values_list("item_key", "portion", "liked", "dismissed")) == {
        (key_of(each), 0.0, False, each == other) for each in videos if each != video
    }
    (result,) = impressions.results()
    assert (result.seen, result.followed, result.liked, result.dismissed) == (3, 1, 1, 1)
    assert (result.portion, result.seconds) == pytest.approx((0.7 / 3, 70 / 3))


def test_credit_goes_to_the_newest_that_was_followed_else_to_the_newest_seen(ada, videos):
    viewer = api.viewer(ada)
    first, second, third = (api.recommend(viewer, limit=3) for _ in range(3))

    def trace_of(feed):
        return next(item.trace for item in feed.items if item.object == videos[0])

    api.report_seen(viewer, [trace_of(first)])
    api.report_seen(viewer, [trace_of(second)])
    api.record("watch", viewer, videos[0], value=0.2, seconds=2)
    assert dict(Impression.objects.values_list("feed", "seconds")) == {
        trace_of(first).feed: 0,
        trace_of(second).feed: 2,
    }
    api.report_seen(viewer, [trace_of(third)], followed=[trace_of(first)])
    api.record("watch", viewer, videos[0], value=0.9, seconds=9)
    assert Impression.objects.get(feed=trace_of(first).feed).seconds == 9
    assert Impression.objects.get(feed=trace_of(third).feed).seconds == 0


@pytest.mark.parametrize("choice", ["paused", "off"])
def test_nothing_is_credited_once_the_viewer_does_not_want_it(ada, videos, choice):
    viewer = api.viewer(ada)
    api.report_seen(viewer, [item.trace for item in api.recommend(viewer).items])
    api.set_learning(viewer, choice)
    api.record("watch", viewer, videos[0], value=0.9, seconds=9)
    assert set(Impression.objects.values_list("portion", "seconds")) == {(0, 0)}


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e9])
def test_watched_seconds_that_cannot_be_are_refused(ada, videos, seconds):
    with pytest.raises(api.InvalidSignal, match="Watched seconds"):
        api.record("watch", api.viewer(ada), videos[0], value=0.5, seconds=seconds)


def test_an_impression_says_what_put_it_there_and_the_status_counts_the_rungs(ada, videos):
    feed = api.recommend(api.viewer(ada))
    api.report_seen(api.viewer(ada), [item.trace for item in feed.items])
    (step,) = set(Impression.objects.values_list("step", flat=True))
    assert step == "latest"
    summaries.summarise()
    found = status.check(graph=False).as_dict()["parts"]["feed"]
    assert found["details"]["seen"] == {"latest": 3}
    assert "Of 3 recommendations seen within a day: latest 100%." in found["summary"]


def video_of(impression, videos):
    return next(video for video in videos if key_of(video) == impression.item_key)


def test_what_is_watched_days_later_is_not_credited(client, ada, videos):
    shown = cards(ada)
    report(client, followed=shown[0])
    Impression.objects.update(followed_at=timezone.now() - timedelta(days=2))
    api.record("watch", api.viewer(ada), video_of(Impression.objects.get(), videos), value=1)
    assert Impression.objects.get().portion == 0


@pytest.mark.parametrize("text", ["", "x", "\0", "é" * 300, "a" * 100_000, "W10:1abc:xyz"])
def test_17_forged_reports_keep_nothing_and_fail_nowhere(client, ada, videos, text):
    assert report(client, seen=[text], followed=[text]).status_code == 204
    assert not Impression.objects.exists()


def test_a_report_costs_a_few_statements_however_many_cards(ada, make_video):
    for number in range(12):
        make_video(f"More {number}")
    viewer = api.viewer(ada)
    seen = [item.trace for item in api.recommend(viewer).items]
    with CaptureQueriesContext(connection) as made:
        api.report_seen(viewer, seen, followed=seen[:1])
    statements = [q for q in made.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert (len(seen), len(statements)) == (12, 3)


def test_a_trace_cannot_be_changed_and_grows_too_old(client, ada, videos, monkeypatch):
    (first, *_rest) = cards(ada)
    assert traces.read(first[:-1] + ("A" if first[-1] != "A" else "B")) is None
    monkeypatch.setattr(traces, "LIFETIME", -1)
    assert traces.read(first) is None


def test_reports_are_posted_with_a_token(videos, ada, django_user_model):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(reverse("recommendations_plugin:seen")).status_code == 403
    assert strict.get(reverse("recommendations_plugin:seen")).status_code == 405


def test_nothing_is_kept_of_nobody_nor_of_those_who_do_not_want_it(client, ada, videos, make_user):
    shown = cards(ada)
    client.logout()
    report(client, seen=shown)
    for choice in ("paused", "off"):
        user = make_user(choice)
        api.set_learning(api.viewer(user), choice)
        client.force_login(user)
        report(client, seen=shown, followed=shown)
    assert not Impression.objects.exists()
    assert cards(make_user("eve")) != []


def test_nothing_is_kept_of_what_somebody_sees_who_keeps_no_history(client, ada, videos):
    Preferences.objects.create(user=ada, keep_history=False)
    shown = cards(ada)
    report(client, seen=shown, followed=shown[:1])
    body = {"seen": shown, "followed": shown[:1]}
    address = reverse("recommendations_api:impressions")
    assert client.post(address, body, content_type="application/json").status_code == 204
    assert not Impression.objects.exists()


def test_cards_of_those_who_switched_learning_off_carry_nothing(ada, videos):
    api.set_learning(api.viewer(ada), "off")
    assert cards(ada) == []


def test_a_sessions_impressions_become_the_viewers_and_are_forgotten_with_them(ada, videos):
    session, viewer = api.Viewer("session:1"), api.viewer(ada)
    feed = api.recommend(session, limit=2)
    api.report_seen(session, [item.trace for item in feed.items])
    api.merge(session, viewer)
    assert set(Impression.objects.values_list("viewer_key", flat=True)) == {viewer.key}
    assert [row["position"] for row in api.export(viewer)["seen"]] == [1, 2]
    dropped = feed.items[0].object
    api.record("watch", viewer, dropped, value=1)
    api.drop(viewer, [dropped])
    assert Impression.objects.get().item_key != key_of(dropped)
    api.forget(viewer)
    assert not Impression.objects.exists()


def test_impressions_are_pruned_in_time(ada, videos, settings):
    feed = api.recommend(api.viewer(ada), limit=2)
    api.report_seen(api.viewer(ada), [item.trace for item in feed.items])
    Impression.objects.filter(position=1).update(shown_at=timezone.now() - timedelta(days=91))
    tasks.prune()
    assert [row.position for row in Impression.objects.all()] == [2]


def test_the_status_page_sums_up_what_recommendations_led_to(admin_client, ada, videos):
    feed = api.recommend(api.viewer(ada), limit=2)
    seen = [item.trace for item in feed.items]
    api.report_seen(api.viewer(ada), seen, followed=seen[:1])
    summaries.summarise()
    page = admin_client.get(reverse("recommendations_status")).content.decode()
    assert "What recommendations led to" in page
    assert "1<br><small>50.0 %</small>" in page
