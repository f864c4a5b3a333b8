"""Where candidates come from: the index by vectors, SQL by everything else, in one query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..events import state
from . import pins
from .context import Context
from .table import Table, table_of
from .vectors import drawn_by, item_vectors

#: How much wider a search goes within one category, whose items lie among all others.
WITHIN = 4
#: Beside an item, sources bring as many as these do elsewhere.
BESIDE = {"sharing": "interests", "popular": "popular"}
#: Items read at first when the sources are exhausted; each time four times as many.
REST = 200


def gather(context: Context, asked: str = "") -> Table:
    """Return the candidates of a feed, from all sources of its placement, and an item asked for."""
    nearest, past = _by_vectors(context), _past(context)
    nearest[pins.SOURCE] = list(context.pins)
    if asked:
        nearest["asked"], past = [asked], [*past, asked]
    selection = replace(_selection(context), nearest=nearest, past=past, sizes=_sizes(context))
    return _table(context, selection)


def gather_beside(context: Context, item: str) -> Table:
    """Return candidates that go well beside an item: near it, or sharing its facets."""
    sources = context.wants.sources
    vector = drawn_by(context.artifact, item) if context.model else None
    nearest = (
        {} if vector is None else {"model": _nearest(context, vector, sources.get("model", 0))}
    )
    sizes = {to: sources.get(like, 0) for to, like in BESIDE.items()}
    nearest[pins.SOURCE] = list(context.pins)
    selection = replace(
        _selection(context),
        nearest=nearest,
        past=[item, *_past(context)],
        sizes=sizes,
        beside=item,
    )
    return _table(context, selection)


def gather_rest(context: Context) -> Iterator[Table]:
    """Yield everything else in the catalogue, newest first, in growing portions.

    A full cursor's page goes on where the one before ended.
    """
    selection = _selection(context)
    before, limit = context.below, REST
    while rows := state.rest(selection, before=before, limit=limit):
        before = min(row.id for row in rows)
        yield _with_vectors(context, table_of(sorted(rows, key=lambda row: -row.id)))
        if len(rows) < limit:
            return
        limit *= 4


def _selection(context: Context) -> state.Selection:
    """Return what may be a candidate at all."""
    known = context.known
    return state.Selection(
        viewer=known.viewer,
        exclude=context.exclude | context.shown,
        muted=known.muted,
        within=context.within.key if context.within else "",
        follows=known.followed_ids,
        interests=[interest.id for interest in known.interests],
    )


def _sizes(context: Context) -> dict[str, int]:
    sizes = dict(context.wants.sources)
    if context.within:  # what interests bring elsewhere, a category's popular items bring here
        sizes["popular"] = max(sizes.get("popular", 0), sizes.get("interests", 0))
        sizes["interests"] = 0
    return sizes


def _past(context: Context) -> list[str]:
    return [past.item for past in context.known.history]


def _by_vectors(context: Context) -> dict[str, list[str]]:
    """Return the keys that the index brings, by source."""
    if context.model is None or context.vector is None:
        return {}
    sizes = context.wants.sources
    found = {"model": _nearest(context, context.vector, sizes.get("model", 0))}
    last = next((p for p in context.signals if p.code in ("liked", "finished", "watched")), None)
    if last is not None and sizes.get("recent"):
        vector = drawn_by(context.artifact, last.key)
        if vector is not None:
            found["recent"] = _nearest(context, vector, sizes["recent"])
    return found


def _nearest(context: Context, vector: np.ndarray, wanted: int) -> list[str]:
    """Return the keys of the items nearest to a vector that the viewer has not seen."""
    artifact, seen = context.artifact, context.seen
    wanted *= WITHIN if context.within and wanted else 1
    if not wanted:
        return []
    positions, _scores = artifact.index.search(vector, wanted, artifact.positions(seen))
    return [artifact.item_keys[position] for position in positions]


def _table(context: Context, selection: state.Selection) -> Table:
    rows = state.candidates(selection)
    context.rows.update((row.key, row) for row in rows)
    table = table_of(row for row in rows if row.source != "past")
    return _with_vectors(context, table)


def _with_vectors(context: Context, table: Table) -> Table:
    if context.model is not None:
        table.vectors = item_vectors(context.artifact, table.keys, table.facets)
    return table
