"""Travel: hills, roofs and the sea, each under an evening sky."""

from __future__ import annotations

from random import Random

from numpy import floor, hypot, maximum, mod, pi, sin

from ..drawing import (
    SHEET,
    WIDTH,
    Film,
    blend,
    chance,
    edge,
    grid,
    lighten,
    scroll,
    seed_of,
    still,
)
from .family import OPEN, Family


def sky(random: Random) -> Film:
    """Evening sky with a sun, ink 0 above to ink 1 at the horizon; the sun is ink 2."""
    left, top, size = random.randint(120, 520), random.randint(70, 150), random.randint(26, 62)
    x, y = grid(WIDTH)
    return still(maximum(64 * y / 260, 128 * edge(hypot(x - left, y - top) - size)))


def hills(random: Random) -> Film:
    """Three ridges going by a train window, the far one slowest."""
    layers = [sky(random)]
    x, y = grid()
    for number, (level, speed) in enumerate(((160, 16), (202, 44), (255, 100))):
        line = 185.0 + 55 * number
        for crests, height in (
            (random.choice((1, 2)), 34),
            (random.choice((3, 4, 5)), 16),
            (9 + number, 5),
        ):
            line = line + height * sin(2 * pi * (crests * x / SHEET + random.random()))
        layers.append(scroll(level * edge(line - y), right=-speed))
    return blend(lighten, *layers)


def skyline(random: Random) -> Film:
    """Roofs in three depths, with lit windows in the nearest."""
    layers = [sky(random)]
    x, y = grid()
    for number, (width, level, speed) in enumerate(((30, 160, 12), (45, 202, 30), (72, 255, 64))):
        seed = seed_of(random)
        column = chance(floor(x / width), 2, seed)
        gabled = chance(floor(x / width), 8, seed) > 0.6
        slope = gabled * abs(mod(x, width) - width / 2)
        roof = 120 + 55 * number + (90 - 12 * number) * column + slope
        wall = level * (y > roof)
        if number == 2:
            lit = chance(floor(x / 12), floor(y / 16), seed) > 0.72
            pane = (mod(x, 12) < 6) & (mod(y, 16) < 9) & lit & (y > roof + 14)
            wall = wall * (1 - 0.5 * pane)
        layers.append(scroll(wall, right=-speed))
    return blend(lighten, *layers)


def sea(random: Random) -> Film:
    """Rows of swell under a low sun."""
    layers = [sky(random)]
    x, y = grid()
    for number, level in enumerate((170, 191, 212, 234, 255)):
        crests, height = 3 + (number * 2) % 5, 5 + 3 * number
        bow = height * abs(sin(pi * (crests * x / SHEET + random.random())))
        layer = level * (y > 190 + 36 * number - bow)
        layers.append(scroll(layer, right=(-1) ** number * (14 + 12 * number)))
    return blend(lighten, *layers)


FAMILY = Family(
    motifs=(hills, skyline, sea),
    palettes=(
        "5bc0eb c9ecf5 fff3b0 3d8f8b 14505c",
        "ff9e7a ffd6a0 fff4d6 c8496b 4b1d52",
        "3a3f8f c86b98 ffd08a 5b3a78 1f1844",
        "f6e7c1 f2b880 e4572e 2f6690 16425b",
        "8ecae6 fde2c8 ff9f5a 5a7d9a 1d3557",
    ),
    chord=OPEN,
)
