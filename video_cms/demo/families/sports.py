"""Sports: arrows, a running track, a ball and flags."""

from __future__ import annotations

from math import sin
from random import Random

import numpy as np
from numpy import arctan2, floor, hypot, maximum, minimum, mod, pi, where

from ..drawing import (
    HEIGHT,
    SHEET,
    WIDTH,
    Film,
    blend,
    chance,
    edge,
    grid,
    ink,
    lighten,
    scroll,
    seed_of,
    sign,
    spin,
    stamp,
    still,
)
from .family import OPEN, Family


def chevrons(random: Random) -> Film:
    """Arrows in all inks, in a hurry."""
    period, slope, seed = random.choice((90, 120, 180)), random.uniform(0.5, 1.1), seed_of(random)
    x, y = grid()
    along = x - slope * abs(y - 180) + SHEET
    band = mod(floor(along / period * 3), SHEET // period * 3)
    stripe = where(mod(along, period // 3) < 5, 255, ink(chance(band, 1, seed)))
    return scroll(stripe, right=random.randint(90, 170))


def lanes(random: Random) -> Film:
    """The bend of a running track, with the marks flying by."""
    half, lane = 360, random.choice((24, 30, 36))
    x, y = grid(720, 720)
    radius, angle = hypot(x - half, y - half), arctan2(y - half, x - half)
    number = floor(radius / lane)
    line = edge(abs(mod(radius, lane) - lane / 2) - lane * 0.42)
    dash = mod(angle / pi * random.choice((12, 16, 20)) + number * 0.37, 2) < 0.35
    tint = 20 + 54 * mod(number, 2) + 90 * (mod(number, 5) == 2)
    ground = (line * (tint + 110 * dash) + (1 - line) * 191) * (radius < 356)
    corner = random.choice(((230, 260), (410, 260), (320, 180), (320, 60)))
    return spin(ground, sign(random) * 0.35, *corner)


def ball(random: Random) -> Film:
    """A ball bouncing across a marked court."""
    bay, size = random.choice((120, 180, 240)), random.randint(34, 58)
    x, y = grid(WIDTH)
    marks = edge(minimum(abs(mod(x, bay) - bay / 2), abs(y - random.randint(150, 230))) - 3)
    arc = edge(abs(hypot(x - 320, y - 180) - random.randint(80, 130)) - 3)
    court = maximum(28 + 50 * (mod(x, bay * 2) > bay), 128 * maximum(marks, arc))
    x, y = grid(128, 128)
    seam = edge(abs(hypot(x - 64 - size, y - 64) - size * 0.9) - 2)
    shape = (250 - 60 * seam) * edge(hypot(x - 64, y - 64) - size)
    pace, hop = random.uniform(90, 140), random.uniform(2.2, 3.2)
    start, height = random.randint(0, 200), random.randint(170, 230)
    flying = stamp(
        shape,
        lambda t: (pace * t + start) % WIDTH,
        lambda t: HEIGHT - size - 12 - height * abs(sin(hop * t + 0.9)),
    )
    return blend(lighten, still(court), flying)


def pennants(random: Random) -> Film:
    """Rows of little flags pulled through the picture."""
    x, y = grid()
    layers = [still(20 + 50 * y / HEIGHT)]
    for number in range(3):
        width, seed = random.choice((60, 72, 90)), seed_of(random)
        rope = 18 + 116 * number + 16 * np.sin(4 * pi * x / SHEET + number)
        taper = 1.9 * abs(mod(x, width) - width / 2) * 90 / width
        flag = edge(maximum(rope - y, y - rope - 92 + taper))
        tint = 64 * (1.6 + floor(2.9 * chance(floor(x / width), 1, seed)))
        layer = maximum(tint * flag, 255 * edge(abs(y - rope) - 2))
        layers.append(scroll(layer, right=(-1) ** number * random.randint(40, 90)))
    return blend(lighten, *layers)


FAMILY = Family(
    motifs=(chevrons, lanes, ball, pennants),
    palettes=(
        "0b5fa5 1b8fd6 f4f1de f2c14e e4572e",
        "a83226 d9563a f08a5d ffe8d6 1f3b57",
        "0c6b3a 199f55 8fdc7a f3f9d2 ff7a2f",
        "311b6b 5f2eea f9c80e fff8e8 ff4365",
    ),
    chord=OPEN,
)
