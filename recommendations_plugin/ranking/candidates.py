"""Where candidates come from: the index by vectors, shared pools by everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from math import ceil

import numpy as np

from ..events import shelf
from ..events.shelf import Pool, Row
from ..events.steering import KIND, Rule
from . import pins
from .context import Context
from .delta import neighbours
from .table import Table, table_of

#: How much wider a search goes within one category, whose items lie among all others.
WITHIN = 4
#: How much wider a pool is than what a source takes of it: viewers have seen some already.
WIDER = 2
#: Interests and followed creators whose items are looked for.
INTERESTS, FOLLOWED = 12, 40
#: Items that a boost of a facet brings.
BOOSTED = 20
#: Beside an item, sources bring as many as these do elsewhere.
BESIDE = {"sharing": "interests", "popular": "popular"}
#: Items read at first when the sources are exhausted; each time four times as many.
REST = 200

#: The pools of a source, and how many items it takes of each.
Sources = Mapping[str, tuple[list[Pool], int]]


def gather(context: Context, asked: str = "") -> tuple[Table, bool]:
    """Return the candidates of a feed, from all sources of its placement, and an item asked for.

    And whether there may be more than these in the catalogue.
    """
    nearest = {**_by_vectors(context), **_ruled(context)}
    if asked:
        nearest["asked"] = [asked]
    sources = _pools(context)
    table, read = _table(context, nearest, sources, [])
    newest, size = sources.get("fresh", ([], 0))
    all_taken = np.count_nonzero(table.from_source("fresh")) < size
    cut = any(len(read.pools[pool]) == pool.size for pool in newest)
    return table, bool(newest) and (cut or not all_taken)


def gather_beside(context: Context, item: str) -> Table:
    """Return candidates that go well beside an item: near it, or sharing its facets."""
    sizes = context.wants.sources
    nearest = {"model": _beside(context, item, sizes.get("model", 0)), **_ruled(context)}
    sources = {
        to: ([Pool(to, WIDER * size, item if to == "sharing" else "")], size)
        for to, like in BESIDE.items()
        if (size := sizes.get(like, 0))
    }
    return _table(context, nearest, sources, [item])[0]


def gather_rest(context: Context) -> Iterator[Table]:
    """Yield everything else in the catalogue, newest first, in growing portions.

    A full cursor's page goes on where the one before ended.
    """
    below, limit = context.below, REST
    within = context.within.key if context.within else ""
    may_enter = admission(context)
    while rows := shelf.rest(below, limit, within):
        below = rows[-1].id
        table = table_of((row, "rest") for row in rows if may_enter(row))
        yield _with_vectors(context, table)
        if len(rows) < limit:
            return
        limit *= 4


def admission(context: Context) -> Callable[[Row], bool]:
    """Return what says of an item whether it may be in this feed, before the CMS is asked."""
    seen = context.seen | {rule.item for rule in context.steer.excluding}
    barred = context.known.muted | {rule.facet for rule in context.steer.excluding if rule.facet}
    wanted = [{key} for key in context.having | ({context.within.key} if context.within else set())]

    def may_enter(row: Row) -> bool:
        return (
            row.live
            and row.key not in seen
            and not (barred and row.has(barred))
            and all(map(row.has, wanted))
        )

    return may_enter


def _pools(context: Context) -> Sources:
    """Return the pools of a placement's sources, and how many candidates each may bring."""
    sizes, known = context.wants.sources, context.known
    within = context.within.key if context.within else ""
    found: dict[str, tuple[list[Pool], int]] = {}
    if followed := list(known.follows)[:FOLLOWED]:
        size = _rounded(sizes.get("followed", 0) / len(followed))
        found["followed"] = [Pool("newest_of", size, key) for key in followed], size
    interests = [interest.key for interest in known.interests][:INTERESTS]
    if interests and not within:
        size = _rounded(sizes.get("interests", 0) / len(interests))
        found["interests"] = [Pool("best_of", WIDER * size, key) for key in interests], size
    if within:  # what interests bring elsewhere, a category's popular items bring here
        size = max(sizes.get("popular", 0), sizes.get("interests", 0))
        found["popular"] = [Pool("best_of", WIDER * size, within)], size
        size = sizes.get("fresh", 0)
        found["fresh"] = [Pool("newest_of", WIDER * size, within)], size
    for kind in ("popular", "trending", "fresh"):
        if kind not in found:
            size = sizes.get(kind, 0)
            found[kind] = [Pool(kind, WIDER * size)], size
    if boosted := [rule.facet for rule in _boosts(context) if rule.facet]:
        found["boosted"] = [Pool("best_of", WIDER * BOOSTED, key) for key in boosted], BOOSTED
    return {source: wanted for source, wanted in found.items() if wanted[1]}


