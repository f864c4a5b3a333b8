"""Films of every kind come out playable: right shape, right length, sound in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests import films
from video_cms.processing import ladder, playlists
from video_cms.processing.pool import Worker
from video_cms.processing.probe import Probe

from . import hls

WANTED = {"largest": 1080, "largest_copied": 2160, "loudness": -16.0}
#: Frames of a phone that saves its battery: 30 a second, then few, then many again.
UNEVEN = [n / 30 for n in range(20)] + [0.9, 1.0, 1.2, 1.5] + [1.6 + n / 30 for n in range(12)]

FAST = {"preset": "ultrafast"}

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("mp4", {}),
    "turned left": ("mp4", {"rotate": 90}),
    "turned right": ("mp4", {"rotate": -90}),
    "upside down": ("mp4", {"rotate": 180}),
    "uneven frames": ("mp4", {"times": UNEVEN}),
    "uneven frames, encoded": ("mkv", {"times": UNEVEN, "video": "mpeg4"}),
    "10-bit HEVC": ("mp4", {"video": "libx265", "pix_fmt": "yuv420p10le"}),
    "VP9 and Opus": ("webm", {"video": "libvpx-vp9", "audio": "libopus"}),
    "AV1 and Opus": ("mkv", {"video": "libsvtav1", "audio": "libopus", "size": (192, 128)}),
    "ProRes": ("mov", {"video": "prores_ks", "pix_fmt": "yuv422p10le", "audio": "pcm_s16le"}),
    "without sound": ("mp4", {"audio": None}),
    "sound in 5.1": ("mp4", {"layout": "5.1"}),
    "sound in 5.1, AC-3": ("mkv", {"layout": "5.1", "audio": "ac3"}),
    "odd sides": ("mkv", {"size": (161, 91), "pix_fmt": "yuv444p"}),
    "4:4:4": ("mp4", {"pix_fmt": "yuv444p"}),
    "10-bit H.264": ("mp4", {"pix_fmt": "yuv420p10le"}),
    "one second": ("mp4", {"seconds": 1.0, "flash": 0.5}),
    "oblong pixels": ("mp4", {"shape": Fraction(4, 3)}),
    "AVI": ("avi", {"video": "mpeg4", "audio": "mp3"}),
    "MPEG": ("mpg", {"video": "mpeg2video", "audio": "mp2", "size": (176, 144)}),
    "transport stream": ("ts", {}),
    "two sizes": ("mp4", {"size": (480, 320), "seconds": 9, "rate": 8, "options": {"g": "16"}}),
    "few key frames": (
        "mp4",
        {
            "size": (480, 320),
            "seconds": 12,
            "rate": 8,
            "options": {"x264-params": "scenecut=0"},
        },
    ),
    "a slide show": (
        "mp4",
        {
            "times": [0.0, 1.0, 1.12, 5.3, 13.0, 13.1, 15.9],
            "seconds": 16,
            "options": {"x264-params": "scenecut=0"},
        },
    ),
    "upright 4K": (
        "mp4",
        {"size": (2160, 3840), "seconds": 1.0, "rate": 5, "flash": 0.4, "options": FAST},
    ),
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(bytes_at_most=1 << 30) as started:
        yield started


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_film_comes_out_playable(kind: str, tmp_path: Path, worker: Worker) -> None:
    ending, how = KINDS[kind]
    try:
        source = films.draw(tmp_path / f"source.{ending}", **how)
    except ValueError as error:
        pytest.skip(f"this PyAV cannot draw it: {error}")
    probe = worker.look(source).probe
    made = tmp_path / "video.mp4"
    worker.ask("mp4", source, output=str(made), **WANTED)

    plays_everywhere(made)
    same_film(source, probe, made)
    corner = {"turned left": "lower left", "turned right": "upper right"}
    corner["upside down"] = "lower right"
    assert block(made) == corner.get(kind, "upper left")

    cuts = hls.check(streamed(made, tmp_path, worker))
    if kind in {"two sizes", "few key frames"}:
        assert sorted(cuts) == [240, 320]
        assert len(cuts[240]) == (3 if kind == "few key frames" else 2)


REAL = [
    "bottle-detection.mp4",
    "car-detection.mp4",
    "sign-again.mkv",
    "sign-bird.mkv",
    "sign-walk.mkv",
]


@pytest.mark.parametrize("name", REAL)
def test_real_films_come_out_playable(
    clips: Path, name: str, tmp_path: Path, worker: Worker
) -> None:
    probe = worker.look(clips / name).probe
    made = tmp_path / "video.mp4"
    worker.ask("mp4", clips / name, output=str(made), **WANTED)
    plays_everywhere(made)
    same_film(None, probe, made)
    assert sound_begins(made) == pytest.approx(sound_begins(clips / name), abs=0.04)
    hls.check(streamed(made, tmp_path, worker))


def plays_everywhere(path: Path) -> None:
    """Hold a film to what every browser plays, and starts before it has all of it."""
    names = [name for name, _ in hls.boxes(path.read_bytes())]
    assert names.index(b"moov") < names.index(b"mdat")
    with av.open(str(path)) as film:
        picture = film.streams.video[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert picture.codec_context.profile in {"Baseline", "Constrained Baseline", "Main", "High"}
        assert (picture.width % 2, picture.height % 2) == (0, 0)
        assert (picture.sample_aspect_ratio or 1) == 1
        for sound in film.streams.audio:
            assert (sound.codec_context.name, sound.profile) == ("aac", "LC")
            assert sound.codec_context.channels <= 2
        frame = next(film.decode(video=0))
        assert frame.rotation == 0


def same_film(source: Path | None, probe: Probe, made: Path) -> None:
    """Hold a film to its source: length, shape, when each frame is shown, sound in time."""
    with av.open(str(made)) as film:
        assert film.duration / av.time_base == pytest.approx(probe.duration, abs=0.1)
        picture = film.streams.video[0]
        shape = picture.width / picture.height
        assert shape == pytest.approx(probe.width / probe.height, rel=0.02)
        assert bool(film.streams.audio) == bool(probe.audio_codec)
    if source is None:
        return
    flash, beep = films.flash_and_beep(made)
    own_flash, own_beep = films.flash_and_beep(source)
    if beep is not None and own_beep is not None:
        assert beep - flash == pytest.approx(own_beep - own_flash, abs=0.04)
        assert beep - flash == pytest.approx(0, abs=0.06)
    assert shown(made) == pytest.approx(shown(source), abs=0.012)


def sound_begins(path: Path) -> float | None:
    """Return how long after the picture the sound of a film begins, by its first frames."""
    with av.open(str(path)) as film:
        if not film.streams.audio:
            return None
        seen = next(film.decode(video=0)).time
    with av.open(str(path)) as film:
        return float(next(film.decode(audio=0)).time - seen)


def shown(path: Path) -> list[float]:
    """Return how long after the first each frame of a film is shown."""
    with av.open(str(path)) as film:
        times = [frame.time for frame in film.decode(video=0)]
    return [time - times[0] for time in times]


def block(path: Path) -> str:
    """Return in which corner of a film the block is."""
    with av.open(str(path)) as film:
        points = next(film.decode(video=0)).to_ndarray(format="rgb24")
    height, width, _ = points.shape
    for vertical, y in (("upper", 0.1), ("lower", 0.9)):
        for horizontal, x in (("left", 0.1), ("right", 0.9)):
            red, green, _ = points[int(y * height), int(x * width)].astype(int)
            if red - green > 80:
                return f"{vertical} {horizontal}"
    return "nowhere"


def streamed(made: Path, folder: Path, worker: Worker) -> Path:
    """Make the smallest size of a film and its own, and their playlists; returns the master."""
    plan = worker.ask("cuts", made)
    own = plan["size"]
    sizes = ladder.ladder(own)
    sizes = sorted({sizes[0], sizes[-1]})
    for short in sizes:
        rung = worker.ask(
            "rung",
            made,
            output=str(folder / f"{short}.mp4"),
            copied=plan["copied"] and short == min(own),
            size=[2 * round(side * short / min(own) / 2) for side in own],
            cuts=plan["cuts"],
        )
        (folder / f"{short}.json").write_text(json.dumps(rung))
    (folder / "plan.json").write_text("{}")
    ladder.write_playlists(folder, [str(short) for short in sizes], plan)
    return folder / playlists.MASTER


def test_the_sizes_of_a_film_go_up_to_its_own() -> None:
    assert ladder.ladder([3840, 2160]) == [240, 360, 480, 720, 1080, 2160]
    assert ladder.ladder([1280, 720]) == [240, 360, 480, 720]
    assert ladder.ladder([432, 768]) == [240, 432]
    assert ladder.ladder([160, 90]) == [90]
