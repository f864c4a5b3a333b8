"""Looking at files that may be anything, in processes that may die."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from video_cms.processing.pool import Worker, look_at_all
from video_cms.processing.poster import poster
from video_cms.processing.probe import LIMITS, Probe, UnusableVideo
from video_cms.processing.sniff import sniff

CANARY = "root:x:0:0"
AUTOGROUP = Path("/proc/self/autogroup")


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker() as started:
        yield started


def refused(worker: Worker, path: Path, code: str) -> None:
    with pytest.raises(UnusableVideo) as caught:
        worker.look(path)
    assert caught.value.code == code
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("car-detection.mp4", Probe(30.16, 768, 432, "h264", "aac", "mov", True)),
        ("bottle-detection.mp4", Probe(39.855, 640, 360, "h264", "", "mov", True)),
        ("sign-again.mkv", Probe(2.6, 640, 480, "h264", "", "matroska", False)),
    ],
)
def test_real_clips_are_probed(worker: Worker, clips: Path, name: str, expected: Probe) -> None:
    assert worker.look(clips / name).probe == expected


def test_the_poster_is_a_frame_from_the_middle_as_jpeg(clips: Path, tmp_path: Path) -> None:
    from PIL import Image

    file = tmp_path / "poster.jpg"
    file.write_bytes(poster(clips / "car-detection.mp4"))
    with Image.open(file) as image:
        assert (image.format, image.size) == ("JPEG", (768, 432))
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 1000  # no blank picture


def test_a_clip_is_known_by_its_bytes_not_by_its_name(
    clips: Path, tmp_path: Path, worker: Worker
) -> None:
    wrong = tmp_path / "clip.txt"
    shutil.copy(clips / "sign-again.mkv", wrong)
    assert worker.look(wrong).probe.container == "matroska"


HOSTILE = {
    "01-playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "02-dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    "02-ffconcat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "04-html": b"<!doctype html><script>alert(1)</script>",
    "04-svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "04-php": b"<?php system($_GET[0]);",
    "04-gif": b"GIF89a" + b"\0" * 100,
    "04-avif": b"\0\0\0\x20ftypavif" + b"\0" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_video_is_refused_before_a_demuxer_sees_it(
    tmp_path: Path, worker: Worker, name: str
) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(HOSTILE[name])
    refused(worker, file, "not_a_video")
    assert worker._process is None


def test_04_an_archive_named_mp4_is_refused(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "clip.mp4"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("clip.mp4", "x")
    refused(worker, file, "not_a_video")


def test_03_a_playlist_behind_a_video_header_opens_no_connection(
    tmp_path: Path, worker: Worker
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        playlist = f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n".encode()
        for number, head in enumerate(HEADS.values()):
            file = tmp_path / f"{number}.mp4"
            file.write_bytes(head + playlist * 50)
            with pytest.raises(UnusableVideo):
                worker.look(file)
        with pytest.raises(TimeoutError):
            server.accept()


HEADS = {
    "mov": b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
    "matroska": b"\x1a\x45\xdf\xa3",
    "ogg": b"OggS",
    "avi": b"RIFF\0\0\0\0AVI LIST",
    "mpeg": b"\0\0\1\xba",
    "mpegts": (b"G" + b"\xff" * 187) * 3,
}


@pytest.mark.parametrize("container", HEADS)
def test_the_first_bytes_name_the_one_demuxer(container: str) -> None:
    assert sniff(HEADS[container]) == container


@pytest.mark.parametrize("container", HEADS)
def test_a_header_with_rubbish_behind_it_is_damaged(
    tmp_path: Path, worker: Worker, container: str
) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(HEADS[container] + bytes(range(256)) * 40)
    with pytest.raises(UnusableVideo) as caught:
        worker.look(file)
    assert caught.value.code in {"damaged", "no_picture"}


def test_10_an_empty_file_a_folder_and_nothing_are_refused(tmp_path: Path, worker: Worker) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    refused(worker, empty, "empty")
    refused(worker, tmp_path, "missing")
    refused(worker, tmp_path / "none.mp4", "missing")
    os.mkfifo(tmp_path / "pipe.mp4")
    refused(worker, tmp_path / "pipe.mp4", "missing")


@pytest.mark.parametrize("name", ["car-detection.mp4", "bottle-detection.mp4", "sign-walk.mkv"])
@pytest.mark.parametrize("kept", [0.02, 0.5])
def test_10_a_truncated_file_is_refused(
    clips: Path, tmp_path: Path, worker: Worker, name: str, kept: float
) -> None:
    whole = (clips / name).read_bytes()
    file = tmp_path / name
    file.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(UnusableVideo) as caught:
        worker.look(file)
    assert caught.value.code in {"damaged", "cut_short"}


def test_10_sound_without_a_picture_is_refused(tmp_path: Path, worker: Worker) -> None:
    refused(worker, make_clip(tmp_path / "sound.mp4", picture=False, sound=1), "no_picture")


def test_a_picture_that_ends_before_its_sound_is_not_cut_short(
    tmp_path: Path, worker: Worker
) -> None:
    found = worker.look(make_clip(tmp_path / "long.mp4", sound=10))
    assert 9 < found.probe.duration < 11
    assert found.probe.audio_codec == "aac"


def test_limits_hold(tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    assert worker.look(clip).probe.width == 64
    monkeypatch.setitem(LIMITS, "pixels", 64 * 48 - 1)
    refused(worker, clip, "too_many_pixels")
    monkeypatch.setitem(LIMITS, "pixels", 64 * 48)
    monkeypatch.setitem(LIMITS, "duration", 0)
    refused(worker, clip, "too_long")


def test_a_video_filmed_upright_has_upright_measures_and_poster(
    tmp_path: Path, worker: Worker
) -> None:
    found = worker.look(make_clip(tmp_path / "phone.mp4", rotate=True))
    assert (found.probe.width, found.probe.height) == (48, 64)


def test_a_worker_that_hangs_costs_one_file(clips: Path) -> None:
    with Worker(patience=30) as worker:
        worker.look(clips / "sign-again.mkv")
        assert worker._process
        first = worker._process.pid
        os.kill(first, signal.SIGSTOP)
        worker.patience = 0.5
        refused(worker, clips / "sign-bird.mkv", "too_slow")
        worker.patience = 30
        assert worker.look(clips / "sign-walk.mkv").probe.width == 640
        assert worker._process
        assert worker._process.pid != first


def test_a_worker_that_dies_costs_one_file(clips: Path) -> None:
    with Worker() as worker:
        worker.look(clips / "sign-again.mkv")
        assert worker._process
        os.kill(worker._process.pid, signal.SIGSTOP)
        threading.Timer(0.3, worker._process.kill).start()
        refused(worker, clips / "sign-bird.mkv", "killed")
        assert worker.look(clips / "sign-walk.mkv").probe.width == 640


def test_a_pool_yields_every_file_whatever_happens_to_some(clips: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(HEADS["mov"] + b"x" * 999)
    files = [clips / "sign-again.mkv", bad, clips / "sign-bird.mkv"] * 4
    found = dict(look_at_all(list(enumerate(map(str, files)))))
    assert set(found) == set(range(12))
    broken = {number for number, what in found.items() if isinstance(what, UnusableVideo)}
    assert broken == {1, 4, 7, 10}


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="This system shares no processors by session.")
def test_a_child_that_encodes_leaves_the_processor_to_whoever_answers_visitors(clips: Path) -> None:
    with Worker(bytes_at_most=1 << 20) as worker:
        worker.look(clips / "sign-again.mkv")
        child = worker._process.pid  # type: ignore[union-attr]
        assert os.getpriority(os.PRIO_PROCESS, child) == 15
        assert Path(f"/proc/{child}/autogroup").read_text().endswith("nice 15\n")
    assert not AUTOGROUP.read_text().endswith("nice 15\n")


def test_the_child_knows_none_of_our_secrets(
    clips: Path, monkeypatch: pytest.MonkeyPatch, worker: Worker
) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    worker.look(clips / "sign-again.mkv")
    assert worker._process
    environment = Path(f"/proc/{worker._process.pid}/environ")
    if not environment.exists():
        pytest.skip("needs /proc")
    assert b"canary" not in environment.read_bytes()
    modules = Path(f"/proc/{worker._process.pid}/maps").read_text()
    assert "psycopg" not in modules


def make_clip(path: Path, *, picture: bool = True, sound: float = 0, rotate: bool = False) -> Path:
    """Write a clip that PyAV draws itself: a second of picture, some seconds of sound."""
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10) if picture else None
        audio = container.add_stream("aac", rate=44100, layout="mono") if sound else None
        if video:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            for number in range(10):
                shade = np.full((48, 64, 3), number * 25, dtype=np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
            container.mux(video.encode(None))
        if audio:
            silence = np.zeros((1, int(44100 * sound)), dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.sample_rate = 44100
            container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    if rotate:
        turn(path)
    return path


def turn(path: Path) -> None:
    """Turn an MP4 by 90°, as telephones do: in the matrix of its track header."""
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40
    one = 0x00010000
    quarter = (0, one, 0, -one, 0, 0, 0, 0, 0x40000000)
    data[start : start + 36] = b"".join(n.to_bytes(4, "big", signed=True) for n in quarter)
    path.write_bytes(data)
