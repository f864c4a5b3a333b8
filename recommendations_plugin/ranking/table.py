"""The candidate table: what the stages of a request pass on, a column each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..events.state import Row
from ..types import FacetKind


@dataclass(slots=True)
class Table:
    """Candidates by row; every column has one entry for each."""

    keys: list[str]
    ids: np.ndarray  # int64 [n]
    engagement: np.ndarray  # float64 [n]
    trend: np.ndarray  # float64 [n]
    published: np.ndarray  # float64 [n], seconds since the epoch, 0 where unknown
    versions: np.ndarray  # int64 [n]
    facets: list[dict[str, list[str]]]  # facet keys by kind
    sources: list[set[str]]  # what brought each
    vectors: np.ndarray  # float32 [n, d], zero where the model knows nothing of an item
    parts: dict[str, np.ndarray]  # of the score, float64 [n] each
    score: np.ndarray  # float64 [n]
    tier: np.ndarray  # int64 [n]; smaller ones come first, whatever the score

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: Sequence[int] | np.ndarray) -> Table:
        """Return the table of these rows, in this order."""
        columns = {each.name: _taken(getattr(self, each.name), rows) for each in fields(self)}
        return Table(**columns)

    def from_source(self, *names: str) -> np.ndarray:
        """Return which rows one of these sources brought, bool [n]."""
        return np.array([not found.isdisjoint(names) for found in self.sources], dtype=bool)

    def creators(self, row: int) -> list[str]:
        """Return the keys of a candidate's creators."""
        return self.facets[row].get(FacetKind.CREATOR, [])

    def categories(self, row: int) -> list[str]:
        """Return the keys of a candidate's categories."""
        return self.facets[row].get(FacetKind.CATEGORY, [])

    def parents(self, row: int) -> list[str]:
        """Return the keys of a candidate's parent categories."""
        return self.facets[row].get(FacetKind.PARENT_CATEGORY, [])


def _taken(column: Any, rows: Sequence[int] | np.ndarray) -> Any:
    if isinstance(column, dict):
        return {name: values[rows] for name, values in column.items()}
    if isinstance(column, np.ndarray):
        return column[np.asarray(rows, dtype=np.int64)]
    return [column[row] for row in rows]


def table_of(rows: Iterable[Row]) -> Table:
    """Return the table of rows as SQL brings them, an item once for each of its sources."""
    first: dict[str, Row] = {}
    sources: dict[str, set[str]] = {}
    for row in rows:
        first.setdefault(row.key, row)
        sources.setdefault(row.key, set()).add(row.source)
    found = list(first.values())
    return Table(
        keys=list(first),
        ids=np.array([row.id for row in found], dtype=np.int64),
        engagement=np.array([row.engagement for row in found], dtype=np.float64),
        trend=np.array([row.trend for row in found], dtype=np.float64),
        published=np.array(
            [row.published_at.timestamp() if row.published_at else 0.0 for row in found]
        ),
        versions=np.array([row.version for row in found], dtype=np.int64),
        facets=[dict(row.facet_keys) for row in found],
        sources=[sources[key] for key in first],
        vectors=np.zeros((len(found), 0), dtype=np.float32),
        parts={},
        score=np.zeros(len(found)),
        tier=np.zeros(len(found), dtype=np.int64),
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
