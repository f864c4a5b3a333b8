"""Puts what editors pinned at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..events.steering import Rule
from .table import Table

#: The source and the tier of pinned rows: chosen before all others.
SOURCE, TIER = "pinned", -1


def waiting(pins: Mapping[str, Rule], end: int) -> int:
    """Return how many pins belong to places after this one."""
    return sum(pin.position > end for pin in pins.values())


def placed(
    rows: Sequence[int], table: Table, pins: Mapping[str, Rule], *, before: int, limit: int
) -> list[int]:
    """Return a page of at most ``limit`` rows, pinned ones at their places.

    ``rows``: the page's, best first, and as many more as pins wait for later pages. ``before``: how
    many cards the pages before it showed. A pin for a later page waits for that, unless there is
    none.
    """
    page = [row for row in rows if table.keys[row] not in pins]
    own = sorted(
        (row for row in rows if table.keys[row] in pins),
        key=lambda row: list(pins).index(table.keys[row]),
    )
    is_last = len(page) < limit
    place = 0
    for row in own:
        position = pins[table.keys[row]].position - before
        if position <= limit or is_last:
            place = max(place, min(position - 1, len(page)))
            page.insert(place, row)
            place += 1
    return page[:limit]
