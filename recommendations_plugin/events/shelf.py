"""What feeds read of the catalogue: items by their keys, and pools of items that viewers share.

A process keeps what it read for ``conf.settings.CATALOGUE_AGE`` seconds, since it is the same for
everybody, and longer while nothing comes, changes or goes: what is personal is read anew at each
request, and the CMS is asked of each card. What is missing is read in one query, a union whose
parts are each found by an index of their own.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Subquery, Value

from .. import conf
from ..models import Item
from ..types import FacetKind
from ..words import columns
from .prepared import Prepared, Slot, prepare, run

#: Of a facet, the best items of all that are looked at, and its newest ones. Together they find
#: what is good in a large facet and all of a small one, at a bounded cost.
LOOKED_AT, NEWEST_OF_EACH = 1000, 300
#: Numbers of keys that one part of a query asks for.
LOTS = (8, 64, 256)
#: Items remembered in a process, about 1 KB each, and pools of a hundred or more of them.
MOST_ITEMS, MOST_POOLS = 10_000, 1000
#: While the catalogue is as it was, only figures change: these may be so many times as old.
STEADY = 12
#: What is read of long ago, its titles and facets, may be so many times as old.
SETTLED = 120

K = TypeVar("K")
V = TypeVar("V")

#: Orders that an index holds (``Item.Meta.indexes``).
BY_ENGAGEMENT, BY_TREND, NEWEST = (
    ("-engagement", "-id"),
    ("-trend", "-id"),
    ("-published_at", "-id"),
)


class Row(NamedTuple):
    """An item as SQL knows it."""

    id: int
    key: str
    live: bool
    title: str
    engagement: float
    trend: float
    published: float  # seconds since the epoch, 0 where unknown
    version: int
    viewers: int
    facet_keys: Mapping[str, list[str]]  # by kind; some of them again:
    creators: list[str]
    categories: list[str]
    parents: list[str]
    #: The columns of what it says (``words``); read of what changed only.
    words: array[int] = array("H")

    def has(self, facets: Set[str]) -> bool:
        """Return whether it has one of these facets."""
        return bool(facets) and any(not facets.isdisjoint(k) for k in self.facet_keys.values())


def row_of(
    id: int,
    key: str,
    live: bool,
    title: str,
    engagement: float,
    trend: float,
    published_at: datetime | None,
    version: int,
    viewers: int,
    facet_keys: Mapping[str, list[str]],
) -> Row:
    """Return an item from what the columns of its table say."""
    return Row(
        id,
        key,
        live,
        title,
        engagement,
        trend,
        published_at.timestamp() if published_at else 0.0,
        version,
        viewers,
        facet_keys,
        facet_keys.get(FacetKind.CREATOR, []),
        facet_keys.get(FacetKind.CATEGORY, []),
        facet_keys.get(FacetKind.PARENT_CATEGORY, []),
    )


class Pool(NamedTuple):
    """Items in an order that does not depend on who asks."""

    kind: str
    size: int
    #: The key of the facet or item it is about.
    of: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What was asked for: items by key, and the keys of each pool, best first."""

    rows: Mapping[str, Row]
    pools: Mapping[Pool, list[str]]


_rows: dict[str, tuple[float, Row]] = {}
_pools: dict[Pool, tuple[float, list[str]]] = {}
#: The newest change of the catalogue that this process heard of, and when it did.
_heard: tuple[int, float] = (0, 0.0)


def clear() -> None:
    """Forget what this process remembers of the catalogue."""
    _rows.clear()
    _pools.clear()


def clear_after_commit() -> None:
    """Forget it once the current transaction has changed the catalogue."""
    transaction.on_commit(clear)


