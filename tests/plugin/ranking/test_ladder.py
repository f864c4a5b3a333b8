"""Feeds without a model: the lower rungs, and the CMS's last word."""

from __future__ import annotations

from itertools import chain

import pytest

from recommendations_plugin import api, registry
from recommendations_plugin.types import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(make_video, parent_categories):
    """Two videos in each of the six categories, by title."""
    names = ["Jazz", "Folk", "Birds", "Forests", "Bread", "Soups"]
    made = [make_video(f"{name} {n}", categories=[name]) for name in names for n in (1, 2)]
    return {video.title: video for video in made}


def titles(feed):
    return [recommendation.object.title for recommendation in feed.items]


def test_nobody_known_gets_the_latest(videos):
    feed = api.recommend(api.viewer(None), limit=3)
    assert feed.step == Step.LATEST
    assert titles(feed) == ["Soups 2", "Soups 1", "Bread 2"]
    assert feed.items[0].reason.code == "latest"


def test_what_people_engage_with_comes_first_for_newcomers(videos, make_user):
    fan = api.viewer(make_user("fan"))
    api.record("watch", fan, videos["Birds 1"], value=0.5)
    api.record("like", fan, videos["Jazz 2"])
    api.record("watch", fan, videos["Jazz 2"], value=0.9)
    feed = api.recommend(api.viewer(None), limit=3)
    assert feed.step == Step.POPULAR
    assert titles(feed)[:2] == ["Jazz 2", "Birds 1"]


def test_chosen_interests_filter_the_first_feed(videos, make_user, parent_categories):
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Nature"]]))
    feed = api.recommend(viewer, limit=4)
    assert sorted(titles(feed)) == ["Birds 1", "Birds 2", "Forests 1", "Forests 2"]
    assert {item.reason.name for item in feed.items} == {"Nature"}


def test_when_interests_are_exhausted_the_feed_goes_on_elsewhere(
    videos, make_user, parent_categories
):
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Nature"]]))
    feed = api.recommend(viewer, limit=50)
    assert len(feed.items) == 12
    assert len({item.key for item in feed.items}) == 12


def test_changed_interests_show_in_the_very_next_feed(videos, make_user, parent_categories):
    viewer = api.viewer(make_user("ada", interests=[parent_categories["Nature"]]))
    api.set_interests(viewer, [registry.parent_category(parent_categories["Cooking"])])
    assert all(t.split()[0] in {"Bread", "Soups"} for t in titles(api.recommend(viewer, limit=4)))


def test_watched_liked_and_dismissed_videos_do_not_come_back(videos, make_user):
    viewer = api.viewer(make_user("ada"))
    api.record("watch", viewer, videos["Jazz 1"], value=0.05)
    api.record("like", viewer, videos["Jazz 2"])
    api.record("dismiss", viewer, videos["Soups 2"])
    assert not {"Jazz 1", "Jazz 2", "Soups 2"} & set(titles(api.recommend(viewer, limit=50)))
    api.record("undismiss", viewer, videos["Soups 2"])
    assert "Soups 2" in titles(api.recommend(viewer, limit=50))


def test_within_a_category_only_its_videos_are_shown(videos, parent_categories):
    facet = registry.parent_category(parent_categories["Music"])
    feed = api.recommend(api.viewer(None), within=facet, limit=50)
    assert sorted(titles(feed)) == ["Folk 1", "Folk 2", "Jazz 1", "Jazz 2"]


@pytest.mark.parametrize("change", ["unpublish", "private", "restricted", "update", "delete"])
def test_74_what_the_cms_withdraws_leaves_every_feed_on_the_next_request(videos, make_user, change):
    from wagtail.models import PageViewRestriction

    video = videos["Soups 2"]
    assert video.title in titles(api.recommend(api.viewer(None), limit=50))
    if change == "unpublish":
        video.unpublish()
    elif change == "private":
        video.visibility = "private"
        video.save_revision().publish()
    elif change == "restricted":
        PageViewRestriction.objects.create(page=video, restriction_type="login")
    elif change == "update":  # no signal is sent: the eligibility stage alone must hold
        type(video).objects.filter(pk=video.pk).update(visibility="unlisted")
    else:
        video.delete()
    feeds = [
        api.recommend(api.viewer(None), limit=50),
        api.similar(videos["Soups 1"], limit=50),
    ]
    for feed in feeds:
        assert "Soups 2" not in titles(feed)


