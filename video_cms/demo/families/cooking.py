"""Cooking: a dish, bubbles, slices and cream."""

from __future__ import annotations

from random import Random

from numpy import arctan2, floor, hypot, minimum, mod, select, sin

from ..drawing import (
    HEIGHT,
    WIDTH,
    Film,
    alive,
    blend,
    cell_chance,
    edge,
    grid,
    lighten,
    scroll,
    seed_of,
    sign,
    spin,
    still,
)
from .family import MAJOR, Family


def plate(random: Random) -> Film:
    """A dish turning on a checked cloth, seen from above."""
    size = random.choice((300, 330, 370, 420))
    half, petals = size / 2, random.choice((5, 6, 7, 8, 9, 12))
    x, y = grid(size, size)
    radius, angle = hypot(x - half, y - half), arctan2(y - half, x - half)
    curl = random.uniform(-0.035, 0.035)
    food = 165 + 50 * sin(petals * angle + radius * curl) * edge(radius - half * 0.6)
    heart = 250 - 80 * edge(radius - half * random.uniform(0.1, 0.28))
    inside = edge(radius - half * 0.68)
    rim = 235 + 20 * edge(abs(radius - half * 0.9) - 2)
    dish = (inside * minimum(food, heart) + (1 - inside) * rim) * edge(radius - half + 2)
    check = random.choice((30, 36, 45, 60))
    x, y = grid(WIDTH)
    cloth = 48.0 * (mod(x, check) > check / 2) + 48.0 * (mod(y, check) > check / 2)
    speed = sign(random) * random.uniform(0.3, 0.7)
    turning = spin(dish, speed, random.randint(190, 450), random.randint(140, 220))
    return blend(lighten, still(cloth), turning)


def bubbles(random: Random) -> Film:
    """Something simmering: rounds of three sizes on their way up."""
    x, y = grid()
    layers = [still(30 + 60 * y / HEIGHT)]
    for size, level, speed in ((60, 130, 18), (90, 190, 34), (180, 250, 52)):
        seed = seed_of(random)
        reach = size * (0.12 + 0.3 * cell_chance(size, seed))
        radius = hypot(mod(x, size) - size / 2, mod(y, size) - size / 2)
        shine = hypot(mod(x, size) - size * 0.42, mod(y, size) - size * 0.4) / size
        round_ = (level - 110 * minimum(1, shine * 1.6)) * edge(radius - reach)
        shown = cell_chance(size, seed + 5) > 0.45
        layers.append(scroll(round_ * shown, random.randint(-8, 8), -speed))
    return blend(lighten, *layers)


def slices(random: Random) -> Film:
    """Citrus and onion rounds in rows, each cut into its segments."""
    size, seed = random.choice((90, 120, 180)), seed_of(random)
    x, y = grid()
    segments = 6 + 2 * floor(3 * cell_chance(size, seed))
    right, down = mod(x, size) - size / 2, mod(y, size) - size / 2
    radius, angle = hypot(right, down) / size, arctan2(down, right)
    flesh = 0.3 + 0.1 * abs(sin(segments / 2 * angle + 6 * cell_chance(size, seed + 3)))
    tint = 120 + 90 * cell_chance(size, seed + 9)
    rings = [radius < 0.04, radius < flesh, radius < 0.42, radius < 0.46]
    fruit = select(rings, [255, tint, 250, tint - 30], 22)
    pace = sign(random) * random.randint(24, 50)
    return scroll(fruit, pace, random.choice((0, 0, pace // 2)))


def swirl(random: Random) -> Film:
    """Cream stirred into soup."""
    left, top = random.randint(60, 100), random.randint(35, 55)
    arms, tight = random.choice((2, 3, 4)), random.uniform(0.09, 0.16)
    x, y = grid(160, 90)
    radius = hypot(x - left, y - top)
    spiral, speed = arms * arctan2(y - top, x - left) + radius * tight, sign(random) * 1.4
    return alive(
        lambda x, y, t: (
            30
            + 225
            * (0.5 + 0.5 * sin(spiral + t * speed + 1.2 * sin(radius / 9 - t))) ** 1.4
            * (1 - radius / 260)
        ),
        160,
        90,
    )


FAMILY = Family(
    motifs=(plate, bubbles, slices, swirl),
    palettes=(
        "7a1420 c8322b f0732f ffc145 fff5dc",
        "4a2a17 8a3b12 dd7a1d f3c04b fbf2d5",
        "4a0d2b 9b1d3f e4572e f9b072 fff3e0",
        "274029 6b8f2a e2b93b f2683c fff6e5",
    ),
    chord=MAJOR,
)
