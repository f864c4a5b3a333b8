"""The stages together, without a model: sources, the query budget, the end of the catalogue."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from recommendations_plugin import api, registry
from recommendations_plugin.events import trend
from recommendations_plugin.models import Interaction, Item
from recommendations_plugin.ranking import candidates, cursor
from recommendations_plugin.types import Kind, Signal, key_of
from video_cms.models import VideoPage

pytestmark = pytest.mark.django_db


def titles(feed):
    return [recommendation.object.title for recommendation in feed.items]


def everything(viewer, **options):
    """Return the titles of a feed, page by page to its end."""
    pages, after = [], ""
    while not pages or after:
        feed = api.recommend(viewer, cursor=after, limit=3, **options)
        pages.append(titles(feed))
        after = feed.cursor
    return list(chain.from_iterable(pages))


@pytest.fixture
def creators(make_user):
    return {name: make_user(name).profile for name in ("mia", "noor")}


# --- queries ------------------------------------------------------------------------------------


def queries(action):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        action()
    return len(captured)


@pytest.mark.parametrize("items", [3, 40])
@pytest.mark.parametrize("history", [0, 30])
def test_a_feed_adds_three_queries_to_showing_its_cards(
    make_video, make_user, parent_categories, items, history, settings, monkeypatch
):
    """Of whom more was seen than is remembered too."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "HISTORY": 5}
    monkeypatch.setattr("recommendations_plugin.events.state.REMEMBERED", 10)
    for number in range(items):
        make_video(f"Jazz {number}", categories=["Jazz"])
    adapter = registry.adapter_for(VideoPage())
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Music"]]))
    api.record("follow", viewer, registry.creator(VideoPage.objects.first().creator))
    api.record_many(
        Signal(Kind.WATCH, viewer.key, f"video_cms.videopage:{9000 + number}", 0.9)
        for number in range(history)
    )
    without = queries(lambda: list(adapter.for_cards(adapter.eligible(viewer))[:24]))
    assert queries(lambda: api.recommend(viewer, limit=24)) <= without + 3
    assert queries(lambda: api.recommend(api.viewer(None), limit=2)) <= without + 3


# --- sources ------------------------------------------------------------------------------------


def test_the_following_placement_shows_followed_creators_only_newest_first(make_video, creators):
    for name in ("mia", "noor", "mia"):
        make_video(f"By {name} {Item.objects.count()}", creator=creators[name])
    viewer = api.Viewer("session:1")
    assert everything(viewer, placement="following") == []
    api.record("follow", viewer, registry.creator(creators["mia"]))
    assert everything(viewer, placement="following") == ["By mia 2", "By mia 0"]


def test_what_is_watched_now_trends_over_what_was_watched_more_long_ago(make_video, settings):
    old, new, _other = make_video("Old hit"), make_video("New hit"), make_video("Other")
    month_ago = timezone.now() - timedelta(days=30)
    api.record_many(
        [
            *(Signal(Kind.WATCH, f"session:{n}", key_of(old), 1.0, month_ago) for n in range(5)),
            *(Signal(Kind.WATCH, f"session:{n}", key_of(new), 1.0) for n in range(2)),
        ]
    )
    placements = {"now": {"SOURCES": {"trending": 9}, "WEIGHTS": {"trending": 1, "engagement": 0}}}
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "PLACEMENTS": placements}
    feed = api.recommend(api.viewer(None), placement="now")
    assert titles(feed) == ["New hit", "Old hit"]
    assert feed.items[0].reason.code == "trending"


def test_liking_and_unliking_again_and_again_makes_nothing_trend(make_video):
    video, viewer = make_video("One"), api.Viewer("session:1")
    api.record("like", viewer, video)
    once = Item.objects.get().trend
    for _ in range(5):
        api.record("unlike", viewer, video)
        api.record("like", viewer, video)
    assert Item.objects.get().trend == pytest.approx(once, rel=1e-3)
    api.record("unlike", viewer, video)
    assert Item.objects.get().trend == pytest.approx(0, abs=once * 1e-3)


def test_a_trend_halves_in_a_week_and_never_overflows():
    now = timezone.now()
    assert trend.weight(now) == pytest.approx(2 * trend.weight(now - timedelta(days=7)))
    assert trend.weight(now.replace(year=9000)) < float("inf")
    assert trend.weight(now.replace(year=1900)) >= 0


def test_new_items_get_a_place_among_popular_ones(make_video):
    for number in range(30):
        video = make_video(f"Popular {number}")
        for fan in range(3):
            api.record("watch", api.Viewer(f"session:{fan}"), video, value=1)
    make_video("Nobody knows me")
    Item.objects.filter(title="Nobody knows me").update(
        published_at=timezone.now() - timedelta(days=60)
    )
    feed = api.recommend(api.viewer(None), limit=12)
    new = next(item for item in feed.items if item.object.title == "Nobody knows me")
    assert new.reason.code == "latest"


def test_a_page_is_not_all_by_one_creator(make_video, creators):
    for number in range(6):
        make_video(f"Mia {number}", creator=creators["mia"])
    fan = api.Viewer("session:1")
    for video in VideoPage.objects.all():
        api.record("like", fan, video)
    for number in range(3):
        make_video(f"Noor {number}", creator=creators["noor"])
    shown = titles(api.recommend(api.viewer(None), limit=6))
    assert sum(title.startswith("Mia") for title in shown) == 3


# --- to the end of the catalogue ----------------------------------------------------------------


