"""Technology: lamps, copper tracks, an automaton and packets."""

from __future__ import annotations

from random import Random

from numpy import cos, floor, hypot, maximum, minimum, mod, sin, where

from ..drawing import (
    HEIGHT,
    RATE,
    WIDTH,
    Film,
    alive,
    blend,
    cell_chance,
    chance,
    edge,
    grid,
    lighten,
    multiply,
    scroll,
    seed_of,
    sign,
    source,
    still,
)
from .family import OPEN, Family


def lamps(random: Random) -> Film:
    """A wall of lamps, with weather going through it."""
    side = random.choice((16, 20, 40))
    field = source(
        f"perlin=s={WIDTH // side}x{HEIGHT // side}:r={RATE}:octaves=1:tscale=1.2:"
        f"random_mode=seed:random_seed={seed_of(random)}:xscale=3:yscale=2.4,format=gray,"
        f"scale={WIDTH}:{HEIGHT}:flags=neighbor,lutyuv=y='clip((val-60)*2,30,255)'"
    )
    x, y = grid(WIDTH)
    across, down = abs(mod(x, side) - side / 2), abs(mod(y, side) - side / 2)
    distance = random.choice(
        (hypot(across, down) - side * 0.4, maximum(across, down) - side * 0.38)
    )
    return blend(multiply, field, still(50 + 205 * edge(distance)))


def traces(random: Random) -> Film:
    """Copper tracks that turn at every cell, with a current running across."""
    size, seed = random.choice((36, 45, 60)), seed_of(random)
    x, y = grid()
    flip = cell_chance(size, seed) > 0.5
    u, v = where(flip, mod(x, size), size - mod(x, size)), mod(y, size)
    near, far = hypot(u, v), hypot(size - u, size - v)
    track = edge(minimum(abs(near - size / 2), abs(far - size / 2)) - size * 0.13)
    pad = edge(hypot(u - size / 2, v - size / 2) - size * 0.12)
    board = scroll(maximum(40, maximum(255 * track, 150 * pad)), sign(random) * 20, 0)
    length = random.randint(12, 22)
    current = alive(lambda x, y, t: 140 + 115 * sin(x / length + y / 17 - t * 4), 160, 90)
    return blend(multiply, board, current)


def automaton(random: Random) -> Film:
    """Each row computed from the row above by one fixed rule."""
    rule = random.choice((30, 45, 54, 60, 105, 110, 150))
    cell = random.choice((8, 10))
    rows = source(
        f"cellauto=s={WIDTH // cell}x{HEIGHT // cell}:r=10:rule={rule}:ratio=0.4:"
        f"random_seed={seed_of(random)}:full=1:scroll=1,fps={RATE},format=gray,"
        f"scale={WIDTH}:{HEIGHT}:flags=neighbor,lutyuv=y='60+val*0.76'"
    )
    length = random.randint(20, 34)
    shade = alive(lambda x, y, t: 150 + 105 * sin(x / length + t) * cos(y / 19), 160, 90)
    return blend(multiply, rows, shade)


def packets(random: Random) -> Film:
    """Messages of different lengths running along parallel wires."""
    rows, seed = random.choice((9, 12, 15)), seed_of(random)
    gap = HEIGHT // rows
    x, y = grid()
    row = floor(y / gap)
    layers = [still(24 + 14 * sin(grid(WIDTH)[0] / 90))]
    start = chance(row, 1, seed) * 240
    place = mod(x + start, 240)
    length = 50 + 110 * chance(row, mod(floor((x + start) / 240), 3), seed + 1)
    beyond = maximum(abs(place - 120) - length / 2, 0)
    pill = edge(hypot(beyond, mod(y, gap) - gap / 2) - gap * 0.34)
    for number in range(3):
        layer = (110 + 145 * place / 240) * pill * (mod(row, 3) == number)
        layers.append(scroll(layer, right=(1, -1, 1)[number] * random.randint(60, 150)))
    return blend(lighten, *layers)


FAMILY = Family(
    motifs=(lamps, traces, automaton, packets),
    palettes=(
        "03142b 063b52 00b894 7dffb3 f4fff0",
        "0f0a2e 3a0ca3 4361ee 4cc9f0 f0fbff",
        "2a1a10 6b340d e07a1f ffc043 fff4d0",
        "101935 564787 f2545b 9ad4d6 f2fdff",
    ),
    chord=OPEN,
)
