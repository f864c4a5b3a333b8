"""What is made of a film goes with it: deleted, replaced, also in the middle of the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files import File

from video_cms import erasure
from video_cms.models import Picture, ProcessingStep, VideoFrame, VideoMedia
from video_cms.processing import folders, process
from video_cms.tasks import process_video

from .finishing import Make, finished, made_of

pytestmark = pytest.mark.django_db

Name = ProcessingStep.Name


@pytest.mark.parametrize(("gone", "first"), [("deleted", True), ("replaced", False)])
def test_a_file_that_goes_during_the_work_leaves_nothing(
    make_media: Make,
    drawn: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    gone: str,
    first: bool,
) -> None:
    media = make_media()
    process_video(media.pk)
    media.refresh_from_db()
    folder = made_of(media)
    storyboard = process.WORK[Name.STORYBOARD]

    def go() -> None:
        current = VideoMedia.objects.get(pk=media.pk)
        with django_capture_on_commit_callbacks(execute=True), drawn.open("rb") as file:
            current.delete() if gone == "deleted" else current.file.save("new.mp4", File(file))
        assert not folder.exists()

    def meanwhile(held: VideoMedia, tell: Any) -> Any:
        if first:
            folders.folder_of(held)
            go()
            with folders.workplace(held, Name.STORYBOARD):
                tell(0.5)
        keep = storyboard(held, tell)
        go()
        return keep

    monkeypatch.setitem(process.WORK, Name.STORYBOARD, meanwhile)
    assert not process.one_step(VideoMedia.objects.get(), [Name.STORYBOARD])
    assert not folder.exists()


def test_deleting_a_video_takes_all_that_was_made_along(
    make_media: Make, make_video: Any, django_capture_on_commit_callbacks: Any
) -> None:
    media = finished(make_media())
    page = make_video("A walk", media=media)
    folder = made_of(media)
    pictures = [Path(picture.file.path) for picture in Picture.objects.all()]
    assert len(pictures) >= 2
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_videos([page])
    assert not folder.exists()
    assert not Picture.objects.exists()
    assert not any(path.exists() for path in pictures)
    assert not ProcessingStep.objects.exists()
    assert not VideoFrame.objects.exists()


def test_another_file_takes_the_place_of_all_that_was_made(
    make_media: Make, make_video: Any, drawn: Path, django_capture_on_commit_callbacks: Any
) -> None:
    media = finished(make_media())
    chosen = media.frames.first()
    assert chosen is not None
    page = make_video("A walk", media=media, thumbnail=chosen.picture)
    folder = made_of(media)
    with django_capture_on_commit_callbacks(execute=True), drawn.open("rb") as file:
        media.file.save("other.mp4", File(file))
    media.refresh_from_db()
    assert (media.state, media.mp4, media.hls, media.folder) == ("new", "", "", None)
    assert not folder.exists()
    assert not media.frames.exists()
    page.refresh_from_db()
    assert page.thumbnail_id == chosen.picture_id, "what a creator chose stays"
    assert finished(media).hls
