"""Charts as SVG, drawn by a template; stretched to their place, so words stand beside them.

Colours are the theme's custom properties. Every mark says its value as a tooltip, and every chart
has a table beside it, for those who do not see it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

#: The drawing's own units.
WIDTH, HEIGHT = 600, 160
#: Most points of a curve: more than a screen shows.
POINTS = 240
#: The portion of its place that a column fills.
THICKNESS = 0.72

Shown = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """A column or a bar, with what its tooltip says."""

    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws. ``above`` to ``below``: the values that the vertical axis names."""

    title: str
    describes: str
    marks: Sequence[Mark]
    above: str = ""
    middle: str = ""
    below: str = ""
    along: Sequence[str] = field(default_factory=list)
    curve: str = ""
    #: Each mark's place from edge to edge, where it is pointed at.
    step: float = 0.0


def columns(
    title: str, values: Sequence[tuple[str, float]], shown: Shown, most: float | None = None
) -> Chart:
    """Return a chart of columns side by side; ``values``: name and value, 0 or more.

    ``most``: the value that none can exceed, if there is one.
    """
    top = most or round_up(max((value for _name, value in values), default=0))
    step = WIDTH / max(1, len(values))
    marks = [
        Mark(
            x=round((place + (1 - THICKNESS) / 2) * step, 2),
            y=round(HEIGHT * (1 - value / top), 2),
            width=round(step * THICKNESS, 2),
            height=round(HEIGHT * value / top, 2),
            says=f"{name}: {shown(value)}",
        )
        for place, (name, value) in enumerate(values)
    ]
    return Chart(
        title=title,
        describes=in_words(values, shown),
        marks=marks,
        above=shown(top),
        middle=shown(top / 2),
        below=shown(0),
        along=ends([name for name, _value in values]),
        step=step,
    )


def curve(title: str, values: Sequence[float], named: Shown, shown: Shown) -> Chart:
    """Return a chart of portions, 0–1; ``named`` says what each place along it is."""
    kept = thinned(values)
    step = WIDTH / max(1, len(kept))
    marks = [
        Mark(
            x=round((place + 0.5) * step, 2),
            y=round(HEIGHT * (1 - value), 2),
            width=round(step, 2),
            height=round(HEIGHT * value, 2),
            says=f"{named(second)}: {shown(value)}",
        )
        for place, (second, value) in enumerate(kept)
    ]
    points = [(0.0, marks[0].y), *((mark.x, mark.y) for mark in marks), (WIDTH, marks[-1].y)]
    return Chart(
        title=title,
        describes=in_words([(named(second), value) for second, value in kept], shown),
        marks=marks,
        above=shown(1),
        middle=shown(0.5),
        below=shown(0),
        along=[named(0), named(len(values) / 2), named(len(values))],
        curve=" ".join(f"{x:g},{y:g}" for x, y in points),
        step=step,
    )


def portion_bar(portion: float) -> str:
    """Return the length of a bar in the drawing's units."""
    return f"{WIDTH * portion:.1f}"


def thinned(values: Sequence[float]) -> list[tuple[int, float]]:
    """Return at most ``POINTS`` of many values, each the mean of its stretch, with its place."""
    stretch = max(1, math.ceil(len(values) / POINTS))
    starts = range(0, len(values), stretch)
    return [
        (start, sum(part) / len(part))
        for start in starts
        if (part := values[start : start + stretch])
    ]


def round_up(value: float) -> float:
    """Return the next value that makes a good end of an axis, whose half is good too."""
    if value <= 0:
        return 2
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(step * magnitude for step in (2, 4, 6, 8, 10) if step * magnitude >= value)


def ends(names: Sequence[str]) -> list[str]:
    """Return the first, the middle and the last name."""
    return [names[0], names[len(names) // 2], names[-1]] if len(names) > 2 else list(names)


def in_words(values: Iterable[tuple[str, float]], shown: Shown) -> str:
    """Return what a chart shows as a sentence: where it starts, ends and is highest."""
    values = list(values)
    if not values:
        return _("Nothing yet.")
    (first, start), (last, end) = values[0], values[-1]
    highest, most = max(values, key=lambda pair: pair[1])
    return _("%(first)s: %(start)s. %(last)s: %(end)s. The most is %(most)s, %(highest)s.") % {
        "first": first,
        "start": shown(start),
        "last": last,
        "end": shown(end),
        "most": shown(most),
        "highest": highest,
    }
