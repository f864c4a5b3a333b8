"""Watching a video, in a real browser: the player and what stands around it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import eventually
from video_cms.controls import STYLE_HASHES
from video_cms.models import (
    CaptionTrack,
    Like,
    Playlist,
    PlaylistItem,
    Preferences,
    VideoPage,
    Watch,
)

pytestmark = pytest.mark.django_db(transaction=True)

CHAPTERS = "0:00 Dusk\n0:01 The first owl\n0:03 Dawn"
CAPTIONS = """WEBVTT

00:00.000 --> 00:01.000
Listen to the wood

00:01.000 --> 00:02.500
There is the first owl

00:02.500 --> 00:04.000
And this is the morning
"""

#: Every <style> in the page and in its shadow roots.
STYLES = """() => {
    const found = [];
    const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.localName === "style") found.push(element.textContent);
            if (element.shadowRoot) walk(element.shadowRoot);
        }
    };
    walk(document);
    return found;
}"""


@pytest.fixture
def owls(video: VideoPage) -> VideoPage:
    """A video of four seconds that plays, with chapters and captions."""
    VideoPage.objects.update(description=CHAPTERS)
    CaptionTrack.objects.create(video=video, language="en", webvtt=CAPTIONS)
    return video


def now(page: Page) -> float:
    return float(page.evaluate("() => document.querySelector('video').currentTime"))


def is_playing(page: Page) -> bool:
    return bool(page.evaluate("() => !document.querySelector('video').paused"))


def muted(page: Page) -> None:
    """Wait for the controls, and let the video be quiet, as browsers want it."""
    page.wait_for_function("() => document.querySelector('video').readyState > 0")
    page.wait_for_function("() => !document.querySelector('video').controls")
    page.evaluate("() => { document.querySelector('video').muted = true }")


def test_watching_is_a_view_and_goes_on_where_it_stopped(
    visit: Callable[..., Page], owls: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    page = visit("/video/video-1/", ada)
    muted(page)
    expect(page.locator("[data-resume]")).to_have_count(0)

    page.locator("media-controller .big-play").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 2")
    page.keyboard.press("k")
    watch = eventually(page, Watch.objects.filter(watch_time__gt=0.4, position__gt=1).first)
    assert watch is not None, "no report arrived"
    assert eventually(page, lambda: VideoPage.objects.get(pk=owls.pk).views == 1)

    page.reload()
    muted(page)
    page.get_by_role("link", name="Continue at 0:0").click()
    assert eventually(page, lambda: now(page) >= watch.position)
    expect(page.locator("[data-resume]")).to_have_count(0)
    # What is played after the resumed place adds to what was played before it.
    page.wait_for_function("() => document.querySelector('video').ended")
    assert eventually(page, Watch.objects.filter(watch_time__gt=0.9).first)
    assert page.evaluate("() => document.querySelector('video').played.start(0)") > 1.5

    page.reload()
    muted(page)
    expect(page.locator("[data-resume]")).to_have_count(0)


def test_watching_anew_from_the_offer(
    visit: Callable[..., Page], owls: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    Watch.objects.create(
        user=ada, video=owls, watch_time=0.6, watched_duration=2.4, played=[[0, 2.4]], position=2.4
    )
    page = visit("/video/video-1/", ada)
    muted(page)

    page.get_by_role("button", name="From the start").click()
    assert eventually(page, lambda: 0.6 < now(page) < 2)
    page.keyboard.press("k")
    assert eventually(page, Watch.objects.filter(position__lt=2).first)
    assert Watch.objects.get().watched_duration == pytest.approx(2.4, abs=0.01)


def test_keys_rule_the_player_and_keep_silent_in_fields(
    visit: Callable[..., Page], owls: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    page = visit("/video/video-1/", ada)
    muted(page)
    press = page.keyboard.press

    press("k")
    assert eventually(page, lambda: is_playing(page))
    press(" ")
    assert not is_playing(page)
    press("5")
    assert now(page) == pytest.approx(2, abs=0.05)
    press("j")
    assert now(page) == 0
    press("l")
    assert now(page) == pytest.approx(4, abs=0.1)
    press("ArrowLeft")
    assert now(page) == 0
    press("m")
    assert not page.evaluate("() => document.querySelector('video').muted")
    press("c")
    expect(page.locator("media-captions-button")).to_have_attribute("aria-checked", "true")
    press("t")
    expect(page.locator(".watch.theater")).to_have_count(1)
    expect(page.locator("[data-theater]")).to_have_attribute("aria-pressed", "true")

    search = page.locator("#top-q")
    search.focus()
    page.keyboard.type("5tk?")
    expect(search).to_have_value("5tk?")
    assert (now(page), is_playing(page)) == (0, False)
    search.blur()

    press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    press("5")
    assert now(page) == 0, "the sheet is read, the video waits"
    sheet.get_by_role("button", name="Keyboard shortcuts").click()
    assert eventually(page, Preferences.objects.filter(user=ada, shortcuts=False).exists)
    expect(page.locator("#choice-shortcuts")).to_have_attribute("aria-pressed", "false")
    press("Escape")
    expect(sheet).to_be_hidden()
    press("5")
    assert now(page) == 0


def test_moments_are_reached_from_chapters_and_transcript(
    visit: Callable[..., Page], owls: VideoPage
) -> None:
    page = visit("/video/video-1/?t=1")
    muted(page)
    assert eventually(page, lambda: now(page) == pytest.approx(1, abs=0.05))

    page.get_by_role("link", name="Dawn").click()
    assert eventually(page, lambda: now(page) >= 3)
    expect(page.locator(".chapter-list [aria-current]")).to_contain_text("Dawn")
    page.keyboard.press("k")

    page.get_by_text("Transcript", exact=True).click()
    lines = page.locator("#transcript-lines > li")
    expect(lines).to_have_count(3)
    lines.nth(1).get_by_role("link").click()
    assert eventually(page, lambda: 1 <= now(page) < 3)
    page.keyboard.press("k")
    expect(lines.nth(1).get_by_role("link")).to_have_attribute("aria-current", "true")
    page.get_by_label("Search in the transcript").fill("MORNING")
    expect(lines.nth(1)).to_be_hidden()
    expect(lines.nth(2)).to_be_visible()


def test_the_next_video_waits_for_consent_can_be_cancelled_and_is_never_a_repeat(
    visit: Callable[..., Page], owls: VideoPage, make_video: Any, make_user: Any
) -> None:
    make_video("Another walk", media=owls.media)
    page = visit("/video/video-1/")
    muted(page)
    offer = page.locator("[data-next-offer]")
    end = """() => { const v = document.querySelector("video"); v.currentTime = 3.8; v.play() }"""

    page.evaluate(end)
    page.wait_for_function("() => document.querySelector('video').ended")
    expect(offer).to_be_hidden()

    page.get_by_role("button", name="Play the next automatically").click()
    expect(page.locator("#choice-autoplay_next")).to_have_attribute("aria-pressed", "true")
    page.evaluate(end)
    expect(offer).to_be_visible()
    expect(offer).to_contain_text("Another walk")
    offer.get_by_role("button", name="Cancel").click()
    expect(offer).to_be_hidden()

    page.evaluate("() => sessionStorage.setItem('played', '[\"/video/video-2/\"]')")
    page.evaluate(end)
    page.wait_for_function("() => document.querySelector('video').ended")
    expect(page.locator(".next .card-title")).to_have_text("Another walk")
    expect(offer).to_be_hidden()

    page.evaluate("() => sessionStorage.clear()")
    page.evaluate(end)
    offer.get_by_role("button", name="Play now").click()
    page.wait_for_url("**/video/video-2/")
    assert eventually(page, lambda: is_playing(page)), "it was asked for, so it plays"


def test_a_playlist_goes_on_with_its_next_video(
    visit: Callable[..., Page], owls: VideoPage, make_video: Any, make_user: Any
) -> None:
    ada = make_user("ada")
    Preferences.objects.create(user=ada, autoplay_next=True)
    kept = Playlist.objects.create(owner=ada, title="Walks")
    for place, video in enumerate((owls, make_video("Another walk", media=owls.media))):
        PlaylistItem.objects.create(playlist=kept, video=video, position=place)
    page = visit(f"/video/video-1/?list={kept.playlist_id}", ada)
    muted(page)

    page.evaluate("() => { document.querySelector('video').currentTime = 3.8 }")
    page.keyboard.press("k")
    offer = page.locator("[data-next-offer]")
    expect(offer.locator("[data-title]")).to_have_text("Another walk")
    offer.get_by_role("button", name="Play now").click()
    page.wait_for_url(f"**/video/video-2/?list={kept.playlist_id}")


def test_sharing_takes_the_moment_along(visit: Callable[..., Page], owls: VideoPage) -> None:
    page = visit("/video/video-1/")
    muted(page)
    page.keyboard.press("5")

    page.get_by_text("Share", exact=True).click()
    page.get_by_label("Start at 0:02").check()

    expect(page.get_by_label("Link")).to_have_value(f"{page.url}?t=2")
    embed = page.get_by_label("Embed").input_value()
    assert "/embed/video-1/?start=2&quot;" in embed or '/embed/video-1/?start=2"' in embed
    page.get_by_label("Start at 0:02").uncheck()
    expect(page.get_by_label("Link")).to_have_value(page.url)


def test_the_page_works_without_javascript(
    visit: Callable[..., Page], owls: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    Watch.objects.create(
        user=ada, video=owls, watch_time=0.6, watched_duration=2.4, played=[[0, 2.4]], position=2.4
    )
    page = visit("/video/video-1/", ada, java_script_enabled=False)

    expect(page.locator("video[controls]")).to_be_visible()
    expect(page.get_by_role("link", name="Continue at 0:02")).to_have_attribute(
        "href", "/video/video-1/?t=2"
    )
    page.get_by_text("Transcript", exact=True).click()
    page.get_by_role("link", name="Read the transcript").click()
    page.get_by_role("link", name="There is the first owl").click()
    assert page.url.endswith("/video/video-1/?t=1")
    page.locator("#like").click()
    expect(page.locator("#like")).to_have_attribute("aria-pressed", "true")
    assert Like.objects.count() == 1
    page.locator("#choice-autoplay_next").click()
    expect(page.locator("#choice-autoplay_next")).to_have_attribute("aria-pressed", "true")


def test_the_controls_speak_the_pages_language(
    visit: Callable[..., Page], owls: VideoPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = {"play": "abspielen", "Play": "Abspielen", "seek": "springen", "Pause": "Anhalten"}
    german |= {"of": "von", "seconds": "Sekunden", "Playback rate": "Tempo"}
    monkeypatch.setattr("video_cms.controls.words", lambda: german)
    page = visit("/video/video-1/")
    muted(page)

    expect(page.locator(".controls media-play-button")).to_have_attribute("aria-label", "abspielen")
    expect(page.locator("media-playback-rate-button")).to_have_attribute("aria-label", "Tempo 1x")
    slider = page.get_by_role("slider", name="springen")
    expect(slider).to_have_attribute("aria-valuetext", "0 Sekunden von 4 Sekunden")


def test_the_policy_allows_exactly_the_controls_styles(
    visit: Callable[..., Page], owls: VideoPage
) -> None:
    page = visit("/video/video-1/")
    muted(page)
    visit("/embed/video-1/")

    digests = {hashlib.sha256(text.encode()).digest() for text in page.evaluate(STYLES)}
    found = {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}

    assert sorted(found) == sorted(STYLE_HASHES), "media-chrome has other styles now"
