"""Bar charts as SVG, drawn by a template: a few rectangles need no plotting library."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.loader import render_to_string

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