def test_a_feed_goes_on_behind_items_nobody_may_see(make_video, monkeypatch):
    """Sources that bring only what is closed to the viewer do not end the feed."""
    monkeypatch.setattr(candidates, "REST", 4)
    open_ones = [make_video(f"Open {number}") for number in range(5)]
    for number in range(80):
        video = make_video(f"Closed {number}")
        if number == 0:
            closed = video
    VideoPage.objects.filter(title__startswith="Closed").update(visibility="unlisted")
    assert closed.live
    assert sorted(everything(api.viewer(None))) == sorted(video.title for video in open_ones)


def test_a_feed_longer_than_a_cursor_goes_on_to_the_end_without_repeats(
    make_video, make_user, parent_categories, monkeypatch
):
    monkeypatch.setattr(cursor, "FULL", 30)
    monkeypatch.setattr(candidates, "REST", 4)
    names = ["Jazz", "Soups", "Birds"]
    made = [make_video(f"Video {n}", categories=[names[n % 3]]) for n in range(20)]
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Music"]]))
    shown = everything(viewer)
    assert sorted(shown) == sorted(video.title for video in made)
    assert len(set(map(len, cursors(viewer)))) < 5, "it grows no more"


def cursors(viewer):
    """Return the cursors of a feed."""
    found = [api.recommend(viewer, limit=3).cursor]
    while found[-1]:
        found.append(api.recommend(viewer, limit=3, cursor=found[-1]).cursor)
    return found


def test_a_login_restriction_hides_until_the_cms_says_otherwise(make_video):
    video = make_video("One")
    restriction = PageViewRestriction.objects.create(page=video, restriction_type="login")
    assert everything(api.viewer(None)) == []
    restriction.delete()
    assert everything(api.viewer(None)) == ["One"]


def test_what_was_seen_long_ago_is_not_shown_again_either(make_video, monkeypatch, settings):
    """Even where the history is longer than what one query reads of it."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "HISTORY": 1}
    monkeypatch.setattr("recommendations_plugin.events.state.REMEMBERED", 2)
    viewer = api.Viewer("session:1")
    for number in range(6):
        video = make_video(f"Video {number}")
        if number < 5:
            api.record("watch", viewer, video, value=0.5)
    assert Interaction.objects.count() == 5
    assert everything(viewer) == ["Video 5"]


# --- reasons ------------------------------------------------------------------------------------


def test_a_reason_names_what_to_withdraw(make_video, make_user, parent_categories, creators):
    make_video("By Mia", creator=creators["mia"])
    make_video("Tune", categories=["Jazz"])
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Music"]]))
    api.record("follow", viewer, registry.creator(creators["mia"]))
    reasons = {item.object.title: item.reason for item in api.recommend(viewer).items}
    assert reasons["By Mia"].target == key_of(creators["mia"])
    assert reasons["Tune"].target == key_of(parent_categories["Music"])


def test_an_operator_sees_what_every_stage_says_of_an_item(
    make_video, make_user, parent_categories, creators
):
    jazz = make_video("Tune", categories=["Jazz"])
    soup = make_video("Soup", categories=["Soups"])
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Music"]]))
    api.record("like", api.Viewer("session:1"), jazz)

    found = api.explain(viewer, jazz)
    assert (found["rank"], found["place"], found["tier"]) == (1, 1, 0)
    assert (found["seen"], found["eligible"]) == (False, True)
    assert {"interests", "popular", "fresh"} <= set(found["sources"])
    assert found["parts"]["interest"] == 1
    assert found["score"] == pytest.approx(
        sum(found["weights"][name] * value for name, value in found["parts"].items())
    )
    assert found["reason"].code == "popular_in"
    assert (api.explain(viewer, soup)["rank"], api.explain(viewer, soup)["tier"]) == (2, 1)

    VideoPage.objects.filter(pk=soup.pk).update(visibility="unlisted")
    hidden = api.explain(viewer, soup)
    assert (hidden["rank"], hidden["eligible"]) == (None, False)
    api.record("watch", viewer, jazz, value=0.5)
    seen = api.explain(viewer, jazz)
    assert (seen["rank"], seen["seen"]) == (None, True)
    assert "score" not in seen


def test_a_hosts_own_list_is_told_what_is_unseen_by_what_the_request_knows(make_video, rf):
    videos = [make_video(f"Video {number}") for number in range(4)]
    viewer, request = api.Viewer("session:1"), rf.get("/")
    api.record("watch", viewer, videos[1], value=0.5)
    api.record("dismiss", viewer, videos[2])
    api.recommend(viewer, request=request)
    with CaptureQueriesContext(connection) as captured:
        assert api.unseen(viewer, videos, request=request) == [videos[0], videos[3]]
    assert len(captured) <= 1, "what the catalogue says of the two that were seen"
    assert api.unseen(api.viewer(None), videos) == videos


def test_a_request_reads_a_viewer_once_and_again_after_they_did_something(make_video, rf):
    videos, viewer, request = (
        [make_video("A"), make_video("B")],
        api.Viewer("session:1"),
        rf.get("/"),
    )

    def shown():
        return titles(api.recommend(viewer, request=request))

    with CaptureQueriesContext(connection) as captured:
        shown()
        shown()
    assert sum("usercategoryinterest" in query["sql"] for query in captured) == 1
    assert shown() == ["B", "A"]
    api.record("watch", viewer, videos[1], value=1)
    assert shown() == ["A"]
