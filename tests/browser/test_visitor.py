"""A visitor's way through the site, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from recommendations_plugin.models import Impression
from tests.support import eventually
from video_cms.models import Like, Watch

pytestmark = pytest.mark.django_db(transaction=True)


def test_playing_reports_what_was_played_and_no_more(
    visit: Callable[..., Page], video: Any, make_user: Any
) -> None:
    ada = make_user("ada")
    page = visit("/video/video-1/", ada)

    # A second from the start, then a jump near the end: the part between was not watched.
    page.evaluate(
        """async () => {
            const video = document.querySelector("video");
            video.muted = true;
            const until = (seconds) => new Promise((done) => {
                video.ontimeupdate = () => video.currentTime >= seconds && done();
            });
            await video.play();
            await until(1);
            video.currentTime = 3;
            await until(3.3);
            video.pause();
        }"""
    )

    row = eventually(page, Watch.objects.filter(user=ada).first)
    assert row is not None, "no report arrived"
    assert 1 <= row.watched_duration < 2.5
    assert row.watch_time == pytest.approx(row.watched_duration / 4, abs=0.05)


def test_leaving_the_page_reports_at_once(
    visit: Callable[..., Page], video: Any, make_user: Any
) -> None:
    page = visit("/video/video-1/")
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play() }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 1")

    page.goto("/explore/")

    row = eventually(page, Watch.objects.first)
    assert row is not None
    assert row.user is None
    assert row.session
    assert row.watch_time > 0.2


def test_like_changes_in_place(visit: Callable[..., Page], video: Any, make_user: Any) -> None:
    page = visit("/video/video-1/", make_user("ada"))
    page.evaluate("() => { window.stayed = true }")
    button = page.locator("#like")

    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    assert Like.objects.count() == 1
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("() => window.stayed"), "the page was loaded anew"


def test_like_works_without_javascript(
    visit: Callable[..., Page], video: Any, make_user: Any
) -> None:
    page = visit("/video/video-1/", make_user("ada"), java_script_enabled=False)

    page.locator("#like").click()

    expect(page.locator("#like")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("/video/video-1/")


def test_cards_are_reached_by_keyboard(visit: Callable[..., Page], make_video: Any) -> None:
    make_video("A walk")
    page = visit("/")

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.textContent.trim()"))

    assert "A walk" in reached
    assert "maker" in reached
    assert any(text.startswith("What to do with") for text in reached)


def test_the_colour_scheme_follows_the_system_until_chosen(
    visit: Callable[..., Page], site_tree: Any
) -> None:
    page = visit("/explore/", color_scheme="dark")
    background = "() => getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)

    page.get_by_role("button", name="Dark colours").click()
    light = page.evaluate(background)
    page.reload()

    assert dark != light
    assert page.evaluate(background) == light


def test_only_cards_that_were_really_in_view_are_reported_and_the_followed_one(
    visit: Callable[..., Page], make_video: Any, make_user: Any
) -> None:
    for number in range(12):
        make_video(f"Video {number}")
    page = visit("/feed/", make_user("ada"))
    page.set_viewport_size({"width": 420, "height": 700})
    cards = page.locator("[data-recommendation]")
    expect(cards).to_have_count(12)
    page.wait_for_timeout(1500)  # a second in view, and a little

    page.locator(".card-title a").first.click()

    first = eventually(page, Impression.objects.filter(followed_at__isnull=False).first)
    assert first is not None, "no report arrived"
    assert (first.position, first.placement) == (1, "home")
    assert 1 <= Impression.objects.count() < 8
