"""Runs the stages of one request.

candidates → score → eligibility → diversify → explain → page.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from django.utils import timezone

from ..types import Feed, Reason, Recommendation, Step, Trace
from . import cursor, ladder, pins
from .candidates import gather, gather_beside, gather_rest
from .context import Context
from .diversify import diversify
from .eligibility import cards, eligible
from .explain import pinned, reasons
from .score import Taste, in_hundredths, score, shared_facets, taste_of, weights_of
from .table import Table, joined

#: Eligible candidates that a page is chosen from, as a multiple of its length, and at least.
POOL, SMALLEST_POOL = 4, 60
#: Tiers that whatever the sources do not bring comes after.
LAST_TIER = 2


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one page is made of: eligible candidates, and those rows of them that are shown."""

    table: Table
    chosen: list[int]
    has_more: bool


def recommend(context: Context, *, limit: int) -> Feed:
    """Return one page of a viewer's feed."""
    ranking = choose(context, feed_tables(context), limit)
    page = ranking.table.take(ranking.chosen)
    steps = steps_of(context, page)
    return _feed(context, ranking, page, steps, reasons(context, page))


def similar(context: Context, item: str, *, limit: int) -> Feed:
    """Return what goes well beside an item: near it by the model, or sharing its facets."""
    ranking = choose(context, [_table_beside(context, item)], limit)
    page = ranking.table.take(ranking.chosen)
    steps = [
        Step.POPULAR if tier else (Step.CATEGORIES if not near else context.step)
        for tier, near in zip(page.tier, page.is_known.tolist(), strict=True)
    ]
    why = [
        pinned(context, key) or Reason("popular" if step == Step.POPULAR else "similar")
        for key, step in zip(page.keys, steps, strict=True)
    ]
    return _feed(context, ranking, page, steps, why)


# --- the stages ---------------------------------------------------------------------------------


def feed_tables(context: Context, asked: str = "") -> Iterator[Table]:
    """Yield scored candidates: those of the sources and ``asked``, then whatever else there is."""
    if context.below is not None:
        for rest in gather_rest(context):
            rest.score = np.array([row.id for row in rest.rows], dtype=np.float64)
            yield rest
        return
    table, is_part = gather(context, asked)
    taste, weights, rules = taste_of(context), weights_of(context), context.steer.weighted
    score(table, taste, weights, _now(), rules=rules)
    table.tier = _tiers(table, _is_wanted(context, table))
    yield table
    if is_part:
        for rest in gather_rest(context):
            score(rest, taste, weights, _now(), rules=rules)
            rest.tier = np.where(_is_wanted(context, rest), 0, 1) + LAST_TIER
            yield rest


def _is_wanted(context: Context, table: Table) -> np.ndarray:
    """Return which rows belong to what the viewer chose: all, where the placement says so."""
    known = context.known
    if context.within or not known.interests or not context.wants.keep_to_interests:
        return np.ones(len(table), dtype=bool)
    wanted = {interest.key for interest in known.interests} | known.follows.keys()
    return np.array(
        [
            not wanted.isdisjoint(row.parents) or not wanted.isdisjoint(row.creators)
            for row in table.rows
        ],
        dtype=bool,
    )


def _table_beside(context: Context, item: str) -> Table:
    table = gather_beside(context, item)
    own = context.rows[item].facet_keys if item in context.rows else {}
    shared = shared_facets(table, own)
    taste = Taste(context.delta.drawn_by(item) if context.model else None)
    rules = context.steer.weighted
    score(table, taste, weights_of(context), _now(), rules=rules, shared=shared)
    table.tier = _tiers(table, table.from_source("model") | (shared > 0))
    return table


def _tiers(table: Table, wanted: np.ndarray) -> np.ndarray:
    """Return the tiers of candidates, int64 [n]: pinned, wanted (bool [n]) and other ones."""
    return np.where(table.from_source(pins.SOURCE), pins.TIER, np.where(wanted, 0, 1))


