"""Building blocks for moving pictures in grey, written as ffmpeg filter graphs.

Five grey levels (`INK`) stand for five inks; `clips` dyes them with a family's colours.
Detailed pictures are drawn once and then moved, because an expression costs far more
per pixel than a scroll. Only small pictures are drawn anew for every frame.
"""

from random import Random

WIDTH, HEIGHT = 640, 360  # pixels
RATE = 20  # frames a second

#: The five grey levels that become exactly the five colours of a palette.
INK = (0, 64, 128, 191, 255)

SHEET = 720  # pixels: width of a picture that scrolls; 60, 72, 90 and 120 divide it


def still(expression: str, width: int = SHEET, height: int = HEIGHT) -> str:
    """Draw one picture from a grey-level expression of X and Y, and hold it for ever."""
    return (
        f"color=black:s={width}x{height}:r={RATE},format=gray,trim=end_frame=1,"
        f"geq=lum='{expression}',loop=-1:1"
    )


def alive(expression: str, width: int, height: int, scaling: str = "bicubic") -> str:
    """Draw a small picture anew for each frame (T is seconds) and enlarge it."""
    return (
        f"color=black:s={width}x{height}:r={RATE},format=gray,"
        f"geq=lum='{expression}',scale={WIDTH}:{HEIGHT}:flags={scaling}"
    )


def scroll(graph: str, right: float = 0.0, down: float = 0.0) -> str:
    """Slide a sheet, wrapping around; speeds in pixels a second."""
    horizontal, vertical = -right / SHEET / RATE, -down / HEIGHT / RATE
    return f"{graph},scroll=h={horizontal:.5f}:v={vertical:.5f},crop={WIDTH}:{HEIGHT}:0:0"


def wander(graph: str, x: str, y: str) -> str:
    """Look at a large picture through a window whose corner follows x(t), y(t)."""
    return f"{graph},crop={WIDTH}:{HEIGHT}:x='{x}':y='{y}'"


def stamp(expression: str, size: int, x: str, y: str) -> str:
    """Draw a small square picture once, and move its centre along x(t), y(t) on black."""
    left, top = WIDTH + size, HEIGHT + size  # room to leave the picture on every side
    return (
        f"color=black:s={size}x{size}:r={RATE},format=gray,trim=end_frame=1,"
        f"geq=lum='{expression}',"
        f"pad={WIDTH + left + size}:{HEIGHT + top + size}:{left}:{top},loop=-1:1,"
        f"crop={WIDTH}:{HEIGHT}:x='{left + size // 2}-({x})':y='{top + size // 2}-({y})'"
    )


def spin(graph: str, speed: float, x: int, y: int, size: int) -> str:
    """Turn a square picture (radians a second) and set its centre at x, y on black."""
    room = 400  # margin, so that the disc may hang over the edge
    return (
        f"{graph},rotate=a='{speed:.3f}*t':c=black,"
        f"pad={WIDTH + 2 * room}:{HEIGHT + 2 * room}:{x - size // 2 + room}:{y - size // 2 + room},"
        f"crop={WIDTH}:{HEIGHT}:{room}:{room}"
    )


def blend(mode: str, *graphs: str) -> str:
    """Lay grey pictures over each other, the first at the bottom."""
    parts = [f"{graph}[layer{number}]" for number, graph in enumerate(graphs)]
    below = "layer0"
    for number in range(1, len(graphs)):
        parts.append(f"[{below}][layer{number}]blend=all_mode={mode}[mixed{number}]")
        below = f"mixed{number}"
    return ";".join(parts) + f";[{below}]null"


def chance(x: str, y: str, seed: int) -> str:
    """An expression for a fixed random number in 0-1 that depends on two others."""
    return f"mod(abs(sin(({x})*12.9898+({y})*78.233+{seed})*43758.5453),1)"


def cell_chance(size: int, seed: int) -> str:
    """An expression for one random number in 0-1 for each square cell of a sheet."""
    return chance(f"floor(X/{size})", f"floor(Y/{size})", seed)


def turned(size: int, angle: str) -> tuple[str, str, str]:
    """Coordinates from a cell's centre along and across an angle, and the code to run first."""
    setup = (
        f"st(0,{angle});st(1,mod(X,{size})-{size / 2});st(2,mod(Y,{size})-{size / 2});"
        "st(3,ld(1)*cos(ld(0))+ld(2)*sin(ld(0)));st(4,ld(2)*cos(ld(0))-ld(1)*sin(ld(0)))"
    )
    return "ld(3)", "ld(4)", setup


def edge(distance: str) -> str:
    """An expression that is 1 where distance (pixels) is negative, 0 beyond, soft between."""
    return f"clip(0.5-({distance}),0,1)"


def ink(fraction: str) -> str:
    """An expression that turns a number in 0-1 into one of the five ink levels."""
    return f"min(floor(5*({fraction})),4)*63.75"


def seed_of(random: Random) -> int:
    return random.randrange(1, 1000)


def sign(random: Random) -> int:
    return random.choice((-1, 1))
