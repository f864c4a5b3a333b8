"""The home page: sections that say why, subjects as addresses, and a feed to its end."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations_plugin import api
from video_cms import blocks, engagement
from video_cms.finding import sections
from video_cms.models import HomePage, VideoPage, Watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(make_user: Any, client: Client) -> Any:
    user = make_user("ada")
    client.force_login(user)
    return user


def text(client: Client, address: str = "/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def titles(page: str) -> list[str]:
    return re.findall(r'<h3 class="card-title"><a [^>]*>([^<]+)</a>', page)


def section(page: str, heading: str) -> list[str]:
    """Return the titles under a heading; none where there is no such heading."""
    found = re.search(rf"<h2[^>]*>{re.escape(heading)}</h2>(.*?)</section>", page, re.DOTALL)
    return titles(found[1]) if found else []


def next_address(page: str) -> str:
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def arrange(*strategies: str, **options: Any) -> None:
    """Arrange the home page: these sections, then the feed."""
    value = {"heading": "", "category": None, "number": 4, **options}
    home = HomePage.objects.get()
    home.body = [
        *(("section", {**value, "strategy": strategy}) for strategy in strategies),
        ("feed", {"heading": "For you", "placement": "home", "number": 6}),
    ]
    home.save()


# --- sections -------------------------------------------------------------------------------------


def test_editors_choose_from_the_strategies_there_are() -> None:
    assert [name for name, _ in blocks.STRATEGIES] == list(sections.STRATEGIES)


def test_continue_watching_holds_what_was_begun_latest_first(
    client: Client, ada: Any, make_video: Any
) -> None:
    for title, portion in (("Begun", 0.4), ("Finished", 0.95), ("Glanced", 0.01), ("Later", 0.5)):
        video = make_video(title)
        engagement.watch(api.viewer(ada), video, portion=portion, seconds=1)

    assert section(text(client), "Continue watching") == ["Later", "Begun"]
    assert section(text(Client()), "Continue watching") == []


def test_what_anonymous_visitors_began_goes_on_too(client: Client, make_video: Any) -> None:
    video = make_video("Begun")
    client.post(f"/video/{video.video_id}/watch/", {"watch_time": "0.5", "watched_duration": "5"})

    assert section(text(client), "Continue watching") == ["Begun"]


def test_followed_creators_are_named(
    client: Client, ada: Any, make_video: Any, make_user: Any
) -> None:
    makers = [make_user(name) for name in "xyz"]
    for maker in makers:
        make_video(f"By {maker.username}", creator=maker.profile)
    page = text(client)
    assert "Because you follow" not in page

    engagement.follow(ada, makers[0].profile)
    assert section(text(client), "Because you follow x") == ["By x"]
    engagement.follow(ada, makers[1].profile)
    assert section(text(client), "Because you follow y and x") == ["By y", "By x"]
    engagement.follow(ada, makers[2].profile)
    assert section(text(client), "Because you follow z, y and others") == ["By z", "By y", "By x"]


def test_the_last_watched_video_brings_its_like(
    client: Client, ada: Any, make_video: Any, parent_categories: Any
) -> None:
    for number in range(6):
        make_video(f"Jazz {number}", categories=["Jazz"])
    make_video("Bread", categories=["Bread"])
    last = make_video("A jazz evening", categories=["Jazz"])
    engagement.watch(api.viewer(ada), last, portion=0.95, seconds=9)

    found = section(text(client), "Because you watched A jazz evening")

    assert found[:6] == sorted(found[:6], key=found.index)
    assert {title for title in found if title.startswith("Jazz")} == {
        f"Jazz {number}" for number in range(6)
    }
    assert "A jazz evening" not in found


def test_new_follows_an_interest_of_the_visitor(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    for number in range(4):
        make_video(f"Owl {number}", categories=["Birds"])
        make_video(f"Jazz {number}", categories=["Jazz"])
    member = make_user("member", interests=[parent_categories["Nature"]])

    assert section(text(client), "New") == ["Jazz 3", "Owl 3", "Jazz 2", "Owl 2"]
    client.force_login(member)
    assert section(text(client), "New in Nature") == ["Owl 3", "Owl 2"]


def test_editors_give_a_category_and_a_heading(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    for number in range(4):
        make_video(f"Owl {number}", categories=["Birds"])
        make_video(f"Jazz {number}", categories=["Jazz"])
    arrange("new", category=parent_categories["Music"])
    assert section(text(client), "New in Music") == ["Jazz 3", "Jazz 2"]

    arrange("new", category=parent_categories["Music"], heading="Fresh from the band")
    assert section(text(client), "Fresh from the band") == ["Jazz 3", "Jazz 2"]


def test_trending_leaves_out_what_the_visitor_dismissed(
    client: Client, ada: Any, make_video: Any, make_user: Any
) -> None:
    videos = [make_video(f"Video {number}") for number in range(3)]
    for video in videos:
        Watch.objects.create(user=make_user(f"v{video.pk}"), video=video, watch_time=0.9)
    arrange("trending")
    assert len(section(text(client), "Trending")) == 3

    engagement.dismiss(api.viewer(ada), videos[1])
    assert sorted(section(text(client), "Trending")) == ["Video 0", "Video 2"]


def test_dismissed_videos_are_in_no_section(client: Client, ada: Any, make_video: Any) -> None:
    videos = [make_video(f"Video {number}") for number in range(8)]
    engagement.follow(ada, videos[0].creator)
    arrange("following", "new", number=2)
    assert "Video 7" in text(client)

    engagement.dismiss(api.viewer(ada), videos[7])

    assert "Video 7" not in titles(text(client))


def test_a_small_catalogue_leaves_something_to_the_feed(client: Client, make_video: Any) -> None:
    make_video("The only one")

    page = text(client)

    assert section(page, "New") == []
    assert titles(page) == ["The only one"]


def test_the_block_has_a_preview_for_editors(
    client: Client, make_video: Any, django_user_model: Any, make_user: Any
) -> None:
    Watch.objects.create(user=make_user("v"), video=make_video("A walk"), watch_time=0.9)
    client.force_login(django_user_model.objects.create_superuser("root", "r@example.org", "x"))
    block = HomePage.body.field.stream_block.child_blocks["section"]

    page = text(client, f"/admin/block-preview/?id={block.definition_prefix}")

    assert "A walk" in page
    assert "css/finding.css" in page


# --- subjects -------------------------------------------------------------------------------------


def test_chips_are_addresses_that_keep_the_feed_to_a_subject(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    make_video("A jazz evening", categories=["Jazz"])
    make_video("Owls", categories=["Birds"])

    page = text(client, "/?topic=nature")

    assert titles(page) == ["Owls"]
    assert 'href="/?topic=nature" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1
    assert '<link rel="canonical" href="http://testserver/browse/nature/">' in page
    assert "noindex" not in page
    assert 'href="/" aria-current="page"' in text(client)


# --- to the end -----------------------------------------------------------------------------------


def to_the_end(client: Client, address: str, between: Any = lambda page: None) -> list[str]:
    """Follow "Load more" to the end; return every card's title, page by page."""
    found: list[str] = []
    for _ in range(60):
        page = text(client, address)
        found += titles(page)
        between(page)
        if not (further := next_address(page)):
            return found
        address = urljoin(address, further)
    raise AssertionError("the feed does not end")


