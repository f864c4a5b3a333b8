"""Tables of figures, as the admin's templates, model cards and exports show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format

#: What stands where nothing is known.
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and smaller below it a note."""

    text: Any
    note: Any = ""

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a heading and cells, under the headings of columns; the first is that of the rows."""

    heading: Any
    columns: Sequence[Any]
    rows: Sequence[tuple[Any, Sequence[Any]]]
    #: What a reader should know about it.
    note: Any = ""

    def __bool__(self) -> bool:
        return bool(self.rows)


def figure(value: float | None, places: int = 4) -> str:
    """Return a number as people of the active language write it."""
    return NOTHING if value is None else number_format(round(value, places), places)


def change(own: float | None, other: float | None) -> str:
    """Return by what share one number differs from another, with its sign."""
    if own is None or not other:
        return NOTHING
    percent = 100 * (own - other) / other
    sign = "+" if percent > 0 else "−" if percent < 0 else "±"
    return f"{sign}{number_format(round(abs(percent), 1), 1)} %"
