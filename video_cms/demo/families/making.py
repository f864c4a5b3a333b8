"""Making: cloth, a quilt, a board and knitting."""

from __future__ import annotations

from random import Random

from numpy import exp, floor, hypot, mod, pi, sin, where

from ..drawing import (
    INK,
    SHEET,
    Film,
    cell_chance,
    chance,
    edge,
    grid,
    ink,
    scroll,
    seed_of,
    sign,
)
from .family import MAJOR, Family


def weave(random: Random) -> Film:
    """Warp over weft: twill, basket or herringbone, thread by thread."""
    thread = random.choice((9, 12, 15))
    x, y = grid()
    step = random.choice((x, abs(mod(x, 180) - 90), floor(x / (thread * 2)) * thread * 2))
    over = mod(floor(step / thread) + floor(y / thread), 4) < 2
    seed, stripe = seed_of(random), thread * random.choice((3, 4, 6))
    warp = 64 * floor(5 * chance(floor(x / stripe), 1, seed))
    weft = 64 * floor(5 * chance(floor(y / stripe), 2, seed))
    along = where(over, x, y)
    roundness = sin(pi * mod(along, thread) / thread)
    cloth = where(over, warp, weft) - 26 + 26 * roundness
    return scroll(cloth, sign(random) * 24, random.randint(10, 24))


def quilt(random: Random) -> Film:
    """Half-square triangles, pieced from what was in the bag."""
    size, seed = random.choice((60, 72, 90, 120)), seed_of(random)
    x, y = grid()
    u, v = mod(x, size), mod(y, size)
    half = where(cell_chance(size, seed) > 0.5, u > v, u + v > size)
    patch = where(half, ink(cell_chance(size, seed + 1)), ink(cell_chance(size, seed + 2)))
    stitch = (abs(u - 6) < 1) & (mod(v, 10) < 6)
    dots = (mod(x, 12) + mod(y, 12) < 5) & (cell_chance(size, seed + 3) > 0.6)
    picture = patch + 40 * stitch + 40 * dots
    return scroll(picture, sign(random) * random.randint(14, 30), random.choice((0, -14)))


def grain(random: Random) -> Film:
    """A planed board going past: rings, long lines and a knot or two."""
    left, top = random.randint(300, 420), random.randint(90, 270)
    x, y = grid()
    knot = hypot((x - left) / 2.2, y - top)
    bulge = 60 * exp(-knot / 30) * (y - top) / (abs(y - top) + 9)
    flow = y + 26 * sin(2 * pi * x / SHEET) + bulge
    lines = 0.5 + 0.5 * sin(flow / random.uniform(4.5, 8) + 1.4 * sin(flow / 37))
    eye = edge(knot - random.randint(8, 16))
    fibres = 14 * sin(80 * pi * x / SHEET + y * 3)
    picture = (60 + 170 * lines**0.8 + fibres) * (1 - 0.8 * eye)
    return scroll(picture, right=sign(random) * random.randint(40, 80))


def stitches(random: Random) -> Film:
    """Knitted rows with a pattern picked out in another wool."""
    side, seed, repeat = random.choice((18, 24)), seed_of(random), random.choice((5, 6, 10))
    x, y = grid()
    height = (y + 0.8 * abs(mod(x, side) - side / 2)) / (side / 1.5)  # in rows
    column, row = floor(x / side), floor(height)
    motif = chance(abs(mod(column, repeat * 2) - repeat), abs(mod(row, 10) - 5), seed)
    chosen, first, second = random.sample(INK, 3)
    wool = where(motif > 0.5, chosen, where(mod(row, 20) > 9, first, second))
    bulge = 30 * abs(sin(pi * height))
    seam = 24 * (abs(mod(x, side) - side / 2) < 1.2)
    return scroll(wool - 30 + bulge - seam, 0, random.choice((-24, 24)))


FAMILY = Family(
    motifs=(weave, quilt, grain, stitches),
    palettes=(
        "152a54 2f5596 7ba3d0 efe7d4 c8553d",
        "5b2a1d b5563a e6a65d f4dfb5 3f6c66",
        "2d3e50 4f8a8b f3e2c0 d9a441 a63d40",
        "4b2e2a 8c5a3c d6a671 f1dfc1 7b8f5a",
    ),
    chord=MAJOR,
)
