"""The caption editor with a player beside it: what its buttons do, by mouse and by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from video_cms.models import CaptionTrack

pytestmark = pytest.mark.django_db(transaction=True)

OWLS = (
    "WEBVTT\n\n00:00.000 --> 00:02.000\nDusk comes slowly. The owl wakes.\n\n"
    "00:02.500 --> 00:03.500\nIt calls."
)


@pytest.fixture
def track(make_video: Any, make_user: Any, clip: Path) -> CaptionTrack:
    """English captions of two lines, of a video of Ada's that plays for four seconds."""
    video = make_video("A walk", creator=make_user("ada").profile)
    video.media.duration = 4
    video.media.save()
    shutil.copy(clip, video.media.file.path)
    return CaptionTrack.objects.create(video=video, language="en", webvtt=OWLS)


def words(page: Page) -> list[str]:
    return [box.input_value() for box in page.get_by_label("Words").all()]


def times(page: Page) -> list[tuple[str, str]]:
    starts, ends = page.get_by_label("Starts at").all(), page.get_by_label("Ends at").all()
    return [(a.input_value(), b.input_value()) for a, b in zip(starts, ends, strict=True)]


def test_lines_are_timed_parted_joined_and_kept(
    visit: Callable[..., Page], track: CaptionTrack
) -> None:
    video = track.video
    page = visit(f"/studio/{video.video_id}/captions/en/lines/", video.creator.user)
    rows, film = page.locator(".caption-row"), page.locator("#caption-film")
    page.wait_for_function("() => document.getElementById('caption-film').readyState > 1")

    rows.nth(1).get_by_role("button", name="Play from here").click()
    page.wait_for_function("() => document.getElementById('caption-film').currentTime > 2.6")
    expect(rows.nth(1)).to_have_class("caption-row spoken")
    film.evaluate("film => { film.pause(); film.currentTime = 1.25 }")
    expect(rows.nth(0)).to_have_class("caption-row spoken")

    # By keyboard: one parts the line where caret and player are, and goes on in its words.
    rows.nth(0).get_by_label("Words").focus()
    page.keyboard.press("Home")
    for _ in "Dusk comes slowly.":
        page.keyboard.press("ArrowRight")
    rows.nth(0).get_by_role("button", name="Split this line").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    assert words(page) == ["Dusk comes slowly.", "The owl wakes.", "It calls."]
    assert times(page)[:2] == [("0:00.000", "0:01.250"), ("0:01.250", "0:02.000")]
    expect(rows.nth(0).get_by_label("Words")).to_be_focused()

    rows.nth(1).get_by_role("button", name="Join with the next line").press("Space")
    expect(rows).to_have_count(2)
    assert words(page)[1].split() == ["The", "owl", "wakes.", "It", "calls."]
    film.evaluate("film => { film.currentTime = 3.8 }")
    rows.nth(1).get_by_role("button", name="Ends at: use the player's time").press("Enter")
    assert times(page)[1] == ("0:01.250", "0:03.800")

    rows.nth(1).get_by_role("button", name="Add a line below").click()
    expect(rows).to_have_count(3)
    rows.nth(2).get_by_role("button", name="Remove this line").click()
    expect(rows).to_have_count(2)
    track.refresh_from_db()
    assert track.webvtt == OWLS, "nothing is saved until it is asked for"

    rows.nth(1).get_by_label("Words").press("Control+End")
    page.keyboard.type(" Twice.")
    with page.expect_navigation():
        rows.nth(0).get_by_label("Starts at").press("Enter")
    kept = CaptionTrack.objects.get().webvtt.split()
    assert kept[-6:] == ["The", "owl", "wakes.", "It", "calls.", "Twice."]
    assert "00:00:01.250 --> 00:00:03.800" in CaptionTrack.objects.get().webvtt


def test_who_leaves_with_lines_unsaved_is_asked(
    visit: Callable[..., Page], track: CaptionTrack
) -> None:
    page = visit(f"/studio/{track.video.video_id}/captions/en/lines/", track.video.creator.user)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Words").first.press_sequentially("!")
    page.reload()
    assert asked == ["beforeunload"]
    page.reload()
    assert asked == ["beforeunload"], "nothing was typed since"
