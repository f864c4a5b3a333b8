"""Steps of the work on a film: one after the other, each done once, what is done is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests import films
from video_cms.models import ProcessingStep, VideoMedia
from video_cms.processing import folders, process
from video_cms.tasks import finish_video, process_video

from .finishing import Make, files_in, finished, made_of

pytestmark = pytest.mark.django_db

Name, State = ProcessingStep.Name, ProcessingStep.State


def test_a_film_gets_all_that_is_made_of_it(make_media: Make) -> None:
    media = finished(make_media())
    assert set(media.steps.values_list("state", flat=True)) == {State.DONE}
    files = ["90.m3u8", "90.mp4", "master.m3u8", "storyboard.jpg", "storyboard.vtt", "video.mp4"]
    assert files_in(made_of(media)) == files
    assert not [path for path in made_of(media).iterdir() if path.name.startswith(".")]
    assert 1 <= media.frames.count() <= 3
    assert media.play_name == media.mp4


def test_words_about_the_place_are_not_given_to_viewers(make_media: Make, drawn: Path) -> None:
    assert b"at home" in drawn.read_bytes()
    media = finished(make_media())
    for path in made_of(media).rglob("*.mp4"):
        assert b"at home" not in path.read_bytes()


def test_a_film_can_be_watched_before_all_is_done_and_others_get_their_turn(
    make_media: Make, queue: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    media = make_media()
    with django_capture_on_commit_callbacks(execute=True):
        process_video(media.pk)
    media.refresh_from_db()
    assert (media.state, media.mp4 != "", media.hls) == (VideoMedia.State.READY, True, "")
    assert queue == [(("video_cms.tasks.finish_video", media.pk), {"cluster": "processing"})]

    rounds = 0
    while queue:
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            finish_video(media.pk)
        rounds += 1
    assert rounds == 3, "frames, storyboard and one size, each in a task of its own"


def test_a_size_that_is_done_is_kept_when_the_next_one_is_lost(
    make_media: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = make_media(films.draw(tmp_path / "film.mp4", size=(480, 320), seconds=1, flash=0.5))
    process_video(media.pk)
    media.refresh_from_db()
    media.steps.filter(name__in=[Name.FRAMES, Name.STORYBOARD]).update(state=State.DONE)
    assert process.finish_media(media)
    hidden = made_of(media) / ".hls"
    first = (hidden / "240.mp4").stat().st_mtime_ns
    (hidden / "320.mp4").write_bytes(b"half of it")  # what a killed worker leaves

    assert not process.finish_media(media)
    master = folders.path_in_storage(media, media.hls)
    assert files_in(master.parent) == [
        "240.m3u8",
        "240.mp4",
        "320.m3u8",
        "320.mp4",
        "master.m3u8",
    ]
    assert (master.parent / "240.mp4").stat().st_mtime_ns == first


def test_what_was_imported_is_made_when_somebody_asks(make_media: Make) -> None:
    media = make_media()
    assert process.process_pending() == 1
    media.refresh_from_db()
    assert (media.state, media.mp4) == (VideoMedia.State.READY, ""), "it plays as it is"
    call_command("process_videos", verbosity=0)
    media.refresh_from_db()
    assert media.hls
    master = folders.path_in_storage(media, media.hls)
    call_command("process_videos", verbosity=0)
    assert master.exists()
    assert VideoMedia.objects.get().hls == media.hls, "nothing is missing"

    call_command("process_videos", "--redo", verbosity=0)
    assert VideoMedia.objects.get().hls != media.hls
