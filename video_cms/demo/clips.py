"""Draws the demo's clips: four-second abstract pictures with a quiet chord.

Nothing is downloaded or copied. Each picture is a film in grey (see `families`) that is dyed with
the five colours of one of its family's palettes. A family is a parent category, so its clips share
motifs, palettes and chords; the video id picks among them, and the same id always draws the same
clip.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

import av
import numpy as np
from numpy.typing import NDArray

from .drawing import HEIGHT, INK, RATE, WIDTH, Film
from .families import FAMILIES

SECONDS = 4
POSTER_AT = 0.4 * SECONDS  # seconds; the frame to show when the clip stands still
SAMPLE_RATE = 22_050  # Hz; the highest note is below 1 kHz
#: A short look-ahead makes the fast preset compact. The buffer lets the first frame be
#: large; with the rate it keeps a clip below 150 kB.
X264 = {
    "preset": "superfast",
    "x264-params": "mbtree=1:rc-lookahead=5",
    "crf": "28",
    "maxrate": "150k",
    "bufsize": "440k",
}


def draw_clip(video_id: str, family: str, path: Path) -> None:
    """Draw the clip of one video as an MP4 (H.264 and AAC, ready for streaming).

    ``family`` is the name of a parent category. The file appears under ``path`` only
    when it is complete. Raises `KeyError` for an unknown family.
    """
    random = Random(video_id)  # noqa: S311 - a picture, not a secret
    look = FAMILIES[family]
    film = random.choice(look.motifs)(random)
    colours = random.choice(look.palettes).split()
    frames = _dye(islice(film, SECONDS * RATE), colours)
    sound = _chord(look.chord, random)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _encode(frames, sound, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def draw_clips(
    rows: Iterable[Mapping[str, str]], folder: Path, processes: int = 2
) -> Iterator[Path]:
    """Draw the clips that are missing and yield each path as it is finished.

    ``rows`` are rows of ``videos.csv``; paths are ``folder`` plus the row's ``file``.
    Raises `RuntimeError` naming the video that could not be drawn.
    """
    missing = [row for row in rows if not (folder / row["file"]).exists()]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = {}
        for row in missing:
            path = folder / row["file"]
            jobs[pool.submit(draw_clip, row["video_id"], row["parent_category"], path)] = path
        try:
            for job in as_completed(jobs):
                if error := job.exception():
                    raise RuntimeError(f"The clip {jobs[job].name} could not be drawn") from error
                yield jobs[job]
        finally:
            pool.shutdown(cancel_futures=True)


def _dye(film: Film, colours: list[str]) -> Iterator[av.VideoFrame]:
    """Turn the five inks of a film in grey into five colours, and what is between likewise."""
    light, blue, red = _planes(colours)
    frame = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)  # as yuv420p lies in memory
    for grey in film:
        np.take(light, grey, out=frame[:HEIGHT], mode="clip")  # which is far quicker than to index
        few = grey[::2, ::2]
        frame[HEIGHT : HEIGHT * 5 // 4] = blue[few].reshape(-1, WIDTH)
        frame[HEIGHT * 5 // 4 :] = red[few].reshape(-1, WIDTH)
        yield av.VideoFrame.from_ndarray(frame, format="yuv420p")


def _planes(colours: list[str]) -> NDArray[np.uint8]:
    """Return what each grey level becomes in luma and both chromas (BT.601), shaped (3, 256)."""
    points = [tuple(bytes.fromhex(colour)) for colour in colours]
    red, green, blue = (
        np.interp(range(256), INK, channel) / 255 for channel in zip(*points, strict=True)
    )
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = 16 + 219 * luma, 128 + 112 * (blue - luma) / 0.886, 128 + 112 * (red - luma) / 0.701
    return np.rint(planes).astype(np.uint8)


def _chord(ratios: tuple[float, ...], random: Random) -> av.AudioFrame:
    """Return soft notes that swell one after the other and fade at the ends."""
    root = 110 * 2 ** (random.choice((0, 2, 3, 5, 7, 8, 10, 12)) / 12)  # Hz
    pulse = random.choice((0.25, 0.5, 1.0))  # swells a second
    t = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    wave = np.zeros(len(t))
    for number, ratio in enumerate(ratios):
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * (pulse * t + number / len(ratios)))
        wave += 0.05 * swell * np.sin(2 * np.pi * root * ratio * t)
    wave *= np.interp(t, (0, 0.3, SECONDS - 0.6, SECONDS), (0, 1, 1, 0))
    sound = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="fltp", layout="mono")
    sound.sample_rate, sound.pts = SAMPLE_RATE, 0  # else the encoder's delay counts as sound
    return sound


def _encode(frames: Iterator[av.VideoFrame], sound: av.AudioFrame, path: Path) -> None:
    """Write a picture and a sound into an MP4 file."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as target:
        picture = target.add_stream("libx264", rate=RATE, options=X264)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.codec_context.thread_count = 1  # the pool already uses the cores
        music = target.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        music.bit_rate = 32_000
        target.mux(music.encode(sound))
        for frame in frames:
            target.mux(picture.encode(frame))
        for stream in (picture, music):
            target.mux(stream.encode(None))
