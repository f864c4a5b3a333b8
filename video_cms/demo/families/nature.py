"""Nature: hills from above, leaves, trunks and foam."""

from __future__ import annotations

from random import Random

from numpy import floor, hypot, mod, pi, sin

from ..drawing import (
    HEIGHT,
    RATE,
    SHEET,
    WIDTH,
    Film,
    add,
    blend,
    cell_chance,
    chance,
    darken,
    edge,
    grid,
    lighten,
    scroll,
    seed_of,
    sign,
    source,
    still,
    turned,
)
from .family import SIXTH, Family


def contours(random: Random) -> Film:
    """A map of hills nobody has climbed, slowly changing shape."""
    bands = random.choice((3, 4, 5))
    return source(
        f"perlin=s=160x90:r={RATE}:octaves=2:persistence=0.4:tscale=0.35:random_mode=seed:"
        f"random_seed={seed_of(random)}:xscale={random.uniform(2.2, 4):.2f}:"
        f"yscale={random.uniform(1.6, 3):.2f},format=gray,scale={WIDTH}:{HEIGHT}:flags=bicubic,"
        f"lutyuv=y='clip((val-60)*1.9,0,255)',"
        f"lutyuv=y='0.3*val+0.7*floor(val*{bands}/128)*128/{bands}'"
    )


def leaves(random: Random) -> Film:
    """Leaves of two sizes drifting past each other."""
    _, y = grid()
    layers = [still(70 * y / HEIGHT)]
    for size, low in ((120, 100), (72, 160)):
        seed = seed_of(random)
        along, across = turned(size, floor(4 * cell_chance(size, seed)) * pi / 4)
        reach = size * 0.72
        leaf = edge(hypot(along, abs(across) + reach * 0.72) - reach)
        vein = edge(1.2 - abs(across))
        tint = low + 80 * cell_chance(size, seed + 7)
        layer = tint * leaf * (0.72 + 0.28 * vein)
        layers.append(scroll(layer, sign(random) * random.randint(12, 30), random.randint(10, 40)))
    return blend(lighten, *layers)


def woods(random: Random) -> Film:
    """Trunks in three depths, passing as if seen from a path."""
    x, y = grid()
    layers = [still(255 - 70 * y / HEIGHT)]
    for width, level, speed in ((40, 165, 18), (72, 95, 40), (180, 12, 85)):
        column = chance(floor(x / width), 3, seed_of(random))
        lean = 3 * sin(y / 60 + floor(x / width) * 2)
        thickness = width * (0.06 + 0.12 * column + 0.04 * y / HEIGHT)
        trunk = edge(abs(mod(x, width) - width / 2 + lean) - thickness)
        layers.append(scroll(255 - (255 - level) * trunk, right=-speed))
    return blend(darken, *layers)


def shore(random: Random) -> Film:
    """Foam lines coming in over sand."""
    x, y = grid()
    layers = []
    for number in range(4):
        turn = 2 * pi * x / SHEET
        lace = 14 * sin((2 + number) * turn) + 8 * sin((5 + number) * turn + 0.6 * pi)
        line = 50 + 84 * number + lace
        foam = 58 * edge(y - line) + (60 - 8 * number) * edge(abs(y - line - 4) - 3)
        layers.append(scroll(foam, right=sign(random) * random.randint(14, 46)))
    return blend(add, *layers)


FAMILY = Family(
    motifs=(contours, leaves, woods, shore),
    palettes=(
        "0b3d2e 1f7a4c 6bbf59 d9e76c fff7d1",
        "3a2a18 7d4f1d c8691c f2b134 fdf0d0",
        "06394a 0f7173 3fb8a1 b8e0b0 fdf6d8",
        "1d3b2a 4f772d 90a955 ecd86f fff3c4",
    ),
    chord=SIXTH,
)
