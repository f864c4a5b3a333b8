"""Charts as SVG, drawn by templates: a few rectangles and lines need no plotting library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.template.loader import render_to_string
from django.utils.formats import date_format

#: Widest bar, height of a line, and the colours of bars in turn (readable beside one another).
WIDEST, LINE = 380, 20
COLOURS = ("#0b6e69", "#b8bec4", "#5b3f8c", "#c2690b")


def bar_chart(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Return an SVG of horizontal bars, in groups: group → bar → value, 0 or more."""
    most = max((value for bars in groups.values() for value in bars.values()), default=0) or 1
    y, drawn = 54, []
    for name, bars in groups.items():
        drawn.append(
            {
                "name": name,
                "y": y,
                "bars": [
                    {
                        "name": label,
                        "value": value,
                        "y": y + 8 + position * LINE,
                        "text_y": y + 20 + position * LINE,
                        "width": round(WIDEST * value / most, 1),
                        "end": round(268 + WIDEST * value / most, 1),
                        "colour": COLOURS[position % len(COLOURS)],
                    }
                    for position, (label, value) in enumerate(bars.items())
                ],
            }
        )
        y += 8 + len(bars) * LINE + 26
    context = {"title": title, "groups": drawn, "height": y}
    return render_to_string("recommendations_plugin/chart.svg", context)


#: A line chart: its size, and the edges of where lines are.
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 480, 200, 56, 12, 172
#: Most labels below a line chart.
MOST_DATES = 4


def line_chart(
    title: str, values: Mapping[date, float], written: Callable[[float], str] = str
) -> str:
    """Return an SVG of a value, 0 or more, by day; days without one interrupt the line.

    It takes the colours of Wagtail's admin, light or dark.
    """
    first, last = min(values), max(values)
    days, most = (last - first).days, max(values.values()) or 1

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - 12) * ((day - first).days / days if days else 0.5), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / most, 1)

    points = [
        {"x": x(day), "y": y(value), "title": f"{date_format(day)}: {written(value)}", "day": day}
        for day, value in sorted(values.items())
    ]
    lines: list[list[str]] = []
    before = None
    for point in points:
        if before is None or point["day"] - before > timedelta(days=1):  # type: ignore[operator]
            lines.append([])
        lines[-1].append(f"{point['x']},{point['y']}")
        before = point["day"]
    step = max(1, -(-days // MOST_DATES))
    dates = [first + timedelta(days=number) for number in range(0, days + 1, step)]
    context = {
        "title": title,
        "points": points,
        "lines": [" ".join(line) for line in lines],
        "levels": [{"y": y(most * part), "text": written(most * part)} for part in (0, 0.5, 1)],
        "dates": [{"x": x(day), "text": date_format(day, "j M")} for day in dates],
        "left": LEFT,
        "right": WIDTH - 4,
        "width": WIDTH,
        "height": HEIGHT,
    }
    return render_to_string("recommendations_plugin/line_chart.svg", context)
