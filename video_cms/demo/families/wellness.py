"""Wellness: breath, petals, dunes and the moon."""

from __future__ import annotations

import math
from random import Random

from numpy import arctan2, clip, cos, exp, hypot, maximum, mod, pi, sin, where

from ..drawing import (
    SHEET,
    WIDTH,
    Film,
    Levels,
    add,
    alive,
    blend,
    edge,
    grid,
    lighten,
    scroll,
    sign,
    still,
    wander,
)
from .family import SIXTH, Family


def breath(random: Random) -> Film:
    """Soft rings that widen and narrow at the pace of sleep."""
    left, top, length = random.randint(50, 110), random.randint(32, 60), random.randint(9, 15)
    x, y = grid(160, 90)
    radius = hypot(x - left, y - top)
    fade = 110 * exp(-radius / 170)
    return alive(
        lambda x, y, t: 128 + fade * cos(radius / length - 1.6 * math.sin(t * 0.8)), 160, 90
    )


def petals(random: Random) -> Film:
    """A flower opening, one soft row of petals over another."""
    left, top = random.randint(56, 104), random.randint(32, 58)
    count, size = random.choice((5, 6, 8, 10)), random.randint(12, 18)
    x, y = grid(160, 90)
    radius, angle = hypot(x - left, y - top), arctan2(y - top, x - left)

    def bloom(x: Levels, y: Levels, t: float) -> Levels:
        opening = 1 + 0.12 * math.sin(t * 0.9)
        row = radius / (size * opening * (0.72 + 0.28 * abs(cos(count / 2 * angle + t * 0.1))))
        return clip(250 - 52 * row + 26 * (mod(row, 1) - 0.5), 18, 255)

    return alive(bloom, 160, 90)


def dunes(random: Random) -> Film:
    """Sand ridges lit from the side, hardly moving."""
    x, y = grid()
    layers = []
    for number in range(3):
        height, crests = random.randint(20, 44), random.choice((1, 2))
        line = 70 + 95 * number + height * sin(2 * pi * (crests * x / SHEET + random.random()))
        lit = 1 - 0.75 * clip((y - line) / 190, 0, 1)
        layer = 84 * edge(line - y) * lit
        layers.append(scroll(layer, right=sign(random) * random.randint(10, 30)))
    return blend(add, *layers)


def moon(random: Random) -> Film:
    """A moon rising over quiet water, with its path of light."""
    left, size, water = random.randint(200, 440), random.randint(44, 70), random.randint(210, 250)
    x, y = grid(WIDTH)
    radius = hypot(x - left, y - water + 110)
    light = maximum(20 + 150 * exp(-radius / 210), 250 * edge(radius - size))
    x, y = grid()
    spread = abs(x - left - 6) / (size + maximum(y - water, 0) * 0.5)
    row = sin(y * random.uniform(0.3, 0.5) + 2 * sin(x / 48))
    path = where(y > water, 34 + 200 * exp(-spread) * (0.55 + 0.45 * row), 0)
    shimmer = wander(path, lambda t: 6 + 6 * math.sin(t * 2), lambda t: 0)
    return blend(lighten, still(where(y < water, light, 0)), shimmer)


FAMILY = Family(
    motifs=(breath, petals, dunes, moon),
    palettes=(
        "5f6caf 9a8fce e3b5d0 fbdcc8 fff7ec",
        "3f7d7b 7fb7a6 c7e2c0 f7edcb fffaf0",
        "b85c74 e59a9a fbc9b4 fde7d3 fffaf0",
        "39588a 6f9bd1 b5d2ec fbe3d0 ffd0a6",
    ),
    chord=SIXTH,
)