def choose(context: Context, tables: Iterable[Table], limit: int) -> Ranking:
    """Return the page's rows of the first tables that have enough of what may be shown."""
    pool: list[Table] = []
    enough = limit + pins.waiting(context.pins, len(context.shown) + limit)
    considered: set[str] = set()
    for table in tables:
        order = np.lexsort((-table.score, table.tier))
        rows = [row for row in order if table.keys[row] not in considered]
        considered.update(table.keys)
        for part in _portions(table, rows, context, limit):
            may = eligible(context, [table.keys[row] for row in part])
            pool.append(table.take([row for row in part if table.keys[row] in may]))
            if sum(map(len, pool)) > enough:
                return _chosen(context, joined(pool), limit)
    return _chosen(context, joined(pool), limit)


def _portions(table: Table, rows: list[int], context: Context, limit: int) -> Iterator[list[int]]:
    """Yield rows some at a time, best first; with the best, some to explore."""
    size = max(POOL * limit, SMALLEST_POOL)
    slots = int(np.ceil(context.wants.explore * limit))
    new = explorable(table)
    extra = [row for row in rows[size:] if new[row]][: 2 * slots]
    yield [*rows[:size], *extra]
    rest = [row for row in rows[size:] if row not in set(extra)]
    while rest:
        size *= 2
        yield rest[:size]
        rest = rest[size:]


def explorable(table: Table) -> np.ndarray:
    """Return which rows are new and have not been judged by enough people yet, bool [n]."""
    return table.from_source("fresh") & ~table.from_source("popular", "trending")


def _chosen(context: Context, table: Table, limit: int) -> Ranking:
    before = len(context.shown)
    more = pins.waiting(context.pins, before + limit)
    rows = diversify(table, context.wants, limit + more, explorable(table))
    chosen = pins.placed(rows, table, context.pins, before=before, limit=limit)
    return Ranking(table, chosen, has_more=len(table) > limit)


def steps_of(context: Context, table: Table) -> list[Step]:
    """Return the rung of the ladder that each row comes from."""
    interests = {interest.key for interest in context.known.interests}
    steps = []
    for row in range(len(table)):
        if context.vector is not None and table.is_known[row]:
            steps.append(context.step)
        elif context.within or not interests.isdisjoint(table.rows[row].parents):
            steps.append(Step.CATEGORIES)
        else:
            steps.append(Step.POPULAR if table.engagement[row] > 0 else Step.LATEST)
    return steps


def _feed(
    context: Context, ranking: Ranking, page: Table, steps: list[Step], why: list[Reason]
) -> Feed:
    objects = cards(context, page.keys)
    trace, hundredths = trace_of(context), in_hundredths(page)
    shown = [
        Recommendation(
            key=key,
            score=float(page.score[row]),
            step=steps[row],
            reason=why[row],
            object=objects[key],
            parts={name: float(values[row]) for name, values in page.parts.items()},
            trace=trace
            and replace(
                trace,
                item=key,
                position=trace.position + row + 1,
                step=steps[row].value,
                parts=hundredths[row],
            ),
        )
        for row, key in enumerate(page.keys)
        if key in objects  # withdrawn in this very moment
    ]
    step = next((card.step for card in shown if card.key not in context.pins), Step.LATEST)
    ladder.note(context.step)
    by_model = context.model and step in (Step.MODEL, Step.LAST_GOOD)
    more = _cursor(context, page) if ranking.has_more else ""
    return Feed(
        items=shown,
        step=step,
        version=context.artifact.version if by_model else "",
        has_more=bool(more),
        cursor=more,
        placement=context.placement,
        arm=context.arm.key if context.arm else "",
        milliseconds=context.milliseconds,
    )


def _cursor(context: Context, page: Table) -> str:
    if context.below is not None:
        return cursor.encode(context.shown, min(row.id for row in page.rows))
    shown = context.shown | context.exclude | set(page.keys)
    found = cursor.encode(shown)
    if len(found) > cursor.FULL and context.wants.sources.get("fresh"):
        return cursor.encode(shown, cursor.START)
    return found


def trace_of(context: Context) -> Trace | None:
    """Return what the cards of a page have in common; None for nobody known."""
    if not context.known.viewer:
        return None
    return Trace(
        feed=secrets.token_hex(6),
        item="",
        placement=context.placement[:60],
        position=len(context.shown),
        version=context.artifact.version if context.model else "",
        arm=context.arm.key if context.arm else "",
        milliseconds=context.milliseconds,
    )


def _now() -> float:
    return timezone.now().timestamp()
