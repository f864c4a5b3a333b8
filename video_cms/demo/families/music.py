"""Music: waves, lamps, curves and strings."""

from __future__ import annotations

from random import Random

from numpy import cos, floor, maximum, mod, pi, sin, where

from ..drawing import (
    HEIGHT,
    RATE,
    SHEET,
    WIDTH,
    Film,
    add,
    alive,
    blend,
    chance,
    edge,
    grid,
    ink,
    lighten,
    multiply,
    scroll,
    seed_of,
    sign,
    source,
    still,
)
from .family import SEVENTH, Family


def waves(random: Random) -> Film:
    """Four waves, one before the other, rolling at their own speeds."""
    x, y = grid()
    layers = []
    for number in range(4):
        crests, height = random.choice((1, 2, 3, 4)), random.randint(18, 46)
        wave = height * sin(2 * pi * (crests * x / SHEET + random.random()))
        layer = 63.75 * edge(60 + 80 * number + wave - y)
        layers.append(scroll(layer, right=sign(random) * random.randint(25, 110)))
    return blend(add, *layers)


def equaliser(random: Random) -> Film:
    """Columns of lamps that rise and fall like the bars of an old hi-fi."""
    first, second = random.uniform(0.3, 0.9), random.uniform(0.2, 0.6)
    bars = alive(
        lambda x, y, t: where(
            12 - y > 2 + 9 * abs(sin(x * first + t * 2.1) * cos(x * second - t * 1.3)),
            30,
            ink((13 - y) / 12) + 20,
        ),
        24,
        12,
        soft=False,
    )
    x, y = grid(WIDTH)
    lamp = edge(maximum(abs(mod(x, 26.667) - 13.3) - 10, abs(mod(y, 30) - 15) - 11))
    return blend(multiply, bars, still(60 + 195 * lamp))


def lissajous(random: Random) -> Film:
    """Two notes drawn as one closed curve, above slow waves."""
    low, high = random.choice(((2, 3), (3, 4), (4, 5), (3, 5), (5, 6), (1, 2)))
    tones = f"0.92*sin(2*PI*{low * 40}*t)|0.92*sin(2*PI*{high * 40}*t+t*0.9+{random.random():.2f})"
    curve = source(
        f"aevalsrc='{tones}':s=32000,avectorscope=s=340x340:r={RATE}:mode=lissajous_xy:"
        "draw=aaline:rc=255:gc=255:bc=255:rf=70:gf=70:bf=70:zoom=1,format=gray,"
        f"dilation,pad={WIDTH}:{HEIGHT}:{random.randint(120, 180)}:10"
    )
    x, y = grid()
    fall = 110 * y / HEIGHT + 40 * sin(2 * pi * (x / SHEET + y / 500))
    return blend(lighten, scroll(fall.clip(0, 150), right=60), curve)


def strings(random: Random) -> Film:
    """Plucked strings: a harmonic standing on each."""
    count, seed = random.choice((4, 5, 6)), seed_of(random)
    gap = HEIGHT / count
    x, y = grid(WIDTH)
    nodes = 1 + floor(5 * chance(floor(y / gap), 1, seed))
    swing = sin(pi * nodes * x / WIDTH)
    belly = edge(abs(mod(y, gap) - gap / 2) - gap * 0.44 * abs(swing) - 1.5)
    shade = 90 + 165 * (0.5 + 0.5 * swing)
    glow = alive(
        lambda x, y, t: 150 + 105 * sin(x / 9 + t * 3 + floor(y / (90 / count)) * 2), 160, 90
    )
    return blend(multiply, still(40 + 215 * belly * shade / 255), glow)


FAMILY = Family(
    motifs=(waves, equaliser, lissajous, strings),
    palettes=(
        "2a0f45 7b1e7a e0457b ff8e5e ffe3b0",
        "13124a 3f37c9 b5179e f72585 ffd6e8",
        "1d1147 5a189a ff5d8f ffb347 fff1d6",
        "3d0c3f a4133c ff4d6d ff9e7a fff0c9",
    ),
    chord=SEVENTH,
)
