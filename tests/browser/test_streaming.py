"""A film in several sizes, watched in a real browser: by HLS, and by the one file without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from playwright.sync_api import Page, expect

from tests import films
from tests.support import eventually
from video_cms.models import VideoMedia, VideoPage
from video_cms.processing.process import finish_media
from video_cms.tasks import process_video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def film(make_video: Any, tmp_path: Path) -> VideoPage:
    """A public video of twelve seconds, with all that processing makes of it."""
    drawn = films.draw(tmp_path / "walk.mp4", size=(640, 360), seconds=12, rate=10)
    media = VideoMedia(title="A walk", type="video", duration=0)
    with drawn.open("rb") as file:
        media.file.save("walk.mp4", File(file))
    process_video(media.pk)
    media.refresh_from_db()
    while finish_media(media):
        pass
    assert media.hls
    page: VideoPage = make_video("A walk", media=media)
    return page


def play_and_seek(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('video').controls")
    page.evaluate("() => { document.querySelector('video').muted = true }")
    page.locator("media-controller .big-play").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.4")
    page.evaluate("() => { document.querySelector('video').currentTime = 9 }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 9.3")


def test_a_film_is_watched_by_hls_in_the_size_one_chooses(
    visit: Callable[..., Page], film: VideoPage
) -> None:
    page = visit("/video/video-1/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    play_and_seek(page)

    assert page.evaluate("() => document.querySelector('video').src").startswith("blob:")
    assert any(url.endswith("/master.m3u8") for url in asked)
    assert any("hls.light" in url for url in asked)
    for size, file in ((0, "240.mp4"), (1, "360.mp4")):
        asked.clear()
        page.evaluate("() => { document.querySelector('video').currentTime = 0 }")
        page.get_by_label("Quality").select_option(str(size))
        assert eventually(page, lambda: any(url.endswith(file) for url in asked))  # noqa: B023
    length = "() => document.querySelector('video').duration"
    assert page.evaluate(length) == pytest.approx(12, abs=0.1)

    page.locator("media-time-range").hover()
    thumbnail = page.locator("media-controller[mediapreviewimage*='storyboard.jpg']")
    expect(thumbnail).to_have_count(1)


def test_where_streaming_fails_the_one_file_plays(
    visit: Callable[..., Page], film: VideoPage
) -> None:
    (Path(film.media.file.storage.path(film.media.hls)).parent / "master.m3u8").write_text("?")
    page = visit("/video/video-1/")
    play_and_seek(page)
    assert "video.mp4" in page.evaluate("() => document.querySelector('video').currentSrc")
