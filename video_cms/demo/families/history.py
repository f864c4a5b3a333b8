"""History: arches, gears, a glazed wall and a carpet."""

from __future__ import annotations

from random import Random

from numpy import arctan2, clip, cos, hypot, maximum, mod, select, sin, where

from ..drawing import (
    HEIGHT,
    RATE,
    WIDTH,
    Film,
    alive,
    blend,
    darken,
    edge,
    grid,
    lighten,
    multiply,
    scroll,
    seed_of,
    sign,
    source,
    spin,
    still,
)
from .family import MINOR, Family


def arcade(random: Random) -> Film:
    """Two rows of arches passing each other in front of an old sky."""
    x, y = grid()
    layers = [still(150 + 105 * y / HEIGHT)]
    for number, (bay, top, level) in enumerate(((120, 60, 110), (180, 130, 30))):
        opening, spring = bay * 0.36, top + bay * 0.55
        u = abs(mod(x, bay) - bay / 2)
        from_middle = where(y < spring, hypot(u, y - spring), u)
        band = edge(abs(from_middle - opening - 5) - 3)
        course = 14 * (mod(y + bay, 24 + 6 * number) < 2)
        stone = level + 26 * band + course + 10 * (y > top + 6)
        wall = where((y < top) | (from_middle < opening), 255, stone)
        layers.append(scroll(wall, right=(random.randint(16, 30), -52)[number]))
    return blend(darken, *layers)


def gears(random: Random) -> Film:
    """Wheels with teeth, turning each other."""
    pitch, level = 9, 120
    x, y = grid(WIDTH)
    layers = [still(18 + 46 * (y + x / 4) / HEIGHT)]
    left, top = random.randint(110, 190), random.randint(120, 240)
    for number, teeth in enumerate(random.sample((14, 20, 24, 30), 3)):
        reach = teeth * pitch / 2
        layers.append(_gear(teeth, reach, level + 55 * number, (-1) ** number, left, top))
        left, top = left + int(reach * 1.55) + 26, top + random.choice((-46, 40))
    return blend(lighten, *layers)


def _gear(teeth: int, reach: float, level: int, way: int, left: int, top: int) -> Film:
    size = int(reach * 2 + 24)
    half, spokes = size / 2, 4 + teeth % 3
    x, y = grid(size, size)
    radius, angle = hypot(x - half, y - half), arctan2(y - half, x - half)
    outline = radius - reach - clip(9 * sin(teeth * angle), -5, 5)
    spoke = 0.25 - abs(sin(spokes / 2 * angle))
    window = maximum(abs(radius - reach * 0.55) - reach * 0.2, spoke)
    ring = edge(abs(radius - reach * 0.84) - 1.5)
    face = edge(outline) * (1 - edge(window)) * (radius > reach * 0.1)
    return spin(face * (level + 25 * ring), way * 12 / teeth, left, top)


def tiles(random: Random) -> Film:
    """A glazed wall: one drawing repeated and mirrored until it becomes a pattern."""
    size, rays = random.choice((90, 120, 180)), random.choice((4, 8))
    x, y = grid()
    u, v = abs(mod(x, size) - size / 2), abs(mod(y, size) - size / 2)
    middle, corner = hypot(u, v), hypot(size / 2 - u, size / 2 - v)
    star = middle * (1 + random.uniform(0.15, 0.4) * cos(rays * arctan2(v, u)))
    outer, inner = size * random.uniform(0.3, 0.4), size * random.uniform(0.14, 0.24)
    shapes = [star < inner, star < outer, corner < inner, corner < outer, abs(u - v) < size * 0.03]
    drawing = select(shapes, [255, 191, 128, where(mod(corner, 9) < 4, 128, 64), 191], 20)
    return scroll(drawing, sign(random) * random.randint(18, 40), random.choice((0, 18)))


def carpet(random: Random) -> Film:
    """Sierpinski's carpet and its triangle, woven."""
    kind = random.choice(("carpet", "triangle"))
    across, along = random.randint(18, 40), random.randint(14, 30)
    shade = alive(lambda x, y, t: 165 + 90 * sin(x / across + t) * cos(y / along), 160, 90)
    woven = source(
        f"sierpinski=s=320x180:r={RATE}:type={kind}:seed={seed_of(random)}:jump=2,"
        f"format=gray,gblur=sigma=0.6,scale={WIDTH}:{HEIGHT}:flags=bicubic,"
        "lutyuv=y='60+val*0.75'"
    )
    return blend(multiply, woven, shade)


FAMILY = Family(
    motifs=(arcade, gears, tiles, carpet),
    palettes=(
        "3b1f14 8a4b2a c98b4a e8cf9a f8efd8",
        "17365c 2f6a9e 8db9d4 efe9d6 d09a3a",
        "2f3e36 5c7d6a a7bfa0 d9b26f f5ead0",
        "4a1c1c 93402f cf7f54 ecc391 f7ecd7",
    ),
    chord=MINOR,
)
