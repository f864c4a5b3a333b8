"""Workers that die or come too late: another goes on, and nothing is made twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from django.utils import timezone

from tests import films
from video_cms.models import ProcessingStep, VideoMedia
from video_cms.processing import folders, process, steps
from video_cms.processing.probe import UnusableVideo
from video_cms.tasks import process_video, resume_processing

from .finishing import Make, files_in, finished, made_of

pytestmark = pytest.mark.django_db

Name, State = ProcessingStep.Name, ProcessingStep.State


def test_a_film_whose_first_task_was_lost_is_taken_up_once(make_media: Make) -> None:
    media = make_media()
    assert steps.claim_stale() == []
    VideoMedia.objects.update(created_at=timezone.now() - steps.WAIT)
    assert steps.claim_stale() == [media.pk]
    assert steps.claim_stale() == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_leaves_no_trace_and_another_goes_on(
    make_media: Make, tmp_path: Path
) -> None:
    slow = films.draw(tmp_path / "slow.mkv", size=(960, 540), seconds=4, video="mpeg4")
    media = make_media(slow)
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=process_video, args=[media.pk])
    worker.start()
    running = media.steps.filter(name=Name.MP4, state=State.RUNNING)
    deadline = time.monotonic() + 30
    children: list[psutil.Process] = []
    while not (children and running.exists()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
        children = psutil.Process(worker.pid).children(recursive=True)
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, "who encodes ends with who asked for it"

    process_video(media.pk)
    assert running.exists(), "the lease still runs"
    media.steps.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert steps.claim_stale() == [media.pk]
    process_video(media.pk)
    media.refresh_from_db()
    assert media.state == VideoMedia.State.READY
    assert media.steps.get(name=Name.MP4).attempts == 2
    assert [path.name[:4] for path in made_of(media).iterdir()] == ["mp4-"]


def test_a_picture_that_a_killed_worker_has_written_gets_its_row(make_media: Make) -> None:
    media = make_media()
    written = f"original_images/poster-{media.pk}.jpg"
    default_storage.delete(written)  # of another test
    default_storage.save(written, ContentFile(b"half"))
    process_video(media.pk)
    poster = VideoMedia.objects.get().poster
    assert poster is not None
    assert poster.file.name == written, "no second file beside it"
    assert poster.file.size > len(b"half")


def test_10_a_step_that_stops_its_workers_is_given_up(make_media: Make) -> None:
    media = make_media()
    steps.plan(media)
    past = timezone.now() - timedelta(seconds=1)
    media.steps.filter(name=Name.PROBE).update(
        state=State.RUNNING, attempts=steps.MOST_TRIES, leased_until=past
    )
    process_video(media.pk)
    media.refresh_from_db()
    assert media.state == VideoMedia.State.FAILED
    assert "stopped the machine" in media.failure
    resume_processing()
    assert not steps.unfinished(media), "no loop"


def test_a_worker_that_lost_its_step_keeps_nothing(make_media: Make) -> None:
    media = make_media()
    steps.plan(media)
    held = steps.take(media, steps.PLAYABLE)
    assert held is not None
    assert steps.take(media, steps.PLAYABLE) is None, "another is at it"
    media.steps.update(attempts=2)
    with pytest.raises(steps.Lost):
        held.tell(0.5)
    with pytest.raises(steps.Lost):
        process.finish(media, held, lambda: pytest.fail("kept"))


def test_a_child_that_others_kill_is_asked_again_three_times(
    make_media: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system does to whom it finds when memory is short: the file cannot help it."""
    tried: list[int] = []

    def killed(*args: Any) -> None:
        tried.append(1)
        raise UnusableVideo("killed")

    media = make_media()
    with monkeypatch.context() as patched:
        patched.setitem(process.WORK, Name.MP4, killed)
        process_video(media.pk)
    assert len(tried) == steps.MOST_TRIES
    media.refresh_from_db()
    assert "several times" in media.failure
    steps.retry(media)
    assert finished(media).hls


def test_who_took_a_step_over_keeps_its_folder_when_the_late_one_notices(make_media: Make) -> None:
    media = make_media()

    def late() -> None:
        with folders.workplace(media, Name.MP4), folders.workplace(media, Name.MP4) as place:
            (place / "video.mp4").touch()
            raise steps.Lost

    with pytest.raises(steps.Lost):
        late()
    assert files_in(made_of(media)) == ["video.mp4"]
