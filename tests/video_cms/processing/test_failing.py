"""Steps that fail say why and can be tried again; what the machine cannot do is told."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from video_cms.models import ProcessingStep, VideoMedia
from video_cms.processing import playlists, process, steps
from video_cms.processing.checks import check_storage
from video_cms.processing.pool import Worker
from video_cms.processing.probe import UnusableVideo
from video_cms.tasks import process_video

from .finishing import Make, files_in, finished, made_of

pytestmark = pytest.mark.django_db

Name, State = ProcessingStep.Name, ProcessingStep.State


def test_a_late_step_that_fails_leaves_the_video_and_can_be_tried_again(
    make_media: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = make_media()

    def no_room(*args: Any) -> None:
        raise UnusableVideo("no_space")

    with monkeypatch.context() as patched:
        patched.setitem(process.WORK, Name.STORYBOARD, no_room)
        media = finished(media)
    assert (media.state, media.hls != "", media.storyboard) == (VideoMedia.State.READY, True, "")
    assert "no room" in media.steps.get(name=Name.STORYBOARD).error

    steps.again(media)
    assert finished(media).storyboard


def test_a_disk_that_is_full_is_said_and_leaves_no_file(
    make_media: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    media = make_media()
    with monkeypatch.context() as patched:
        patched.setattr(playlists, "storyboard", full)
        patched.setattr("video_cms.processing.ladder.write", full)
        media = finished(media)
    assert set(media.steps.filter(state=State.FAILED).values_list("name", flat=True)) == {
        Name.STORYBOARD,
        Name.HLS,
    }
    assert all("no room left" in step.error for step in media.steps.filter(state=State.FAILED))
    assert files_in(made_of(media)) == ["video.mp4"]


def test_a_child_that_finds_no_room_says_so(
    make_media: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "video_cms.processing.making.worker", lambda media: Worker(bytes_at_most=10_000)
    )
    media = make_media()
    process_video(media.pk)
    media.refresh_from_db()
    assert "no room left" in media.failure
    assert files_in(made_of(media)) == []


def test_a_storage_without_paths_is_told_at_start(settings: Any) -> None:
    assert check_storage() == []
    elsewhere = {"BACKEND": "django.core.files.storage.Storage"}
    settings.STORAGES = {**settings.STORAGES, "default": elsewhere}
    assert [error.id for error in check_storage()] == ["video_cms.E005"]
