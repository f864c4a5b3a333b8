"""The candidate table: what the stages of a request pass on, a column each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from ..events.shelf import Row
from ..placements import SOURCES

#: What brings candidates beside a placement's sources: editors' pins and boosts; an item that the
#: feed stands beside; an operator's question; the catalogue in its own order.
BESIDES = ("pinned", "boosted", "sharing", "asked", "rest")


#: What may bring a candidate, a bit each.
BITS = {name: 1 << place for place, name in enumerate((*SOURCES, *BESIDES))}


@dataclass
class Table:
    """Candidates by row; every column has one entry for each."""

    rows: list[Row]  # as SQL knows them
    sources: np.ndarray  # int64 [n], what brought each: the sum of its ``BITS``
    vectors: np.ndarray  # float32 [n, d], zero where the model knows nothing of an item
    parts: dict[str, np.ndarray]  # of the score, float64 [n] each
    score: np.ndarray  # float64 [n]
    tier: np.ndarray  # int64 [n]; smaller ones come first, whatever the score

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def keys(self) -> list[str]:
        """The items' keys."""
        return [row.key for row in self.rows]

    @cached_property
    def is_known(self) -> np.ndarray:
        """Which rows the model knows something of, bool [n]."""
        return np.asarray(self.vectors.any(axis=1))

    @cached_property
    def engagement(self) -> np.ndarray:
        """All viewers' engagement with each, float64 [n]."""
        return np.array([row.engagement for row in self.rows], dtype=np.float64)

    def take(self, rows: Sequence[int] | np.ndarray) -> Table:
        """Return the table of these rows, in this order."""
        columns = {each.name: _taken(getattr(self, each.name), rows) for each in fields(self)}
        return Table(**columns)

    def from_source(self, *names: str) -> np.ndarray:
        """Return which rows one of these sources brought, bool [n]."""
        return (self.sources & sum(BITS[name] for name in names)) != 0

    def sources_of(self, row: int) -> set[str]:
        """Return what brought a row."""
        return {name for name, bit in BITS.items() if int(self.sources[row]) & bit}


def _taken(column: Any, rows: Sequence[int] | np.ndarray) -> Any:
    if isinstance(column, dict):
        return {name: values[rows] for name, values in column.items()}
    if isinstance(column, np.ndarray):
        return column[np.asarray(rows, dtype=np.int64)]
    return [column[row] for row in rows]


def table_of(brought: Iterable[tuple[Row, str]]) -> Table:
    """Return the table of items and what brought them, an item once for each of its sources."""
    rows: dict[str, Row] = {}
    sources: dict[str, int] = {}
    for row, source in brought:
        key = row.key
        rows[key] = row
        sources[key] = sources.get(key, 0) | BITS[source]
    found = len(rows)
    return Table(
        rows=list(rows.values()),
        sources=np.array(list(sources.values()), dtype=np.int64),
        vectors=np.zeros((found, 0), dtype=np.float32),
        parts={},
        score=np.zeros(found),
        tier=np.zeros(found, dtype=np.int64),
    )


def joined(tables: Sequence[Table]) -> Table:
    """Return one table with the rows of these, in order."""
    if len(tables) == 1:
        return tables[0]
    if not tables:
        return table_of([])
    return Table(
        **{each.name: _joined([getattr(t, each.name) for t in tables]) for each in fields(Table)}
    )


def _joined(columns: list[Any]) -> Any:
    first = columns[0]
    if isinstance(first, dict):
        return {name: np.concatenate([values[name] for values in columns]) for name in first}
    if isinstance(first, np.ndarray):
        return np.concatenate(columns)
    return [value for column in columns for value in column]
