"""Who learns what: every state of a video against every way out of the site."""

from __future__ import annotations

from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client

from .conftest import STATES

pytestmark = pytest.mark.django_db

LISTED = {"public", "premium"}
#: Everybody may play these, with the link.
FREE = {"public", "unlisted"}
FEEDS = [
    f"{path}videos.{ending}"
    for path in ("/", "/browse/music/", "/category/jazz/", "/profile/maker/")
    for ending in ("rss", "atom")
]


def shown(text: str) -> set[str]:
    """Return the states that a text gives away, by title, description or address."""
    return {
        state
        for state in STATES
        if any(trace in text for trace in (f"A {state} ", f"the {state} one", f"id-{state}"))
    }


def files_in(text: str, videos: dict[str, Any]) -> set[str]:
    return {state for state, video in videos.items() if video.media.file.name in text}


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_show_what_is_listed_and_files_everybody_may_play(
    client: Client, videos: dict[str, Any], path: str
) -> None:
    text = client.get(path).content.decode()

    assert shown(text) == LISTED
    assert files_in(text, videos) == {"public"}


def test_sitemaps_show_what_is_listed(client: Client, videos: dict[str, Any]) -> None:
    text = client.get("/sitemap-videos.xml").content.decode()

    assert shown(text) == LISTED
    assert files_in(text, videos) == set()


@pytest.mark.parametrize(
    ("state", "status", "kind"),
    [
        ("public", 200, "video"),
        ("unlisted", 200, "video"),
        ("premium", 200, "link"),
        ("private", 401, None),
        ("restricted", 401, None),
        ("draft", 404, None),
        ("deleted", 404, None),
    ],
)
@pytest.mark.parametrize("format_name", ["json", "xml"])
def test_oembed_answers_by_state(
    client: Client, videos: Any, state: str, status: int, kind: str | None, format_name: str
) -> None:
    address = f"http://testserver/video/id-{state}/"
    answer = client.get("/oembed/", {"url": address, "format": format_name})

    assert answer.status_code == status
    assert answer.cookies == {}
    if kind is None:
        assert f"A {state} video" not in answer.content.decode()
    elif format_name == "json":
        assert answer.json()["type"] == kind
        assert ("html" in answer.json()) == (kind == "video")
    else:
        assert ElementTree.fromstring(answer.content).findtext("type") == kind


@pytest.mark.parametrize("state", STATES)
def test_frames_play_what_everybody_may_play(client: Client, videos: Any, state: str) -> None:
    answer = client.get(f"/embed/id-{state}/")
    page = answer.content.decode()

    assert answer.status_code == (200 if state in FREE | LISTED else 404)
    assert shown(page) <= FREE | LISTED
    assert files_in(page, videos) == FREE & {state}
    assert ("<video" in page) == (state in FREE)


@pytest.mark.parametrize("state", STATES)
def test_heads_tell_what_everybody_may_know(read_head: Any, videos: Any, state: str) -> None:
    head = read_head(f"/video/id-{state}/")

    data = head.data("VideoObject")
    assert (data is not None) == (state in LISTED)
    assert ("contentUrl" in (data or {})) == (state == "public")
    assert (head.one("og:video") is not None) == (state == "public")
    assert head.one("og:title") == (f"A {state} video" if state in FREE | LISTED else None)
    assert bool(head.link("alternate", "application/json+oembed")) == (state in FREE | LISTED)
    if state != "restricted":  # that one leads to signing in
        assert (head.one("robots") == "noindex") == (state not in LISTED)


def test_owners_tell_nobody_of_their_private_videos(
    client: Client, read_head: Any, videos: Any
) -> None:
    client.force_login(videos["private"].creator.user)

    head = read_head("/video/id-private/")
    assert head.one("robots") == "noindex"
    assert head.one("og:title") is None
    assert head.data("VideoObject") is None
    assert "<video" in client.get("/embed/id-private/").content.decode()
    url = "http://testserver/video/id-private/"
    assert client.get("/oembed/", {"url": url}).status_code == 401


def test_what_becomes_private_leaves_on_the_next_request(client: Client, videos: Any) -> None:
    videos["public"].visibility = "private"
    videos["public"].save()

    for path in ("/videos.rss", "/videos.atom", "/sitemap-videos.xml"):
        assert "public" not in shown(client.get(path).content.decode())
    assert client.get("/embed/id-public/").status_code == 404


def test_videos_below_a_restricted_page_leave_too(
    client: Client, videos: Any, site_tree: Any
) -> None:
    from wagtail.models import PageViewRestriction

    PageViewRestriction.objects.create(page=site_tree, restriction_type="login")
    url = "http://testserver/video/id-public/"

    assert shown(client.get("/videos.rss").content.decode()) == set()
    assert shown(client.get("/sitemap-videos.xml").content.decode()) == set()
    assert client.get("/oembed/", {"url": url}).status_code == 401
    assert client.get("/embed/id-public/").status_code == 404
