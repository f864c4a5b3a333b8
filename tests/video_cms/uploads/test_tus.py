"""Uploads in pieces: what arrives is kept, goes on after any end, and is finished once."""

from __future__ import annotations

import contextlib
import io
import os
import random
import stat
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files import locks
from django.core.management import call_command
from django.http import UnreadablePostError
from django.test import Client
from django.utils import timezone

from video_cms import erasure
from video_cms.models import Upload, VideoMedia, VideoPage
from video_cms.uploads import parts, receiving

from .conftest import Sender

pytestmark = pytest.mark.django_db

Arrived = Callable[[], list[str]]


def digest(media: VideoMedia) -> str:
    with media.file.open("rb") as file:
        return sha256(file.read()).hexdigest()


def test_a_film_in_pieces_becomes_the_file_of_a_draft(
    sender: Sender, film: bytes, ada: Any, arrived: Arrived
) -> None:
    begun = sender.begin(len(film), filename="Owls_at night.mp4")
    where = begun["Location"]
    assert (begun.status_code, begun["Tus-Resumable"]) == (201, "1.0.0")
    assert "Upload-Expires" in begun
    assert begun.json()["title"] == "Owls at night"

    for start in range(0, len(film), 20_000):
        piece = film[start : start + 20_000]
        answer = sender.send(where, start, piece)
        assert (answer.status_code, int(answer["Upload-Offset"])) == (204, start + len(piece))

    video = VideoPage.objects.get()
    assert (video.live, video.creator.user, video.title) == (False, ada, "Owls at night")
    assert digest(video.new_media) == sha256(film).hexdigest()
    assert video.new_media.size == len(film)
    assert sender.ask(where)["Upload-Offset"] == str(len(film)), "whoever asks again hears it"
    assert arrived() == []


def test_it_goes_on_where_it_stopped(sender: Sender, film: bytes) -> None:
    where = sender.begin(len(film))["Location"]
    sender.send(where, 0, film[:5000])

    assert sender.ask(where)["Upload-Offset"] == "5000"
    assert sender.ask(where)["Upload-Length"] == str(len(film))
    for wrong in (0, 4999, 5001):
        assert sender.send(where, wrong, film[:10]).status_code == 409
    assert sender.ask(where)["Upload-Offset"] == "5000"


def test_the_same_file_announced_again_goes_on(sender: Sender, film: bytes) -> None:
    told = {"filename": "owls.mp4", "modified": "1732455"}
    first = sender.begin(len(film), **told)
    sender.send(first["Location"], 0, film[:5000])

    again = sender.begin(len(film), **told)
    assert (again["Location"], again.json()["video"]) == (
        first["Location"],
        first.json()["video"],
    )
    assert sender.begin(len(film), **{**told, "modified": "1"})["Location"] != first["Location"]
    assert VideoPage.objects.count() == 2


def test_the_same_file_sent_again_is_there_already(sender: Sender, film: bytes) -> None:
    told = {"filename": "owls.mp4", "modified": "1732455"}
    first = sender.begin(len(film), **told)
    sender.send(first["Location"], 0, film)  # and nobody heard the answer

    again = sender.begin(len(film), **told)
    assert again["Location"] == first["Location"]
    assert sender.ask(again["Location"])["Upload-Offset"] == str(len(film))

    VideoMedia.objects.update(state=VideoMedia.State.FAILED)
    same = {**told, "video": first.json()["video"]}
    retried = sender.begin(len(film), **same)
    assert sender.ask(retried["Location"])["Upload-Offset"] == "0", "it was of no use"


def test_a_storm_leaves_each_film_once(
    sender: Sender, film: bytes, monkeypatch: pytest.MonkeyPatch, arrived: Arrived
) -> None:
    """Pieces cut, sent twice and out of turn, answers lost, deaths while finishing."""
    chance = random.Random(7)  # noqa: S311
    really = receiving.videos.receive

    def dying(page: VideoPage, media: VideoMedia) -> None:
        really(page, media)
        if chance.random() < 0.5:
            raise ConnectionError("killed before the commit")

    monkeypatch.setattr(receiving.videos, "receive", dying)
    films = [film + bytes([number]) * number for number in range(1, 5)]
    for number, content in enumerate(films):
        offset = 0
        while offset < len(content):
            where = sender.begin(len(content), filename=f"{number}.mp4")["Location"]
            piece = content[offset : offset + chance.randrange(1, 60_000)]
            for at in (offset, chance.choice([0, offset + 1, offset])):
                with contextlib.suppress(ConnectionError):
                    sender.send(where, at, piece)
            with contextlib.suppress(ConnectionError):
                offset = int(sender.ask(where)["Upload-Offset"])
    with contextlib.suppress(ConnectionError):
        receiving.clean()

    monkeypatch.setattr(receiving.videos, "receive", really)
    receiving.clean()
    there = sorted(digest(page.new_media) for page in VideoPage.objects.all())
    assert there == sorted(sha256(content).hexdigest() for content in films)
    assert VideoMedia.objects.count() == len(films)
    assert arrived() == []


