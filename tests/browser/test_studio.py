"""A creator sends a film and a stranger watches it, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support import eventually
from video_cms.models import VideoMedia, VideoPage
from video_cms.tasks import process_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_film_is_sent_looked_at_and_watched(
    visit: Callable[..., Page],
    clip: Path,
    make_user: Any,
    site_tree: Any,
    parent_categories: Any,
    javascript: bool,
) -> None:
    page = visit("/studio/", make_user("ada"), java_script_enabled=javascript)
    page.locator("main").get_by_role("link", name="Upload a video").first.click()

    page.get_by_label("Title").fill("Owls at night")
    page.get_by_label("Video file").set_input_files(clip)
    page.get_by_label("Categories").select_option("birds")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Your file is being looked at")).to_be_visible()
    process_video(VideoMedia.objects.get().pk)
    if not javascript:
        page.reload()
    page.get_by_role("link", name="Watch").click(timeout=15_000)

    video = VideoPage.objects.get()
    expect(page).to_have_url(f"/video/{video.video_id}/")
    expect(page.get_by_role("heading", name="Owls at night", level=1)).to_be_visible()
    if javascript:
        playing = "() => document.querySelector('video').currentTime > 0.5"
        page.evaluate(
            "() => { const v = document.querySelector('video'); v.muted = true; v.play() }"
        )
        assert eventually(page, lambda: page.evaluate(playing))
