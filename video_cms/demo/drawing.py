"""Building blocks for moving pictures in grey.

A film is an iterator of frames that never ends. Five grey levels (`INK`) stand for five inks;
`clips` dyes them with a family's colours. Detailed pictures are drawn once and then moved; only
small ones are drawn anew for every frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import count, repeat
from math import degrees
from random import Random
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]
Film = Iterator[Grey]
#: A picture's levels, or one row or column of them that stands for all.
Levels = Any
Path = Callable[[float], float]  # a place in pixels at a time in seconds
Wave = Callable[[float], float]

WIDTH, HEIGHT = 640, 360  # pixels
RATE = 20  # frames a second

#: The five grey levels that become exactly the five colours of a palette.
INK = (0, 64, 128, 191, 255)

SHEET = 720  # pixels: width of a picture that scrolls; 60, 72, 90 and 120 divide it


# --- Coordinates and levels


def grid(width: int = SHEET, height: int = HEIGHT) -> tuple[Levels, Levels]:
    """Return the pixels' coordinates: x as a row, y as a column."""
    y, x = np.ogrid[:height, :width]
    return x.astype(float), y.astype(float)


def chance(x: Levels, y: Levels, seed: int) -> Levels:
    """Return a fixed random number in 0-1 that depends on two others."""
    return np.mod(abs(np.sin(x * 12.9898 + y * 78.233 + seed) * 43758.5453), 1)


def cell_chance(size: float, seed: int) -> Levels:
    """Return one random number in 0-1 for each square cell of a sheet."""
    x, y = grid()
    return chance(np.floor(x / size), np.floor(y / size), seed)


def turned(size: int, angle: Levels) -> tuple[Levels, Levels]:
    """Return coordinates from the centre of a sheet's cells, along and across an angle."""
    x, y = grid()
    right, down = np.mod(x, size) - size / 2, np.mod(y, size) - size / 2
    cosine, sine = np.cos(angle), np.sin(angle)
    return right * cosine + down * sine, down * cosine - right * sine


def edge(distance: Levels) -> Levels:
    """Return 1 where a distance (pixels) is negative, 0 beyond, soft between."""
    return np.clip(0.5 - distance, 0, 1)


def ink(fraction: Levels) -> Levels:
    """Turn a number in 0-1 into one of the five ink levels."""
    return np.minimum(np.floor(5 * fraction), 4) * 63.75


def seed_of(random: Random) -> int:
    return random.randrange(1, 1000)


def sign(random: Random) -> int:
    return random.choice((-1, 1))


def swing(middle: float, reach: float, pace: float, start: float, wave: Wave) -> Path:
    """Return a way to and fro: the sine or cosine of time, radians a second."""
    return lambda t: middle + reach * wave(pace * t + start)


def _bytes(levels: Levels) -> Grey:
    return np.clip(levels, 0, 255).astype(np.uint8)


def _grey(levels: Levels, width: int, height: int) -> Grey:
    return np.broadcast_to(_bytes(levels), (height, width))


# --- Films


def still(levels: Levels) -> Film:
    """Hold one picture for ever."""
    return repeat(_grey(levels, WIDTH, HEIGHT))


def alive(
    draw: Callable[[Levels, Levels, float], Levels], width: int, height: int, soft: bool = True
) -> Film:
    """Draw a small picture anew for each frame, from x, y and seconds, and enlarge it."""
    x, y = grid(width, height)
    way = Image.Resampling.BICUBIC if soft else Image.Resampling.NEAREST
    for number in count():
        small = _grey(draw(x, y, number / RATE), width, height)
        yield np.asarray(Image.fromarray(small).resize((WIDTH, HEIGHT), way))


def source(graph: str) -> Film:
    """Take what an ffmpeg filter graph without input draws, in grey and of the full size."""
    with av.open(f"{graph},format=gray[out0]", format="lavfi") as drawn:
        for frame in drawn.decode(video=0):
            yield frame.to_ndarray()


def scroll(levels: Levels, right: float = 0.0, down: float = 0.0) -> Film:
    """Slide a sheet, wrapping around; speeds in pixels a second."""
    sheet = np.tile(_grey(levels, SHEET, HEIGHT), (2, 2))
    for number in count():
        x, y = round(-right * number / RATE) % SHEET, round(-down * number / RATE) % HEIGHT
        yield sheet[y : y + HEIGHT, x : x + WIDTH]


def wander(levels: Levels, x: Path, y: Path) -> Film:
    """Look at a large picture through a window whose corner follows a path, up to its edges."""
    picture = _bytes(levels)
    height, width = picture.shape
    for number in count():
        left = min(max(int(x(number / RATE)), 0), width - WIDTH)
        top = min(max(int(y(number / RATE)), 0), height - HEIGHT)
        yield picture[top : top + HEIGHT, left : left + WIDTH]


def stamp(levels: Levels, x: Path, y: Path) -> Film:
    """Move the centre of a small square picture along a path on black."""
    half = len(levels) // 2
    # room to leave the picture on every side
    room = np.pad(levels, ((HEIGHT + half, HEIGHT + half), (WIDTH + half, WIDTH + half)))
    return wander(room, lambda t: WIDTH + 2 * half - x(t), lambda t: HEIGHT + 2 * half - y(t))


def spin(levels: Levels, speed: float, x: int, y: int) -> Film:
    """Turn a square picture (radians a second) around its centre, set at x, y on black."""
    picture = Image.fromarray(_bytes(levels))
    corner = x - picture.width // 2, y - picture.height // 2  # may be outside
    for number in count():
        frame = Image.new("L", (WIDTH, HEIGHT))
        angle = -degrees(speed * number / RATE)
        frame.paste(picture.rotate(angle, Image.Resampling.BILINEAR), corner)
        yield np.asarray(frame)


# --- One over the other


def blend(mode: Callable[[Grey, Grey], Grey], *films: Film) -> Film:
    """Lay films over each other, the first at the bottom."""
    for frames in zip(*films, strict=False):  # those from `source` may end
        yield reduce(mode, frames)


def lighten(below: Grey, above: Grey) -> Grey:
    return np.maximum(below, above)


def darken(below: Grey, above: Grey) -> Grey:
    return np.minimum(below, above)


def add(below: Grey, above: Grey) -> Grey:
    return np.minimum(below, 255 - above) + above


def multiply(below: Grey, above: Grey) -> Grey:
    return (below.astype(np.uint16) * above // 255).astype(np.uint8)


def average(below: Grey, above: Grey) -> Grey:
    return below // 2 + above // 2
