"""Gives each card a reason that is true: what really brought it here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..types import FacetKind, Reason
from .context import Context, Pull
from .table import Table

#: What pulls a viewer towards an item, and how strongly.
Pulls = Iterator[tuple[Pull, float]]
#: Kinds of facets that something can be popular in.
SUBJECTS = (FacetKind.CATEGORY, FacetKind.PARENT_CATEGORY)
#: Pulls that may be given as a reason; a follow is told before, and only for its own creator.
NAMED = {"finished", "liked", "watched", "interest"}


def reasons(context: Context, table: Table) -> list[Reason]:
    """Return the reason of each row."""
    drawn = pulls(context, table.vectors)
    return [_reason(context, table, row, drawn[row]) for row in range(len(table))]


def _reason(context: Context, table: Table, row: int, drawn: Pulls) -> Reason:
    """Return the most personal thing that is true of a row."""
    tries: tuple[Callable[[], Reason | None], ...] = (
        lambda: pinned(context, table.keys[row]),
        lambda: _followed(context, table, row),
        lambda: _strongest_pull(context, table, row, drawn),
        lambda: _in_interest(context, table, row),
        lambda: _popular(table, row),
    )
    found = next((reason for each in tries if (reason := each())), None)
    return found or Reason("latest" if "fresh" in table.sources_of(row) else "other")


def pinned(context: Context, key: str) -> Reason | None:
    """Return that editors pinned an item here, in their words."""
    pin = context.pins.get(key)
    return Reason("pinned", pin.reason) if pin else None


def _followed(context: Context, table: Table, row: int) -> Reason | None:
    follows = context.known.follows
    key = next((key for key in table.rows[row].creators if key in follows), None)
    return Reason("follow", follows[key], key) if key else None


def _strongest_pull(context: Context, table: Table, row: int, drawn: Pulls) -> Reason | None:
    """Return what moved the viewer's vector towards this item the most.

    An interest is named only where the item is really in that category.
    """
    parents = table.rows[row].parents
    for pull, strength in drawn:
        if strength <= 0:
            return None
        if pull.code in NAMED and (pull.code != "interest" or pull.key in parents):
            reason = named(context, pull)
            if reason.name:
                return reason
    return None


def pulls(context: Context, vectors: np.ndarray) -> list[Pulls]:
    """Return what pulls a viewer towards each vector, or away from it, strongest first.

    ``vectors``: float32 [n, d].
    """
    if context.vector is None:
        return [iter(()) for _vector in vectors]
    strengths = vectors @ context.shares.T
    order = np.argsort(-strengths, axis=1, kind="stable")
    signals = context.signals
    return [
        ((signals[place], float(its[place])) for place in places)
        for places, its in zip(order, strengths, strict=True)
    ]


def named(context: Context, pull: Pull) -> Reason:
    """Return what pulls a viewer, with its name."""
    known = context.known
    names = {**known.follows, **{interest.key: interest.name for interest in known.interests}}
    row = context.rows.get(pull.key)
    return Reason(pull.code, row.title if row else names.get(pull.key, ""), pull.key)


def _in_interest(context: Context, table: Table, row: int) -> Reason | None:
    """Return the strongest interest an item belongs to, or the category the feed keeps to."""
    code = "popular_in" if table.engagement[row] > 0 else "interest"
    parents = table.rows[row].parents
    if context.within is not None:
        is_subject = context.within.kind in SUBJECTS and table.engagement[row] > 0
        return Reason("popular_in", context.within.name) if is_subject else None
    for interest in context.known.interests:
        if interest.key in parents:
            return Reason(code, interest.name, interest.key)
    return None


def _popular(table: Table, row: int) -> Reason | None:
    if table.engagement[row] <= 0:
        return None
    trending = table.sources_of(row) & {"trending", "popular"} == {"trending"}
    return Reason("trending" if trending else "popular")
