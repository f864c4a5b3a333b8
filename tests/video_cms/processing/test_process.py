"""From a file in the media library to its measures and poster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from video_cms.models import Picture, VideoMedia
from video_cms.processing import process
from video_cms.processing.process import process_media, process_pending
from video_cms.processing.receivers import connect
from video_cms.tasks import process_video

pytestmark = pytest.mark.django_db

State = VideoMedia.State


@pytest.fixture(autouse=True)
def connected(db: None, django_capture_on_commit_callbacks: Any) -> None:
    connect()


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    tasks: list[tuple[Any, ...]] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *args, **kwargs: tasks.append(args))
    return tasks


@pytest.fixture
def make_media(clips: Path) -> Callable[..., VideoMedia]:
    def make(name: str = "sign-again.mkv", data: bytes | None = None) -> VideoMedia:
        data = (clips / name).read_bytes() if data is None else data
        return VideoMedia.objects.create(
            title=name, type="video", file=ContentFile(data, name=f"x{Path(name).suffix}")
        )

    return make


def test_a_good_file_gets_its_measures_and_a_poster(make_media: Callable[..., VideoMedia]) -> None:
    media = make_media()
    process_media(media)
    media.refresh_from_db()
    assert (media.state, media.failure) == (State.READY, "")
    assert (media.duration, media.width, media.height, media.codec) == (2.6, 640, 480, "h264")
    assert media.poster is not None
    assert (media.poster.width, media.poster.height) == (640, 480)
    assert media.poster.collection.name == "Video posters"


def test_a_bad_file_says_why_in_words(make_media: Callable[..., VideoMedia]) -> None:
    media = make_media("page.mp4", b"<html>")
    process_media(media)
    media.refresh_from_db()
    assert media.state == State.FAILED
    assert media.failure.startswith("This is not a video file")
    assert media.poster is None


def test_a_file_that_is_gone_fails(make_media: Callable[..., VideoMedia]) -> None:
    media = make_media()
    media.file.storage.delete(media.file.name)
    process_media(media)
    assert media.state == State.FAILED


def test_processing_twice_looks_once(
    make_media: Callable[..., VideoMedia], monkeypatch: pytest.MonkeyPatch
) -> None:
    media = make_media()
    process_video(media.pk)
    poster = VideoMedia.objects.get().poster_id
    monkeypatch.setattr(process, "look", lambda *args: pytest.fail("looked again"))
    process_video(media.pk)
    assert VideoMedia.objects.get().poster_id == poster
    assert Picture.objects.count() == 1


def test_two_tasks_at_once_leave_one_poster(make_media: Callable[..., VideoMedia]) -> None:
    media = make_media()
    late = VideoMedia.objects.get()
    process_media(media)
    process_media(late)
    assert Picture.objects.count() == 1


def test_a_task_for_a_deleted_file_does_nothing() -> None:
    process_video(12345)


def test_pending_files_are_looked_at_together(
    make_media: Callable[..., VideoMedia],
    queue: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    """What browsers play stays as it is, and what they do not is made playable by the queue."""
    names = ["bottle-detection.mp4", "sign-bird.mkv", "sign-walk.mkv"]
    for name in names:
        make_media(name)
    make_media("bad.mp4", b"nothing")
    seen: list[str] = []
    with django_capture_on_commit_callbacks(execute=True):
        assert process_pending(progress=lambda media: seen.append(media.title)) == 4
    assert sorted(seen) == sorted([*names, "bad.mp4"])
    states = dict(VideoMedia.objects.values_list("title", "state"))
    waiting = dict.fromkeys(names[1:], State.NEW)
    assert states == {names[0]: State.READY, **waiting, "bad.mp4": State.FAILED}
    assert process_pending() == 0

    for _, media_id in queue:
        process_video(media_id)
    assert VideoMedia.objects.filter(state=State.READY).count() == 3


def test_a_new_file_is_queued_after_the_commit(
    make_media: Callable[..., VideoMedia],
    queue: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        media = make_media()
        assert queue == []
    assert queue == [("video_cms.tasks.process_video", media.pk)]


def test_a_change_of_the_title_queues_nothing(
    make_media: Callable[..., VideoMedia],
    queue: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    process_media(make_media())
    media = VideoMedia.objects.get()
    media.title = "Another"
    with django_capture_on_commit_callbacks(execute=True):
        media.save()
    assert queue == []
    assert VideoMedia.objects.get().state == State.READY


def test_an_editor_replaces_a_file_and_it_is_looked_at_again(
    make_media: Callable[..., VideoMedia],
    make_user: Any,
    client: Any,
    clips: Path,
    queue: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    media = make_media()
    process_media(media)
    old_poster = media.poster_id
    client.force_login(make_user("boss", is_superuser=True))
    upload = SimpleUploadedFile(
        Path(media.file.name).name, (clips / "sign-walk.mkv").read_bytes(), "video/x-matroska"
    )
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            reverse("wagtailmedia:edit", args=[media.pk]),
            {"title": "Walk", "file": upload, "collection": media.collection_id},
        )
    assert response.status_code == 302
    media = VideoMedia.objects.get()
    assert media.state == State.NEW
    assert queue == [("video_cms.tasks.process_video", media.pk)]

    process_video(media.pk)
    media.refresh_from_db()
    assert (media.state, media.duration) == (State.READY, 2.966)
    assert media.poster_id != old_poster
    assert Picture.objects.count() == 1


def test_a_file_replaced_meanwhile_keeps_its_state(make_media: Callable[..., VideoMedia]) -> None:
    media = make_media()
    VideoMedia.objects.update(file="media/another.mkv")
    process_media(media)
    assert VideoMedia.objects.get().state == State.NEW
    assert not Picture.objects.exists()