@pytest.mark.parametrize("address", ["/", "/?topic=music", "/browse/music/"])
def test_load_more_reaches_every_video_once_while_the_visitor_likes(
    address: str, client: Client, ada: Any, make_video: Any, parent_categories: Any
) -> None:
    for number in range(40):
        make_video(f"Video {number}", categories=["Jazz"])
    arrange("new")

    def like_one(page: str) -> None:
        video = VideoPage.objects.get(title=titles(page)[-1])
        engagement.like(ada, video)

    found = to_the_end(client, address, like_one)

    assert len(found) == len(set(found))
    assert set(found) == {f"Video {number}" for number in range(40)}


# --- the cost -------------------------------------------------------------------------------------

PAGES = [
    "/",
    "/?topic=music",
    "/explore/",
    "/explore/trending/",
    "/following/",
    "/browse/music/",
    "/category/jazz/",
    "/search/?q=video",
    "/search/suggest/?q=vid",
    "/video/video-1/why/",
]


@pytest.mark.usefixtures("indexed")
def test_every_page_makes_as_many_queries_for_many_videos_and_a_long_history(
    client: Client, ada: Any, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    arrange("continue", "following", "watched", "new", "trending")
    maker, crowd = make_user("maker"), [make_user(f"crowd-{number}") for number in range(3)]
    engagement.follow(ada, maker.profile)

    def fill(start: int, stop: int, watched: int) -> None:
        videos = [
            make_video(f"Video {number}", categories=["Jazz"]) for number in range(start, stop)
        ]
        for place, video in enumerate(videos):
            for user in crowd:
                Watch.objects.create(user=user, video=video, watch_time=0.9)
            if place < watched:
                engagement.watch(api.viewer(ada), video, portion=0.5, seconds=5)
        cache.clear()

    def counted() -> dict[str, int]:
        found = {}
        for address in PAGES:
            text(client, address)  # fills caches
            with CaptureQueriesContext(connection) as queries:
                text(client, address)
            found[address] = len(queries)
        return found

    fill(0, 24, watched=4)
    few = counted()
    fill(24, 60, watched=20)

    assert counted() == few
    assert max(few.values()) < 80
