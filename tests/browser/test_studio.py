"""A creator sends a film and a stranger watches it, with and without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support import eventually
from video_cms.models import Upload, VideoMedia, VideoPage
from video_cms.tasks import process_video
from video_cms.uploads import receiving

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


def test_a_film_arrives_whole_over_a_connection_that_breaks_twice(
    visit: Callable[..., Page],
    clip: Path,
    tmp_path: Path,
    make_user: Any,
    site_tree: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first time within the film, then after its last byte: nothing is sent twice or lost."""
    film = tmp_path / "Cars in a street.mp4"
    padding = os.urandom(3_000_000)
    film.write_bytes(clip.read_bytes() + (len(padding) + 8).to_bytes(4, "big") + b"free" + padding)
    page = visit("/upload/", make_user("ada"))
    pieces: list[int] = []
    really = receiving.finish

    def cut(route: Route) -> None:
        if route.request.method == "PATCH":
            pieces.append(int(route.request.headers["upload-offset"]))
        if len(pieces) == 2 and route.request.method == "PATCH":
            route.abort("connectionreset")
        else:
            route.continue_()

    def unheard(upload: Upload) -> None:
        monkeypatch.setattr(receiving, "finish", really)
        really(upload)
        raise OSError("the answer is lost")

    monkeypatch.setattr(receiving, "finish", unheard)
    page.route("**/upload/parts/**", cut)
    page.get_by_label("Description").press_sequentially("All kinds")
    page.get_by_label("Video file").set_input_files(film)
    sent = page.get_by_role("list", name="Files that are being sent")
    expect(sent.get_by_text("No connection").first).to_be_visible()
    expect(sent.get_by_text("The file has arrived.").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()

    video = VideoPage.objects.get()
    kept = Path(video.new_media.file.path).read_bytes()
    assert sha256(kept).hexdigest() == sha256(film.read_bytes()).hexdigest()
    assert pieces == [0, 1 << 20, 1 << 20], "it went on where it stopped"
    expect(page).to_have_url(f"/studio/{video.video_id}/")
    page.reload()
    expect(page.get_by_label("Description")).to_have_value("All kinds")
