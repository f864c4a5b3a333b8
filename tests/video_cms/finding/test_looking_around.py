"""Explore, the followed creators' feed, subjects as interests, and "Why this video?"."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from recommendations_plugin import api
from recommendations_plugin.models import UserCategoryInterest
from video_cms import engagement
from video_cms.models import Watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(make_user: Any, client: Client) -> Any:
    user = make_user("ada")
    client.force_login(user)
    return user


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


# --- explore --------------------------------------------------------------------------------------


def test_explore_shows_what_is_trending_what_is_new_and_every_subject(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    trending = make_video("Watched by many", categories=["Jazz"])
    make_video("Fresh", categories=["Birds"])
    Watch.objects.create(user=make_user("v"), video=trending, watch_time=0.9)

    page = text(client.get("/explore/"))

    assert page.index("Trending") < page.index("Watched by many") < page.index("Fresh")
    assert page.count("Watched by many") == text(client.get("/explore/")).count("Watched by many")
    assert page.count('<article class="card"') == 2, "what is trending is not repeated as new"
    for address in ("/explore/trending/", "/video/", "/browse/music/", "/category/soups/"):
        assert f'href="{address}"' in page


def test_explore_shows_who_is_known_something_that_is_neither_trending_nor_new(
    client: Client, ada: Any, make_video: Any, parent_categories: Any
) -> None:
    names = ("Jazz", "Folk", "Birds", "Bread")
    made = [make_video(f"Video {n}", categories=[names[n % 4]]) for n in range(12)]
    api.record("dismiss", api.viewer(ada), made[0])

    answer = client.get("/explore/")
    page = text(answer)

    different = page[page.index("Something different") : page.index('id="subjects"')]
    assert [f"Video {n}</a>" in different for n in range(5)] == [False, True, True, True, False]
    assert page.count('<article class="card"') == 11, "nothing stands there twice"
    assert answer["Cache-Control"] == "private, no-store"
    client.logout()
    assert "Something different" not in text(client.get("/explore/"))


def test_the_old_address_leads_there(client: Client, site_tree: Any) -> None:
    answer = client.get("/browse/")

    assert (answer.status_code, answer["Location"]) == (301, "/explore/")


# --- following ------------------------------------------------------------------------------------


def test_the_feed_of_followed_creators_is_theirs_only_newest_first(
    client: Client, ada: Any, make_video: Any, make_user: Any
) -> None:
    followed, other = make_user("followed").profile, make_user("other").profile
    for title, creator in (("First", followed), ("Strange", other), ("Second", followed)):
        make_video(title, creator=creator)
    make_video("Hidden", creator=followed, visibility="unlisted")
    engagement.follow(ada, followed)

    answer = client.get("/following/")

    assert [video.title for video in answer.context["page_obj"]] == ["Second", "First"]
    assert answer["Cache-Control"] == "private, no-store"
    assert "noindex" in text(answer)


def test_who_follows_nobody_is_offered_creators_of_their_interests_first(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    known, near = make_user("known").profile, make_user("near").profile
    make_video("Popular soup", creator=known, categories=["Soups"])
    make_video("An owl", creator=near, categories=["Birds"])
    make_user("no-videos")
    engagement.follow(make_user("fan"), known)
    member = make_user("member", interests=[parent_categories["Nature"]])

    assert client.get("/following/").context["suggested"] == [known, near]
    client.force_login(member)
    answer = client.get("/following/")
    assert answer.context["suggested"] == [near, known]
    assert "You follow nobody yet" in text(answer)
    engagement.follow(member, near)
    assert "suggested" not in client.get("/following/").context


# --- subjects -------------------------------------------------------------------------------------


def test_a_subject_becomes_an_interest_and_no_longer_is(
    client: Client, ada: Any, make_video: Any, parent_categories: Any
) -> None:
    assert "Add Music to your interests" in text(client.get("/category/jazz/"))

    answer = client.post("/browse/music/interest/", {"next": "/category/jazz/"})
    assert answer["Location"] == "/category/jazz/"
    assert UserCategoryInterest.objects.get(chosen=True).category.name == "Music"
    assert list(ada.profile.parent_categories.all()) == [parent_categories["Music"]]
    assert "Music is one of your interests" in text(client.get("/browse/music/"))

    client.post("/browse/music/uninterest/", {"next": "//evil.example"})
    assert not UserCategoryInterest.objects.filter(chosen=True).exists()
    assert not ada.profile.parent_categories.exists()


def test_strangers_sign_in_first_and_nothing_changes_by_get(
    client: Client, parent_categories: Any, site_tree: Any
) -> None:
    answer = client.post("/browse/music/interest/")

    assert answer["Location"] == "/accounts/login/?next=%2Fbrowse%2Fmusic%2F"
    assert client.get("/browse/music/interest/").status_code == 405
    assert client.post("/browse/none/interest/").status_code == 404


def test_subjects_link_their_feeds(client: Client, parent_categories: Any, site_tree: Any) -> None:
    assert 'href="/browse/music/videos.rss"' in text(client.get("/browse/music/"))
    assert 'href="/category/jazz/videos.rss"' in text(client.get("/category/jazz/"))


# --- why ------------------------------------------------------------------------------------------


def test_why_says_what_brought_a_video(
    client: Client, ada: Any, make_video: Any, make_user: Any
) -> None:
    maker = make_user("zelda").profile
    video = make_video("For ada", creator=maker)
    engagement.follow(ada, maker)

    page = text(client.get(f"/video/{video.video_id}/why/"))

    assert "From zelda, whom you follow" in page
    assert f'action="/video/{video.video_id}/dismiss/"' in page
    assert 'href="/profile/edit/"' in page


def test_why_says_why_not(client: Client, ada: Any, make_video: Any) -> None:
    video = make_video("Seen")
    make_video("Other")
    engagement.watch(api.viewer(ada), video, portion=0.9, seconds=9)

    page = text(client.get(f"/video/{video.video_id}/why/?placement=sidebar"))

    assert "you watched, liked or dismissed it" in page
    assert "/dismiss/" not in page


def test_why_tells_strangers_nothing_of_what_they_may_not_see(
    client: Client, make_video: Any
) -> None:
    make_video("Private", video_id="hidden", visibility="private")
    make_video("Public", video_id="shown")

    assert client.get("/video/hidden/why/").status_code == 404
    assert client.get("/video/shown/why/").status_code == 200
    for placement in ("%00", "A" * 500, "x;y"):
        assert client.get(f"/video/shown/why/?placement={placement}").status_code == 404