def test_own_videos_are_not_recommended(videos, make_video, make_user):
    creator = make_user("cleo")
    make_video("Mine", creator=creator.profile)
    assert "Mine" not in titles(api.recommend(api.viewer(creator), limit=50))
    assert "Mine" in titles(api.recommend(api.viewer(None), limit=50))


def test_similar_shows_the_same_category_first_and_never_itself(videos):
    feed = api.similar(videos["Jazz 1"], limit=3)
    assert titles(feed)[0] == "Jazz 2"
    assert "Jazz 1" not in titles(feed)


def test_an_empty_catalogue_gives_an_empty_feed(site_tree):
    feed = api.recommend(api.viewer(None), limit=5)
    assert list(feed.items) == []
    assert not feed.has_more


def test_following_a_creator_is_told_as_the_reason(videos, make_user):
    viewer = api.viewer(make_user("ada"))
    api.record("follow", viewer, registry.creator(videos["Jazz 1"].creator))
    reason = api.recommend(viewer, limit=1).items[0].reason
    assert (reason.code, reason.name) == ("follow", "maker")


def page_by_page(viewer, *, between=lambda number: None, **options):
    """Return the titles of each page until a feed ends; ``between`` happens between pages."""
    pages, cursor = [], ""
    for number in range(100):
        feed = api.recommend(viewer, cursor=cursor, **options)
        assert feed.has_more == bool(feed.cursor)
        pages.append(titles(feed))
        cursor = feed.cursor
        if not cursor:
            return pages
        between(number)
    pytest.fail("The feed has no end.")


def test_load_more_never_repeats_or_skips_though_the_feed_changes_between_pages(videos, make_user):
    viewer, fan = api.viewer(make_user("ada")), api.viewer(make_user("fan"))
    liked = iter(videos.values())

    def move(number):
        """The next videos become the most popular, and the viewer's taste moves too."""
        for _ in range(2):
            api.record("like", fan, next(liked))
        api.record("follow", viewer, registry.creator(videos["Jazz 1"].creator))

    pages = page_by_page(viewer, between=move, limit=2)
    assert sorted(chain.from_iterable(pages)) == sorted(videos)
    assert [len(page) for page in pages] == [2] * 6


def test_what_is_withdrawn_between_pages_is_not_shown_and_nothing_is_lost(videos):
    pages = page_by_page(
        api.viewer(None),
        between=lambda number: videos["Jazz 1"].unpublish() if number == 0 else None,
        limit=5,
    )
    assert sorted(chain.from_iterable(pages)) == sorted(videos.keys() - {"Jazz 1"})


def test_a_category_is_read_to_its_end(videos, parent_categories):
    facet = registry.parent_category(parent_categories["Music"])
    pages = page_by_page(api.viewer(None), within=facet, limit=3)
    assert sorted(chain.from_iterable(pages)) == ["Folk 1", "Folk 2", "Jazz 1", "Jazz 2"]


@pytest.mark.parametrize("text", ["\0", "2", "AQ", "é", "x" * 100_000, "AXicY2AAAAACAAE"])
def test_20_a_cursor_that_no_feed_gave_is_refused(videos, text):
    with pytest.raises(api.InvalidCursor):
        api.recommend(api.viewer(None), cursor=text)


@pytest.mark.parametrize("who", ["user", "session"])
def test_a_muted_creator_is_in_no_feed_until_unmuted(videos, make_video, make_user, who):
    loud = make_user("loud").profile
    made = [make_video(f"Loud {n}", categories=["Jazz"], creator=loud) for n in range(70)]
    for video in made:  # they would fill the top of every rung
        api.record("like", api.Viewer("session:fan"), video)
    viewer = api.viewer(make_user("ada")) if who == "user" else api.Viewer("session:me")
    api.record("watch", viewer, videos["Folk 1"], value=0.9)

    def feeds():
        yield titles(api.recommend(viewer, limit=8))
        yield titles(api.similar(videos["Jazz 1"], viewer, limit=8))

    assert all(any(title.startswith("Loud") for title in feed) for feed in feeds())
    api.record("mute", viewer, registry.creator(loud))
    for feed in feeds():
        assert len(feed) == 8
        assert not any(title.startswith("Loud") for title in feed)
    later = make_video("Loud again", categories=["Folk"], creator=loud)
    assert later.title not in titles(api.recommend(viewer, limit=50))
    api.record("unmute", viewer, registry.creator(loud))
    assert all(any(title.startswith("Loud") for title in feed) for feed in feeds())