def _boosts(context: Context) -> list[Rule]:
    """Return the rules that bring candidates: none where a placement keeps to a few sources."""
    if not context.wants.sources.get("popular"):
        return []
    return [rule for rule in context.steer.weighted if rule.kind == KIND.BOOST]


def _ruled(context: Context) -> dict[str, Sequence[str]]:
    """Return the keys of the items that editors bring, by source."""
    boosted = [rule.item for rule in _boosts(context) if rule.item]
    return {pins.SOURCE: [*context.pins], "boosted": boosted}


def _rounded(size: float) -> int:
    """Return one of few sizes, so that viewers share pools: at least so many, 0 for none."""
    return 10 * 2 ** max(0, ceil(np.log2(size / 10))) if size else 0


def _by_vectors(context: Context) -> dict[str, Sequence[str]]:
    """Return the keys that the index brings, by source."""
    if context.model is None:
        return {}
    sizes = context.wants.sources
    found = {"model": _nearest(context, sizes.get("model", 0))}
    last = next((p for p in context.signals if p.code in ("liked", "finished", "watched")), None)
    if last is not None:
        found["recent"] = _beside(context, last.key, sizes.get("recent", 0))
    return found


def _nearest(context: Context, wanted: int) -> Sequence[str]:
    """Return the keys of the items nearest to the viewer that they have not seen."""
    wanted *= WITHIN if context.within and wanted else 1
    if context.vector is None or not wanted:
        return []
    near = context.delta.search(context.vector, wanted, context.seen_positions)
    return [key for key in near if key not in context.seen]


def _beside(context: Context, item: str, wanted: int) -> Sequence[str]:
    """Return the keys of the items nearest to one that the viewer has not seen."""
    if context.model is None or not wanted:
        return []
    near = neighbours(context.delta, item, WIDER * wanted)
    return list(islice((key for key in near if key not in context.seen), wanted))


def _table(
    context: Context, nearest: Mapping[str, Sequence[str]], sources: Sources, named: Sequence[str]
) -> tuple[Table, shelf.Read]:
    """Return the table of what the index and the pools bring; read all that it needs at once.

    ``named``: keys of further items that something has to be known of.
    """
    keys = list(chain.from_iterable(nearest.values()))
    past = [past.item for past in context.known.history]
    asked = chain.from_iterable(pools for pools, _size in sources.values())
    read = shelf.read(context.known.newest, asked, keys, [*past, *named])
    context.rows = read.rows
    may_enter, rows = admission(context), read.rows
    brought = [
        (row, source)
        for source, found in nearest.items()
        for key in found
        if (row := rows.get(key)) and may_enter(row)
    ]
    for source, (pools, size) in sources.items():
        for pool in pools:
            fit = (row for key in read.pools[pool] if may_enter(row := rows[key]))
            brought += [(row, source) for row in islice(fit, size)]
    table = table_of(brought)
    return _with_vectors(context, table), read


def _with_vectors(context: Context, table: Table) -> Table:
    if context.model is not None:
        table.vectors = context.delta.item_vectors(table.rows)
    return table
