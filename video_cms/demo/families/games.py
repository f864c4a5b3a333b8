"""Games: creatures, a labyrinth, the game of life and bricks."""

from __future__ import annotations

from math import floor as down_to
from random import Random

from numpy import floor, maximum, minimum, mod, where

from ..drawing import (
    HEIGHT,
    RATE,
    WIDTH,
    Film,
    Levels,
    alive,
    blend,
    cell_chance,
    chance,
    edge,
    grid,
    ink,
    multiply,
    scroll,
    seed_of,
    sign,
    source,
    still,
    wander,
)
from .family import MAJOR, Family


def sprites(random: Random) -> Film:
    """Ranks of small mirrored creatures, no two alike, marching."""
    seed = seed_of(random)
    x, y = grid(180, 96)
    across, down = mod(x, 12), mod(y, 12)
    column = minimum(across, 10 - across)
    inside = (across > 0) & (across < 11) & (down > 1) & (down < 10)
    part = chance(floor(x / 12) * 17 + column, floor(y / 12) * 31 + down, seed)
    tint = 63.75 * (1 + floor(3.99 * chance(floor(x / 12), floor(y / 12), seed + 1)))
    small = tint * ((part > 0.42) & inside)
    zoom, start = random.choice((4, 6, 8)), random.randint(0, 4)
    return wander(
        small.repeat(zoom, axis=0).repeat(zoom, axis=1),
        lambda t: 10 + down_to(t * 3 + start) * zoom,
        lambda t: zoom * (down_to(t * 3) % 2),
    )


def maze(random: Random) -> Film:
    """Slashes and backslashes that happen to be a labyrinth."""
    size, seed = random.choice((36, 45, 60)), seed_of(random)
    x, y = grid()
    flip = cell_chance(size, seed) > 0.5
    down, up = mod(x, size) - mod(y, size), mod(x, size) + mod(y, size) - size
    wall = edge(abs(where(flip, down, up)) - size * 0.2)
    ends = edge(size * 0.86 - abs(where(flip, up, down)))
    level = 110 + 145 * chance(floor(x / (size * 4)), floor(y / (size * 3)), seed + 2)
    picture = maximum(26, level * maximum(wall, ends * 0.9))
    return scroll(picture, sign(random) * random.randint(20, 50), random.randint(-20, 20))


def life(random: Random) -> Film:
    """The game of life, with the dead fading slowly."""
    return source(
        f"life=s=64x36:r=5:ratio={random.uniform(0.25, 0.4):.2f}:seed={seed_of(random)}:"
        "mold=12:life_color=white:death_color=0x909090:mold_color=0x303030:stitch=1,"
        f"fps={RATE},format=gray,scale={WIDTH}:{HEIGHT}:flags=neighbor"
    )


def blocks(random: Random) -> Film:
    """Bricks falling into place, column by column."""
    seed, columns = seed_of(random), random.choice((16, 20, 32))

    def bricks(x: Levels, y: Levels, t: float) -> Levels:
        drop = floor(t * (2 + 3 * chance(x, 1, seed)) + 20 * chance(x, 2, seed))
        return ink(chance(floor(x / 2), floor((y - drop) / 3), seed))

    x, y = grid(WIDTH)
    side = WIDTH / columns
    across, down = abs(mod(x, side) - side / 2), abs(mod(y, side) - side / 2)
    bevel = 170 + 85 * edge(maximum(across, down) - side * 0.44)
    falling = alive(bricks, columns, columns * HEIGHT // WIDTH, soft=False)
    return blend(multiply, falling, still(bevel))


FAMILY = Family(
    motifs=(sprites, maze, life, blocks),
    palettes=(
        "1b1b3a 693668 f64740 ffc857 e9f5db",
        "16324f 2a628f 18c29c f8e16c fff8f0",
        "2d1e4f d81e5b 2bc4c4 f5d547 fdf0d5",
        "0f380f 306230 7fa650 c4d96f f3f7c8",
    ),
    chord=MAJOR,
)
