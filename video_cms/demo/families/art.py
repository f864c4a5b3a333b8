"""Art & Design: quarter circles, overprints, brush strokes and cut paper."""

from __future__ import annotations

from math import cos, sin
from random import Random

import numpy as np
from numpy import arctan2, floor, hypot, maximum, mod, pi, where

from ..drawing import (
    HEIGHT,
    SHEET,
    Film,
    Levels,
    add,
    blend,
    cell_chance,
    chance,
    edge,
    grid,
    ink,
    scroll,
    seed_of,
    sign,
    stamp,
    swing,
    turned,
)
from .family import SEVENTH, Family


def quarters(random: Random) -> Film:
    """Quarter circles and squares, turned by chance: a poster that never settles."""
    size, seed = random.choice((90, 120, 180)), seed_of(random)
    x, y = grid()
    turn, kind = cell_chance(size, seed), cell_chance(size, seed + 1)
    u = where(mod(turn * 4, 2) > 1, mod(x, size), size - mod(x, size))
    v = where(turn > 0.5, mod(y, size), size - mod(y, size))
    middle = hypot(u - size / 2, v - size / 2) - size * 0.36
    shape = where(kind > 0.72, middle, where(kind > 0.16, hypot(u, v) - size, u - size / 2))
    front, back = ink(cell_chance(size, seed + 2)), ink(cell_chance(size, seed + 5))
    picture = where(shape < 0, front, back)
    return scroll(picture, sign(random) * random.randint(14, 36), random.choice((0, 14)))


def overprint(random: Random) -> Film:
    """Three big shapes printed over each other, each overlap a new colour."""
    x, y = grid(400, 400)
    radius, angle = hypot(x - 200, y - 200), arctan2(y - 200, x - 200)
    layers = []
    corners_of = random.sample((0, 0, 3, 4, 6), 3)
    for number, (level, corners) in enumerate(zip((64, 64, 127), corners_of, strict=True)):
        reach = random.randint(110, 165) * (0.65 if corners == 3 else 1)  # else twice as wide
        side: Levels = 1
        if corners:
            side = np.cos(mod(angle + 9, 2 * pi / corners) - pi / corners)
        start, pace = random.uniform(0, 1) + 2.1 * number, random.uniform(0.5, 1.0)
        shape = level * edge(radius * side - reach)
        layers.append(
            stamp(shape, swing(320, 170, pace, start, cos), swing(180, 70, pace, start, sin))
        )
    return blend(add, *layers)


def ribbons(random: Random) -> Film:
    """Broad brush strokes flowing side by side."""
    bands, lean, seed = random.choice((8, 12, 16)), random.choice((-1, 0, 1)), seed_of(random)
    x, y = grid()
    bend = random.randint(24, 60) * np.sin(2 * pi * random.choice((1, 2)) * x / SHEET)
    across = y + bend + lean * x / 2 + HEIGHT * 2
    stroke = floor(across * bands / HEIGHT)
    bristle = 10 * np.sin(across * 1.1 + 3 * np.sin(x / 70))
    strokes = ink(chance(mod(stroke, bands), 4, seed)) + bristle
    return scroll(strokes, right=sign(random) * random.randint(40, 90))


def confetti(random: Random) -> Film:
    """Cut paper: bars, dots and bows scattered over a sheet."""
    size, seed = random.choice((60, 72, 90)), seed_of(random)
    along, across = turned(size, pi * cell_chance(size, seed))
    kind, radius = cell_chance(size, seed + 3), hypot(along, across)
    bar = maximum(abs(along) - size * 0.34, abs(across) - size * 0.1)
    bow = maximum(abs(radius - size * 0.26) - size * 0.08, across)
    shape = where(kind > 0.66, bar, where(kind > 0.33, radius - size * 0.24, bow))
    tint = 63.75 * (1 + floor(3.99 * cell_chance(size, seed + 6)))
    return scroll(tint * edge(shape), sign(random) * 22, random.randint(14, 40))


FAMILY = Family(
    motifs=(quarters, overprint, ribbons, confetti),
    palettes=(
        "f4ead5 e63946 f4a300 1d5fa8 1a1a2e",
        "fdf0e0 ff6f59 43aa8b 254441 ef3054",
        "fff1e6 f7b2bd d62246 17bebb 4b1d3f",
        "f5f0e1 ffc13b ff6e40 1e847f 1e3d59",
    ),
    chord=SEVENTH,
)
