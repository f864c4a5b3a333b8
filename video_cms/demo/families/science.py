"""Science: a fractal, rings on water, planets and cells."""

from __future__ import annotations

from math import cos, sin
from random import Random

import numpy as np
from numpy import arctan2, floor, hypot, maximum, mod, pi

from ..drawing import (
    HEIGHT,
    RATE,
    SHEET,
    WIDTH,
    Film,
    Levels,
    average,
    blend,
    cell_chance,
    edge,
    grid,
    lighten,
    scroll,
    seed_of,
    sign,
    source,
    stamp,
    still,
    swing,
    turned,
    wander,
)
from .family import OPEN, Family


def fractal(random: Random) -> Film:
    """A slow fall into the edge of the Mandelbrot set."""
    x, y = random.choice(
        ((-0.743643, -0.131825), (-0.7269, -0.1889), (-1.25066, -0.02012), (-0.16, -1.0405))
    )
    start = random.uniform(0.03, 0.12)
    return source(
        f"mandelbrot=s=320x180:r={RATE}:maxiter=400:start_x={x}:start_y={y}:"
        f"start_scale={start:.3f}:end_scale={start / 6:.4f}:end_pts=80:inner=mincol:"
        f"bailout=20,format=gray,lutyuv=y='abs(mod(val*1.7+40,510)-255)',scale={WIDTH}:{HEIGHT}"
    )


def ripples(random: Random) -> Film:
    """Rings from two stones, and where they meet."""
    x, y = grid(1440, 900)
    radius = hypot(x - SHEET, y - 450)

    def rings(length: int) -> Levels:
        return 127.5 + 127.5 * np.cos(radius * 2 * pi / length)

    first, second = random.randint(44, 80), random.randint(44, 80)
    pace, lag = random.uniform(0.5, 0.9), random.uniform(0, 3)
    here = wander(rings(first), swing(540, 130, pace, lag, sin), swing(270, 60, 0.7, 0, cos))
    there = wander(rings(second), swing(260, -110, pace, lag, sin), swing(270, -70, 0.6, 0, cos))
    return blend(average, here, there)


def orbits(random: Random) -> Film:
    """Planets on their rings around a small sun."""
    left, top = random.randint(100, 540), random.randint(70, 290)
    x, y = grid(WIDTH)
    radius = hypot(x - left, y - top)
    step = random.choice((52, 60, 70))
    rings = 30 + 22 * floor(radius / step) + 45 * edge(abs(mod(radius, step) - step / 2) - 0.8)
    sun = 225 * edge(radius - random.randint(16, 24))
    layers = [still(maximum(rings, sun))]
    x, y = grid(64, 64)
    for number, ring in enumerate(random.sample((1, 2, 3, 4), 3)):
        planet = (255 - 28 * number) * edge(hypot(x - 32, y - 32) - random.randint(8, 24))
        speed, start = sign(random) * random.uniform(0.5, 1.3), random.uniform(0, 6)
        reach = step * (ring + 0.5)
        across, down = swing(left, reach, speed, start, cos), swing(top, reach, speed, start, sin)
        layers.append(stamp(planet, across, down))
    return blend(lighten, *layers)


def culture(random: Random) -> Film:
    """Round cells under a microscope, each with its nucleus."""
    x, y = grid(WIDTH)
    layers = [still(24 + 40 * np.sin(pi * x / WIDTH) * np.sin(pi * y / HEIGHT))]
    for size, strength in ((72, 0.6), (120, 1.0)):
        seed = seed_of(random)
        reach = size * (0.22 + 0.22 * cell_chance(size, seed))
        along, across = turned(size, 6.3 * cell_chance(size, seed + 4))
        wobble = 1 + 0.1 * np.sin(3 * arctan2(across, along))
        radius = hypot(along, across) * wobble
        body = 110 * edge(radius - reach) + 80 * edge(abs(radius - reach) - 2.5)
        core = 90 * edge(radius - reach * 0.33)
        layer = strength * (body + core)
        layers.append(scroll(layer, sign(random) * random.randint(10, 34), random.randint(-24, 24)))
    return blend(lighten, *layers)


FAMILY = Family(
    motifs=(fractal, ripples, orbits, culture),
    palettes=(
        "0a1045 0f4c9c 00a6ed 7fe7dc fff9e6",
        "0d1b4c 5438dc 357ded 56eef4 f5f9ff",
        "081c3a 1273a8 2ec4b6 ffcf56 fff4d4",
        "14213d 2b50aa ff6b6b ffd166 fffbe8",
    ),
    chord=OPEN,
)
