"""What each stage made of a feed: for editors who ask why it is as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import profile
from ..events.steering import Rule
from ..types import Reason
from .context import Context
from .eligibility import cards
from .explain import reasons
from .inspect import rules_of
from .pipeline import choose, explorable, feed_tables
from .score import weights_of
from .table import Table, joined

#: How many of those that did not come are told, the best first.
TOLD = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate, and what the stages say of it."""

    key: str
    title: str
    score: float
    #: What each part adds to the score.
    adds: dict[str, float]
    #: Its place by the score, before diversity; 1 for the first.
    place: int
    rules: Sequence[Rule]
    #: What it loses for being like those above it.
    alike: float = 0.0
    reason: Reason | None = None
    object: Any = None
    #: Why it did not come: cms, excluded, creator, category, alike or score.
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stages:
    """A page, and the best of what is not on it."""

    shown: Sequence[Line]
    dropped: Sequence[Line]
    #: The names of the parts of the score, those with weight first.
    parts: Sequence[str]
    version: str


def look(context: Context, limit: int) -> Stages:
    """Return what the stages make of a page of a feed."""
    met: list[Table] = []

    def noted() -> Iterator[Table]:
        for table in feed_tables(context):
            met.append(table)
            yield table

    ranking = choose(context, noted(), limit)
    page, table = ranking.table.take(ranking.chosen), joined(met)
    places = _places(table)
    objects = cards(context, page.keys)
    shown = [
        replace(
            _line(context, page, row, places),
            alike=alike,
            reason=why,
            object=objects.get(page.keys[row]),
        )
        for row, (why, alike) in enumerate(
            zip(reasons(context, page), _alike(context, page), strict=True)
        )
    ]
    dropped = [*_excluded(context), *_left(context, table, page, set(ranking.table.keys), places)]
    weights = weights_of(context)
    return Stages(
        shown=shown,
        dropped=sorted(dropped, key=lambda line: line.place)[:TOLD],
        parts=sorted(table.parts, key=lambda name: -weights.get(name, 0.0)),
        version=context.artifact.version if context.model else "",
    )


def _places(table: Table) -> dict[str, int]:
    order = np.lexsort((-table.score, table.tier))
    return {table.keys[row]: place for place, row in enumerate(order, start=1)}


def _line(context: Context, table: Table, row: int, places: dict[str, int]) -> Line:
    weights, key = weights_of(context), table.keys[row]
    return Line(
        key=key,
        title=table.rows[row].title or key,
        score=float(table.score[row]),
        adds={
            name: weights.get(name, 0.0) * float(part[row]) for name, part in table.parts.items()
        },
        place=places.get(key, 0),
        rules=rules_of(context, key),
    )


def _alike(context: Context, page: Table) -> list[float]:
    """Return what each card loses for its likeness to those above it, 0 or less."""
    unit = profile.directions(page.vectors)
    likeness = [float((unit[:row] @ unit[row]).max(initial=0.0)) for row in range(len(page))]
    return [-context.wants.diversity * each for each in likeness]


def _left(
    context: Context, table: Table, page: Table, may: set[str], places: dict[str, int]
) -> Iterator[Line]:
    """Yield the best of what did not come, with the reason why."""
    # what is new came to be judged, not for its score
    scored = page.take(np.flatnonzero(~explorable(page)))
    lowest = {tier: scored.score[scored.tier == tier].min() for tier in set(scored.tier.tolist())}
    creators = Counter(key for row in page.rows for key in row.creators)
    categories = Counter(key for row in page.rows for key in row.categories)
    asked = max((places[key] for key in may), default=0)
    best = sorted(range(len(table)), key=lambda row: places[table.keys[row]])
    left = [row for row in best if table.keys[row] not in set(page.keys)][:TOLD]
    for row in left:
        line, item, wants = _line(context, table, row, places), table.rows[row], context.wants
        full = {
            "creator": any(creators[key] >= wants.per_creator > 0 for key in item.creators),
            "category": any(categories[key] >= wants.per_category > 0 for key in item.categories),
            "alike": table.score[row] >= lowest.get(int(table.tier[row]), np.inf),
        }
        why = next((name for name, is_so in full.items() if is_so), "score")
        yield replace(line, why="cms" if item.key not in may and line.place < asked else why)


def _excluded(context: Context) -> Iterator[Line]:
    """Yield what would be a candidate if no rule excluded it."""
    if not context.steer.excluding:
        return
    without = replace(context)
    without.__dict__.update(
        known=context.known, wants=context.wants, steer=replace(context.steer, excluding=())
    )
    table = next(feed_tables(without))
    places = _places(table)
    for row in range(len(table)):
        key = table.keys[row]
        facets = {facet for keys in table.rows[row].facet_keys.values() for facet in keys}
        if rules := [rule for rule in context.steer.excluding if rule.touches(key, facets)]:
            line = _line(without, table, row, places)
            yield replace(line, why="excluded", rules=[*line.rules, *rules])
