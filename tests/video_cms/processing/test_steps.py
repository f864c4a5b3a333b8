"""Steps of the work on a film: taken, lost, taken up again, given up; what they leave behind."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import psutil
import pytest
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from tests import films
from video_cms import erasure
from video_cms.models import Picture, ProcessingStep, VideoFrame, VideoMedia, VideoPage
from video_cms.processing import folders, playlists, process, steps
from video_cms.processing.checks import check_av1, check_storage
from video_cms.processing.pool import Worker
from video_cms.processing.probe import UnusableVideo
from video_cms.tasks import finish_video, process_video, resume_processing

from . import hls

pytestmark = pytest.mark.django_db

Name, State = ProcessingStep.Name, ProcessingStep.State
Make = Callable[..., VideoMedia]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two seconds that tells where it was taken."""
    place = {"comment": "at home"}
    return films.draw(tmp_path_factory.mktemp("films") / "film.mp4", metadata=place)


@pytest.fixture
def make_media(drawn: Path, queue: list[Any], site_tree: Any) -> Make:
    def make(path: Path = drawn) -> VideoMedia:
        media = VideoMedia(title="A walk", type="video", duration=0)
        with path.open("rb") as file:
            media.file.save(path.name, File(file))
        return media

    return make


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    tasks: list[Any] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *args, **how: tasks.append((args, how)))
    return tasks


def finished(media: VideoMedia) -> VideoMedia:
    process_video(media.pk)
    media = VideoMedia.objects.get(pk=media.pk)
    while process.finish_media(media):
        pass
    return VideoMedia.objects.get(pk=media.pk)


def made_of(media: VideoMedia) -> Path:
    return folders.path_in_storage(media, folders.name_of(media))


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


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


def test_sizes_come_as_av1_too_where_the_settings_want_it(
    make_media: Make, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PROCESSING = {**settings.PROCESSING, "AV1": True}
    assert check_av1() == []
    master = folders.path_in_storage(finished(make_media()), VideoMedia.objects.get().hls)
    hls.check(master)
    codecs = [line.partition('CODECS="')[2][:5] for line in master.read_text().splitlines()]
    assert [codec for codec in codecs if codec] == ["avc1.", "av01."]
    with av.open(str(master.parent / "90-av1.mp4")) as film:
        assert film.streams.video[0].codec_context.name in {"libdav1d", "av1"}
        assert len(list(film.decode(video=0))) == 50

    monkeypatch.setattr(av, "codecs_available", {"libx264"})
    assert [warning.id for warning in check_av1()] == ["video_cms.W002"]


def test_a_storage_without_paths_is_told_at_start(settings: Any) -> None:
    assert check_storage() == []
    elsewhere = {"BACKEND": "django.core.files.storage.Storage"}
    settings.STORAGES = {**settings.STORAGES, "default": elsewhere}
    assert [error.id for error in check_storage()] == ["video_cms.E005"]


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


def test_who_took_a_step_over_keeps_its_folder_when_the_late_one_notices(make_media: Make) -> None:
    media = make_media()

    def late() -> None:
        with folders.workplace(media, Name.MP4), folders.workplace(media, Name.MP4) as place:
            (place / "video.mp4").touch()
            raise steps.Lost

    with pytest.raises(steps.Lost):
        late()
    assert files_in(made_of(media)) == ["video.mp4"]


# --- what is left behind ------------------------------------------------------------------------


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


# --- who gets it --------------------------------------------------------------------------------


def test_30_what_is_made_follows_the_page_from_one_request_to_the_next(
    make_media: Make, make_video: Any, make_user: Any, client: Client
) -> None:
    media = finished(make_media())
    page = make_video("A walk", media=media)
    kinds = {
        media.mp4: "video/mp4",
        media.hls: "application/vnd.apple.mpegurl",
        media.hls.replace("master.m3u8", "90.mp4"): "video/mp4",
        media.storyboard: "text/vtt",
        media.storyboard.replace(".vtt", ".jpg"): "image/jpeg",
    }
    for name, kind in kinds.items():
        answer = client.get(f"/media/{name}", headers={"range": "bytes=0-9"})
        assert (name, answer.status_code) == (name, 206)
        assert answer["Content-Type"] == kind
        assert answer["Cache-Control"] == "public, max-age=300"

    owner, other = Client(), Client()
    owner.force_login(page.creator.user)
    other.force_login(make_user("bruno"))
    assert client.get(f"/media/{media.file.name}").status_code == 403, "it may tell the place"
    assert owner.get(f"/media/{media.file.name}").status_code == 200

    for change in ({"visibility": "private"}, {"live": False}, {"is_premium": True}):
        before = VideoPage.objects.values(*change).get()
        VideoPage.objects.update(**change)
        for name in kinds:
            assert client.get(f"/media/{name}").status_code == 403
            assert other.get(f"/media/{name}").status_code == 403
            allowed = owner.get(f"/media/{name}")
            assert (allowed.status_code, allowed["Cache-Control"]) == (200, "private, no-cache")
        VideoPage.objects.update(**before)


@pytest.mark.parametrize(
    "name",
    [
        "renditions/nothing/hls-1/master.m3u8",
        "renditions/00000000000000000000000000000000/hls-1/master.m3u8",
        "renditions/{key}/.hls/240.mp4",
        "renditions/{key}/../{key}/mp4/video.mp4",
        "renditions/{key}",
        "renditions/{key}/hls-1/plan.json",
    ],
)
def test_31_nothing_else_is_there(make_media: Make, make_video: Any, name: str) -> None:
    media = make_media()
    folders.folder_of(media)
    make_video("A walk", media=media)
    key = media.folder.hex if media.folder else ""
    assert Client().get(f"/media/{name.format(key=key)}").status_code == 404


# --- who is told ---------------------------------------------------------------------------------


def test_creators_and_editors_see_how_far_it_is_and_try_again(
    make_media: Make,
    make_video: Any,
    make_user: Any,
    queue: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    media = make_media()
    page = make_video("A walk", media=media)
    steps.plan(media)
    media.steps.filter(name=Name.PROBE).update(state=State.DONE)
    media.steps.filter(name=Name.MP4).update(state=State.RUNNING, progress=0.43)
    address, creator, editor = f"/processing/{media.pk}/", Client(), Client()
    creator.force_login(page.creator.user)
    editor.force_login(make_user("boss", is_superuser=True))
    stranger = Client()
    stranger.force_login(make_user("bruno"))
    for who in (creator, editor):
        told = who.get(address).content.decode()
        assert "Making it playable" in told
        assert "43 %" in told
        assert 'hx-trigger="every 2s"' in told
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}retry/").status_code == 404
    assert Client().get(address).status_code == 302
    assert creator.get(f"{address}retry/").status_code == 405

    media.steps.filter(name=Name.MP4).update(state=State.FAILED, error="There is no room left.")
    VideoMedia.objects.update(state=VideoMedia.State.FAILED, failure="There is no room left.")
    told = creator.get(address).content.decode()
    assert "There is no room left." in told
    assert "Try again" in told
    assert "every 2s" not in told
    assert "There is no room left." in creator.get("/studio/").content.decode()
    assert "Try again" in editor.get(f"/admin/media/edit/{media.pk}/").content.decode()

    queue.clear()
    with django_capture_on_commit_callbacks(execute=True):
        creator.post(f"{address}retry/")
    assert queue == [(("video_cms.tasks.process_video", media.pk), {"cluster": "processing"})]
    assert finished(media).hls
    assert "processing-step" not in creator.get(address).content.decode()


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
