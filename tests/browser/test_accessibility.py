"""Every page in every theme, light and dark, held against axe-core: no violation of any impact.

None is wider than a phone either.

The pages come from the site's list of addresses, so that a new one is looked at by itself. Each is
asked once about everything; where another theme draws it of the same elements, and in the dark,
about what a style sheet can change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import APIRequestContext, Page
from wagtail.models import Site

from video_cms import urls
from video_cms.models import (
    CaptionTrack,
    Comment,
    Follow,
    Like,
    LookSettings,
    Notice,
    Playlist,
    PlaylistItem,
    Watch,
)
from video_cms.themes.catalogue import all_themes

pytestmark = pytest.mark.django_db(transaction=True)

#: The rules that a colour scheme can change, and those that a style sheet can.
COLOURS = ["color-contrast", "link-in-text-block"]
LOOKS = [*COLOURS, "scrollable-region-focusable", "target-size"]
#: As the button for it does; then lets the colours arrive.
CHOOSE = """(scheme) => new Promise((done) => {
    document.documentElement.dataset.scheme = scheme;
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
#: Addresses of accounts, which allauth lists.
ACCOUNTS = ("login", "signup", "reset_password", "email", "change_password", "logout")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def addresses(**arguments: Any) -> Iterator[str]:
    """Return the addresses that take exactly these arguments."""
    for pattern in urls.urlpatterns:
        converters = getattr(pattern.pattern, "converters", {})
        if getattr(pattern, "name", None) and set(converters) == set(arguments):
            try:
                yield reverse(pattern.name, kwargs=arguments)
            except NoReverseMatch:
                continue


@pytest.fixture
def populated(make_video: Any, make_user: Any, parent_categories: Any) -> Any:
    """A site with something on every page, and a viewer who has done a little of everything."""
    ada = make_user("ada", interests=[parent_categories["Nature"]])
    others = [make_user(name) for name in ("bruno", "chiara")]
    videos = [
        make_video(
            f"Owls at night, part {number}",
            categories=["Birds", "Jazz"],
            description="0:00 Dusk\n0:03 The first owl\n0:06 Dawn\n\nMore at https://example.org/",
        )
        for number in range(1, 7)
    ]
    own = make_video("A film of one's own", creator=ada.profile, video_id="own")
    video = videos[0]
    for film, language in ((video, "en"), (video, "de"), (own, "en")):
        text = "WEBVTT\n\n00:01.000 --> 00:04.000\nListen"
        CaptionTrack.objects.create(video=film, language=language, webvtt=text)
    first = Comment.objects.create(video=video, author=others[0], text="At 0:04 it blinks.")
    for entry in videos[:2]:
        Notice.objects.create(user=ada, video=entry, kind="video")
    Comment.objects.create(video=video, author=ada, parent=first, text="So it does.")
    Comment.objects.create(video=video, author=others[1], text="Lovely.", pinned=True, likes=3)
    Watch.objects.create(user=ada, video=video, watch_time=0.5, position=5)
    Like.objects.create(user=ada, video=video)
    for user in (ada, *others):
        Follow.objects.create(user=user, creator=video.creator)
    for kind in ("list", "later"):
        playlist = Playlist.objects.create(
            owner=ada, kind=kind, title=f"Kept: {kind}", visibility="public"
        )
        for place, entry in enumerate(videos[:3]):
            PlaylistItem.objects.create(playlist=playlist, video=entry, position=place)
    return ada


def pages() -> list[str]:
    """Return the addresses of the pages, for a viewer who is signed in."""
    playlist = Playlist.objects.get(kind="list")
    return [
        "/",
        "/video/",
        "/video/video-1/",
        "/nothing/",
        "/search/?q=owls",
        *(reverse(f"account_{name}") for name in ACCOUNTS),
        *addresses(),
        *addresses(slug="nature"),
        *addresses(video_id="video-1"),
        *(address for address in addresses(video_id="own") if address.startswith("/studio/")),
        *addresses(video_id="own", language="en"),
        *addresses(comment_id=Comment.objects.earliest("pk").pk),
        *addresses(username="maker"),
        *addresses(username="ada"),
        *addresses(playlist_id=playlist.playlist_id),
    ]


def found_pages(html: APIRequestContext) -> Iterator[tuple[str, str]]:
    """Yield each page once: its address, and of what elements its body is made."""
    seen = set()
    for address in dict.fromkeys(pages()):
        answer = html.get(address, max_redirects=5)
        if "text/html" not in answer.headers.get("content-type", "") or answer.status == 405:
            continue
        url = urlsplit(answer.url)
        # Whatever is missing or for members leads to the same page.
        place = "missing" if answer.status == 404 else answer.url
        place = url.path if "next=" in url.query else place
        _, body, text = answer.text().partition("<body")
        if place in seen or url.path.startswith("/admin/") or not body:
            continue  # seen, not the visitor's, or a part of a page
        seen.add(place)
        yield answer.url, " ".join(re.findall(r"</?[\w-]+", text))


def findings(page: Page, where: str, rules: list[str] | None = None) -> list[str]:
    """Return what axe, which is on the page, finds wrong; all rules unless some are given."""
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = []
    for violation in page.evaluate("(options) => axe.run(options)", options)["violations"]:
        nodes = "; ".join(
            node["html"][:120] + node["failureSummary"][-160:] for node in violation["nodes"][:3]
        )
        found.append(f"{where}: {violation['id']} ({violation['impact']}): {nodes}")
    return found


@pytest.mark.parametrize("viewer", ["anonymous", "signed in"])
def test_no_page_has_a_violation(visit: Callable[..., Page], populated: Any, viewer: str) -> None:
    look = LookSettings.objects.create(site=Site.objects.get())
    user = populated if viewer == "signed in" else None
    page = visit("/explore/", user, viewport=PHONE if user else DESKTOP, reduced_motion="reduce")
    axe, found, asked = Axe().axe_script, [], set()
    for look.theme in sorted(all_themes(), key=lambda slug: slug != "grid"):
        look.save()
        for address, elements in found_pages(page.context.request):
            where = f"{address} in {look.theme}"
            page.goto(address)
            page.evaluate(axe)
            if page.evaluate(OVERFLOWS):
                found.append(f"{where}: wider than the screen")
            page.evaluate(CHOOSE, "light")
            found += findings(page, where, LOOKS if (address, elements) in asked else None)
            page.evaluate(CHOOSE, "dark")
            found += findings(page, f"{where}, dark", COLOURS)
            asked.add((address, elements))
    assert len(asked) > (40 if user else 10)
    assert found == []
