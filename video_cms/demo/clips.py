"""Draws the demo's clips: four-second abstract pictures with a quiet chord.

Nothing is downloaded or copied. Each picture is a filter graph in grey (see `motifs`)
that is dyed with the five colours of one of its family's palettes. A family is a parent
category, so its clips share motifs, palettes and chords; the video id picks among them,
and the same id always draws the same clip.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

import av
from av.video.frame import PictureType

from . import motifs
from .drawing import HEIGHT, INK, RATE, WIDTH
from .motifs import Motif

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


class Family(NamedTuple):
    """What the clips of one parent category have in common."""

    motifs: tuple[Motif, ...]
    palettes: tuple[str, ...]  # five colours each, from ink 0 to ink 4
    chord: tuple[float, ...]  # frequency ratios above the root


MAJOR, MINOR = (1, 5 / 4, 3 / 2), (1, 6 / 5, 3 / 2)
OPEN, SIXTH, SEVENTH = (1, 3 / 2, 2), (1, 5 / 4, 5 / 3), (1, 5 / 4, 15 / 8)

FAMILIES: dict[str, Family] = {
    "Music": Family(
        (motifs.waves, motifs.equaliser, motifs.lissajous, motifs.strings),
        (
            "2a0f45 7b1e7a e0457b ff8e5e ffe3b0",
            "13124a 3f37c9 b5179e f72585 ffd6e8",
            "1d1147 5a189a ff5d8f ffb347 fff1d6",
            "3d0c3f a4133c ff4d6d ff9e7a fff0c9",
        ),
        SEVENTH,
    ),
    "Nature": Family(
        (motifs.contours, motifs.leaves, motifs.woods, motifs.shore),
        (
            "0b3d2e 1f7a4c 6bbf59 d9e76c fff7d1",
            "3a2a18 7d4f1d c8691c f2b134 fdf0d0",
            "06394a 0f7173 3fb8a1 b8e0b0 fdf6d8",
            "1d3b2a 4f772d 90a955 ecd86f fff3c4",
        ),
        SIXTH,
    ),
    "Science": Family(
        (motifs.fractal, motifs.ripples, motifs.orbits, motifs.culture),
        (
            "0a1045 0f4c9c 00a6ed 7fe7dc fff9e6",
            "0d1b4c 5438dc 357ded 56eef4 f5f9ff",
            "081c3a 1273a8 2ec4b6 ffcf56 fff4d4",
            "14213d 2b50aa ff6b6b ffd166 fffbe8",
        ),
        OPEN,
    ),
    "Cooking": Family(
        (motifs.plate, motifs.bubbles, motifs.slices, motifs.swirl),
        (
            "7a1420 c8322b f0732f ffc145 fff5dc",
            "4a2a17 8a3b12 dd7a1d f3c04b fbf2d5",
            "4a0d2b 9b1d3f e4572e f9b072 fff3e0",
            "274029 6b8f2a e2b93b f2683c fff6e5",
        ),
        MAJOR,
    ),
    "Travel": Family(
        (motifs.hills, motifs.skyline, motifs.sea),
        (
            "5bc0eb c9ecf5 fff3b0 3d8f8b 14505c",
            "ff9e7a ffd6a0 fff4d6 c8496b 4b1d52",
            "3a3f8f c86b98 ffd08a 5b3a78 1f1844",
            "f6e7c1 f2b880 e4572e 2f6690 16425b",
            "8ecae6 fde2c8 ff9f5a 5a7d9a 1d3557",
        ),
        OPEN,
    ),
    "Sports": Family(
        (motifs.chevrons, motifs.lanes, motifs.ball, motifs.pennants),
        (
            "0b5fa5 1b8fd6 f4f1de f2c14e e4572e",
            "a83226 d9563a f08a5d ffe8d6 1f3b57",
            "0c6b3a 199f55 8fdc7a f3f9d2 ff7a2f",
            "311b6b 5f2eea f9c80e fff8e8 ff4365",
        ),
        OPEN,
    ),
    "Games": Family(
        (motifs.sprites, motifs.maze, motifs.life, motifs.blocks),
        (
            "1b1b3a 693668 f64740 ffc857 e9f5db",
            "16324f 2a628f 18c29c f8e16c fff8f0",
            "2d1e4f d81e5b 2bc4c4 f5d547 fdf0d5",
            "0f380f 306230 7fa650 c4d96f f3f7c8",
        ),
        MAJOR,
    ),
    "Art & Design": Family(
        (motifs.quarters, motifs.overprint, motifs.ribbons, motifs.confetti),
        (
            "f4ead5 e63946 f4a300 1d5fa8 1a1a2e",
            "fdf0e0 ff6f59 43aa8b 254441 ef3054",
            "fff1e6 f7b2bd d62246 17bebb 4b1d3f",
            "f5f0e1 ffc13b ff6e40 1e847f 1e3d59",
        ),
        SEVENTH,
    ),
    "History": Family(
        (motifs.arcade, motifs.gears, motifs.tiles, motifs.carpet),
        (
            "3b1f14 8a4b2a c98b4a e8cf9a f8efd8",
            "17365c 2f6a9e 8db9d4 efe9d6 d09a3a",
            "2f3e36 5c7d6a a7bfa0 d9b26f f5ead0",
            "4a1c1c 93402f cf7f54 ecc391 f7ecd7",
        ),
        MINOR,
    ),
    "Technology": Family(
        (motifs.lamps, motifs.traces, motifs.automaton, motifs.packets),
        (
            "03142b 063b52 00b894 7dffb3 f4fff0",
            "0f0a2e 3a0ca3 4361ee 4cc9f0 f0fbff",
            "2a1a10 6b340d e07a1f ffc043 fff4d0",
            "101935 564787 f2545b 9ad4d6 f2fdff",
        ),
        OPEN,
    ),
    "Wellness": Family(
        (motifs.breath, motifs.petals, motifs.dunes, motifs.moon),
        (
            "5f6caf 9a8fce e3b5d0 fbdcc8 fff7ec",
            "3f7d7b 7fb7a6 c7e2c0 f7edcb fffaf0",
            "b85c74 e59a9a fbc9b4 fde7d3 fffaf0",
            "39588a 6f9bd1 b5d2ec fbe3d0 ffd0a6",
        ),
        SIXTH,
    ),
    "Making": Family(
        (motifs.weave, motifs.quilt, motifs.grain, motifs.stitches),
        (
            "152a54 2f5596 7ba3d0 efe7d4 c8553d",
            "5b2a1d b5563a e6a65d f4dfb5 3f6c66",
            "2d3e50 4f8a8b f3e2c0 d9a441 a63d40",
            "4b2e2a 8c5a3c d6a671 f1dfc1 7b8f5a",
        ),
        MAJOR,
    ),
}


def draw_clip(video_id: str, family: str, path: Path) -> None:
    """Draw the clip of one video as an MP4 (H.264 and AAC, ready for streaming).

    ``family`` is the name of a parent category. The file appears under ``path`` only
    when it is complete. Raises `KeyError` for an unknown family.
    """
    random = Random(video_id)  # noqa: S311 - a picture, not a secret
    look = FAMILIES[family]
    picture = random.choice(look.motifs)(random)
    colours = random.choice(look.palettes).split()
    graph = f"{picture},{_dye(colours)},trim=duration={SECONDS}[out0];{_chord(look.chord, random)}"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _encode(f"{graph}[out1]", unfinished)
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


def _dye(colours: list[str]) -> str:
    """A filter that turns the five inks of a grey picture into five colours."""
    curves = []
    for channel, start in (("r", 0), ("g", 2), ("b", 4)):
        points = (
            f"{level / 255:.4f}/{int(colour[start : start + 2], 16) / 255:.4f}"
            for level, colour in zip(INK, colours, strict=True)
        )
        curves.append(f"{channel}='{' '.join(points)}'")
    return f"format=gray,format=gbrp,curves={':'.join(curves)}:interp=pchip,format=yuv420p"


def _chord(ratios: tuple[float, ...], random: Random) -> str:
    """A source of soft notes that swell one after the other and fade at the ends."""
    root = 110 * 2 ** (random.choice((0, 2, 3, 5, 7, 8, 10, 12)) / 12)  # Hz
    pulse = random.choice((0.25, 0.5, 1.0))  # swells a second
    voices = (
        f"(0.6+0.4*sin(2*PI*({pulse}*t+{number / len(ratios):.2f})))*sin(2*PI*{root * ratio:.2f}*t)"
        for number, ratio in enumerate(ratios)
    )
    return (
        f"aevalsrc='0.05*({'+'.join(voices)})':s={SAMPLE_RATE}:d={SECONDS},"
        f"afade=t=in:d=0.3,afade=t=out:st={SECONDS - 0.6}:d=0.6"
    )


def _encode(graph: str, path: Path) -> None:
    """Run a graph with a picture on out0 and a sound on out1 into an MP4 file."""
    with (
        av.open(graph, format="lavfi") as source,
        av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        video = target.add_stream("libx264", rate=RATE, options=X264)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.thread_count = 1  # the pool already uses the cores
        sound = target.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        sound.bit_rate = 32_000
        encoders = {"video": video, "audio": sound}
        for packet in source.demux():
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    frame.pict_type = PictureType.NONE  # a raw frame asks to be a key frame
                target.mux(encoders[packet.stream.type].encode(frame))
        for stream in encoders.values():
            target.mux(stream.encode(None))