def read(
    newest: int, pools: Iterable[Pool], keys: Iterable[str], settled: Iterable[str] = ()
) -> Read:
    """Return pools and items, those of ``settled`` perhaps as they were minutes ago.

    ``newest``: the version of the item that changed last. At most one query. Items that do not
    exist are left out; some may not be live.
    """
    since, age = _true_since(newest), conf.settings.CATALOGUE_AGE
    now = time.monotonic()
    found_pools = _remembered(_pools, pools, since)
    members = chain.from_iterable(filter(None, found_pools.values()))
    found = _remembered(_rows, settled, now - SETTLED * age)
    found |= _remembered(_rows, chain(keys, members), since)
    missing = [pool for pool, members in found_pools.items() if members is None]
    read_pools, read_rows = _query(missing, [key for key, row in found.items() if row is None])
    if len(_rows) + len(read_rows) > MOST_ITEMS or len(_pools) + len(read_pools) > MOST_POOLS:
        clear()
    _rows.update((key, (now, row)) for key, row in read_rows.items())
    _pools.update((pool, (now, members)) for pool, members in read_pools.items())
    rows = {key: row for key, row in found.items() if row is not None}
    kept_pools = {pool: members for pool, members in found_pools.items() if members is not None}
    return Read(rows | read_rows, kept_pools | read_pools)


def _true_since(newest: int) -> float:
    """Return from when on what was read may still be shown, by the process's clock."""
    global _heard
    now, age = time.monotonic(), conf.settings.CATALOGUE_AGE
    if newest != _heard[0]:
        _heard = newest, now
    return min(now - age, max(now - STEADY * age, _heard[1]))


def _remembered(
    kept: Mapping[K, tuple[float, V]], keys: Iterable[K], since: float
) -> dict[K, V | None]:
    """Return what is kept of each key; None for what is missing or older than ``since``."""
    nothing = (since, None)
    return {
        key: value if at > since else None
        for key in keys
        for at, value in (kept.get(key, nothing),)
    }


def changed(since: int, most: int, known: Mapping[str, Row]) -> dict[str, Row]:
    """Return the items that came, changed or went after a version, the latest of them; one query.

    From now on this process knows them as they are. ``known``: those that were read before, whose
    words are not looked for again.
    """
    items = Item.objects.filter(version__gt=since).order_by("-version")
    rows = {}
    for *values, text in items.values_list(*COLUMNS, "text")[:most]:
        row = row_of(*values)
        before = known.get(row.key)
        if before is not None and before.version == row.version:
            rows[row.key] = row._replace(words=before.words)
        else:
            rows[row.key] = row._replace(words=columns(row.title, text))
        _rows.pop(row.key, None)
    return rows


def rest(below: int | None, limit: int, within: str = "") -> list[Row]:
    """Return live items by when they came into the catalogue, newest first, from below an id."""
    items = Item.objects.filter(live=True)
    if within:
        items = items.filter(pk__in=_links(within).values("item_id"))
    if below is not None:
        items = items.filter(pk__lt=below)
    columns = items.order_by("-pk").values_list(*COLUMNS)[:limit]
    return [row_of(*values) for values in columns]


# --- one query ----------------------------------------------------------------------------------

COLUMNS = (
    "id",
    "key",
    "live",
    "title",
    "engagement",
    "trend",
    "published_at",
    "version",
    "viewers",
    "facet_keys",
)


def _query(pools: Iterable[Pool], keys: list[str]) -> tuple[dict[Pool, list[str]], dict[str, Row]]:
    pools = list(pools)
    parts = [
        (part, {"source": str(number), "of": pool.of})
        for number, pool in enumerate(pools)
        for part in _parts(pool.kind, pool.size)
    ]
    rows: dict[str, Row] = {}
    members: list[dict[str, Row]] = [{} for _pool in pools]
    for *values, source in run([*parts, *_by_key(keys)]):
        row = rows.get(values[1]) or rows.setdefault(values[1], row_of(*values))
        if source:
            members[int(source)][row.key] = row
    ordered = [
        sorted(its.values(), key=ORDERS[pool.kind], reverse=True)
        for pool, its in zip(pools, members, strict=True)
    ]
    return {
        pool: [row.key for row in its[: pool.size]]
        for pool, its in zip(pools, ordered, strict=True)
    }, rows