def test_what_was_written_before_the_process_was_killed_counts(sender: Sender, film: bytes) -> None:
    where = sender.begin(len(film))["Location"]
    sender.send(where, 0, film[:5000])
    upload = Upload.objects.get()
    with parts.path_of(upload).open("ab") as file:
        file.write(film[5000:7000])  # and then no process was left to say so

    assert sender.ask(where)["Upload-Offset"] == "7000"
    assert sender.send(where, 7000, film[7000:]).status_code == 204
    assert digest(VideoMedia.objects.get()) == sha256(film).hexdigest()


def test_a_connection_that_breaks_leaves_what_arrived(sender: Sender, film: bytes) -> None:
    where = sender.begin(len(film))["Location"]

    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(4000)
            if not piece:
                raise UnreadablePostError
            return piece

    with pytest.raises(UnreadablePostError):
        receiving.append(Upload.objects.get(), 0, Breaking(film[:9000]), len(film))

    assert sender.ask(where)["Upload-Offset"] == "9000"


def test_the_last_answer_may_be_lost(
    sender: Sender, film: bytes, monkeypatch: pytest.MonkeyPatch, arrived: Arrived
) -> None:
    """Killed after the last byte, before or after the file was moved: it is finished once."""
    where = sender.begin(len(film))["Location"]
    with monkeypatch.context() as dying:
        dying.setattr(receiving, "finish", lambda upload: None)
        sender.send(where, 0, film)
    assert not VideoMedia.objects.exists()
    with monkeypatch.context() as dying:
        dying.setattr(receiving.videos, "receive", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sender.ask(where)
    assert (VideoMedia.objects.count(), arrived()) == (0, [])

    for _ in range(2):
        assert sender.ask(where)["Upload-Offset"] == str(len(film))
    assert sender.send(where, len(film), b"x").status_code == 409

    assert digest(VideoMedia.objects.get()) == sha256(film).hexdigest()
    assert VideoPage.objects.get().new_media == VideoMedia.objects.get()


def test_two_writers_do_not_mix(sender: Sender, film: bytes) -> None:
    where = sender.begin(len(film))["Location"]
    with parts.path_of(Upload.objects.get()).open("r+b") as other:
        assert locks.lock(other, locks.LOCK_EX | locks.LOCK_NB)
        assert sender.send(where, 0, film[:100]).status_code == 423
    assert sender.send(where, 0, film[:100]).status_code == 204


def test_nobody_else_sees_it(sender: Sender, film: bytes, make_user: Any, settings: Any) -> None:
    where = sender.begin(len(film))["Location"]
    stranger = Client()
    assert Sender(stranger).ask(where).status_code == 401
    stranger.force_login(make_user("bruno"))
    for answer in (
        Sender(stranger).ask(where),
        Sender(stranger).send(where, 0, b"x"),
        Sender(stranger).give_up(where),
        Sender(stranger).begin(100, video=VideoPage.objects.get().video_id),
    ):
        assert answer.status_code == 404
    path = parts.path_of(Upload.objects.get())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    settings.UPLOADS_DIR = path.parent / "made"
    assert stat.S_IMODE(parts.folder().stat().st_mode) == 0o700
    assert Path(settings.MEDIA_ROOT) not in path.parents


def test_nothing_is_taken_without_a_token(ada: Any, site_tree: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert Sender(strict).begin(100).status_code == 403
    assert not Upload.objects.exists()


def test_it_can_be_given_up(
    sender: Sender, film: bytes, arrived: Arrived, django_capture_on_commit_callbacks: Any
) -> None:
    where = sender.begin(len(film))["Location"]
    sender.send(where, 0, film[:5000])
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.give_up(where).status_code == 204
    assert sender.ask(where).status_code == 404
    assert arrived() == []


@pytest.mark.parametrize("what", ["video", "account"])
def test_its_bytes_go_with_the_video_and_the_account(
    sender: Sender,
    film: bytes,
    ada: Any,
    arrived: Arrived,
    what: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    where = sender.begin(len(film))["Location"]
    sender.send(where, 0, film[:5000])
    assert len(arrived()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        if what == "video":
            erasure.erase_videos(list(VideoPage.objects.all()))
        else:
            erasure.erase(ada)
    assert not Upload.objects.exists()
    assert not VideoPage.objects.exists()
    assert arrived() == []


def test_another_file_for_the_same_video_takes_its_place(
    sender: Sender, film: bytes, arrived: Arrived, django_capture_on_commit_callbacks: Any
) -> None:
    begun = sender.begin(len(film), filename="one.mp4")
    with django_capture_on_commit_callbacks(execute=True):
        sender.begin(5000, filename="two.mp4", video=begun.json()["video"])
    assert sender.ask(begun["Location"]).status_code == 404
    assert arrived() == [Upload.objects.get().upload_id]
    assert VideoPage.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"size": "-1"}, 400),
        ({"size": ""}, 400),
        ({"size": "1e3"}, 400),
        ({"size": "9" * 400}, 400),
        ({"size": "٣"}, 400),
        ({"size": 100, "version": "0.2.2"}, 412),
        ({"size": 100, "video": "nowhere"}, 404),
        ({"size": 100, "video": "a\0b", "modified": "\0"}, 404),
    ],
)
def test_20_a_wrong_announcement_is_refused(
    sender: Sender, sent: dict[str, Any], status: int
) -> None:
    assert sender.begin(**sent).status_code == status
    assert not VideoPage.objects.exists()