def _by_key(keys: list[str]) -> Iterator[tuple[Prepared, dict[str, str]]]:
    """Yield parts of few lengths, so that few have to be made; the last key fills one up."""
    start = 0
    while left := len(keys) - start:
        lot = next((lot for lot in LOTS if lot >= left), LOTS[-1])
        some = keys[start : start + lot]
        texts = {f"key{place}": some[min(place, len(some) - 1)] for place in range(lot)}
        yield _keyed(lot), {"source": "", **texts}
        start += len(some)


@lru_cache
def _keyed(lot: int) -> Prepared:
    return _prepared(Item.objects.filter(key__in=[Slot(f"key{place}") for place in range(lot)]))


@lru_cache
def _parts(kind: str, size: int) -> list[Prepared]:
    return [_prepared(items) for items in KINDS[kind](size)]


def _prepared(items: QuerySet[Item]) -> Prepared:
    source = Value(Slot("source"), CharField())
    return prepare(items.annotate(source=source).values_list(*COLUMNS, "source"))


def _live() -> QuerySet[Item]:
    return Item.objects.filter(live=True)


def _links(facet: str) -> QuerySet[Any]:
    return Item.facets.through.objects.filter(facet__key=facet)


def _popular(size: int) -> Iterator[QuerySet[Item]]:
    yield _live().filter(engagement__gt=0).order_by(*BY_ENGAGEMENT)[:size]


def _trending(size: int) -> Iterator[QuerySet[Item]]:
    yield _live().filter(trend__gt=0).order_by(*BY_TREND)[:size]


def _fresh(size: int) -> Iterator[QuerySet[Item]]:
    yield _live().order_by(*NEWEST)[:size]


def _best_of(size: int) -> Iterator[QuerySet[Item]]:
    """Yield the most engaging items of a facet: among the best of all, and among its newest."""
    best = _live().order_by(*BY_ENGAGEMENT).values("pk")[:LOOKED_AT]
    having = Exists(_links(Slot("of")).filter(item_id=OuterRef("pk")))
    yield Item.objects.filter(having, pk__in=best).order_by(*BY_ENGAGEMENT)[:size]
    yield _newest_linked(NEWEST_OF_EACH).order_by(*BY_ENGAGEMENT)[:size]


def _newest_of(size: int) -> Iterator[QuerySet[Item]]:
    """Yield the newest items of a facet."""
    yield _newest_linked(size)


def _newest_linked(size: int) -> QuerySet[Item]:
    newest = _links(Slot("of")).filter(item__live=True).order_by("-id").values("item_id")[:size]
    return Item.objects.filter(pk__in=newest)


def _sharing(size: int) -> Iterator[QuerySet[Item]]:
    """Yield the items that share most categories, creators and tags with one.

    The one is looked up beside, not joined: with stale statistics PostgreSQL would join it last.
    """
    kinds = [kind for kind in FacetKind if kind != FacetKind.PARENT_CATEGORY]
    one = Subquery(Item.objects.filter(key=Slot("of")).values("pk")[:1])
    shared = _live().filter(facets__kind__in=kinds, facets__items=one)
    counted = shared.values(*COLUMNS).annotate(shared=Count("facets"))  # so grouped by these only
    yield counted.order_by("-shared", "-engagement")[:size]


#: What a pool of a kind consists of, and what puts it in order.
KINDS = {
    "popular": _popular,
    "trending": _trending,
    "fresh": _fresh,
    "best_of": _best_of,
    "newest_of": _newest_of,
    "sharing": _sharing,
}
ORDERS = {
    "popular": lambda row: (row.engagement, row.id),
    "trending": lambda row: (row.trend, row.id),
    "fresh": lambda row: (row.published, row.id),
    "best_of": lambda row: (row.engagement, row.id),
    "newest_of": lambda row: (row.published, row.id),
    "sharing": lambda row: (row.engagement, row.id),
}