def test_what_no_client_of_the_protocol_sends(sender: Sender, film: bytes, member: Client) -> None:
    where = sender.begin(len(film))["Location"]
    assert sender.send(where, 0, b"x", kind="text/plain").status_code == 415
    assert sender.send(where, "x", b"x").status_code == 400
    assert sender.send(where, 0, film + b"x").status_code == 413
    assert member.get(where, headers={"Tus-Resumable": "1.0.0"}).status_code == 405
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "filename ?"}
    assert member.post("/upload/parts/", headers=headers).status_code == 400
    asked = member.options("/upload/parts/")
    assert (asked.status_code, asked["Tus-Max-Size"]) == (204, str(settings.UPLOAD_LIMIT))


def test_11_what_is_above_the_limit_or_the_quota_is_refused_at_once(
    sender: Sender, settings: Any
) -> None:
    settings.UPLOAD_LIMIT, settings.UPLOAD_QUOTA = 2000, 2500
    over = sender.begin(2001)
    assert (over.status_code, "larger than" in over.content.decode()) == (413, True)
    assert sender.begin(2000, filename="one.mp4").status_code == 201
    full = sender.begin(600, filename="two.mp4")
    assert full.status_code == 413
    assert "500\xa0bytes left" in full.content.decode()


def test_11_whoever_vanishes_leaves_nothing_behind(
    sender: Sender,
    film: bytes,
    ada: Any,
    arrived: Arrived,
    django_capture_on_commit_callbacks: Any,
) -> None:
    where = sender.begin(len(film))["Location"]
    sender.send(where, 0, film[: len(film) * 9 // 10])
    stray = parts.folder() / ("0" * 32)
    stray.write_bytes(b"of an upload that never was")
    os.utime(stray, (0, 0))

    call_command("clean_uploads", stdout=io.StringIO())
    assert sender.ask(where).status_code == 200, "it has a week"
    assert not stray.exists()

    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("clean_uploads", stdout=io.StringIO())
    assert sender.ask(where).status_code == 404
    assert arrived() == []
    assert receiving.complaint(ada, settings.UPLOAD_LIMIT) == ""


def test_what_has_arrived_whole_is_finished_for_those_who_left(
    sender: Sender, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = sender.begin(len(film))["Location"]
    with monkeypatch.context() as dying:
        dying.setattr(receiving, "finish", lambda upload: None)
        sender.send(where, 0, film)
    assert receiving.clean() == (1, 0)
    assert VideoPage.objects.get().new_media.size == len(film)


def test_4_what_is_no_film_is_refused_with_its_first_bytes(
    sender: Sender, arrived: Arrived, django_capture_on_commit_callbacks: Any
) -> None:
    where = sender.begin(10_000, filename="film.mp4")["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = sender.send(where, 0, b"<!doctype html><script>".ljust(5000))
    assert answer.status_code == 415
    assert "not a video" in answer.content.decode()
    assert not Upload.objects.exists()
    assert arrived() == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../x.mp4", "../../x"),
        ("a\0b.mp4", "a b"),
        ("x" * 5000 + ".mp4", "x" * 200),
        ("\u202e4pm.exe", "4pm"),
        ("", "Untitled video"),
        (".mp4", ".mp4"),
    ],
)
def test_9_names_are_only_shown(sender: Sender, film: bytes, name: str, title: str) -> None:
    begun = sender.begin(len(film), filename=name)
    assert begun.json()["title"] == title
    sender.send(begun["Location"], 0, film)
    assert Path(VideoMedia.objects.get().file.name).stem.isalnum()


def test_many_files_a_day_are_limited(sender: Sender, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "upload": "1/d/user"}
    assert sender.begin(1000, filename="one.mp4").status_code == 201
    assert sender.begin(1000, filename="one.mp4").status_code == 201, "this one goes on"
    assert sender.begin(1000, filename="two.mp4").status_code == 429
