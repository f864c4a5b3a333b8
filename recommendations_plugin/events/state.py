"""What a feed reads: two queries, whose number and cost grow neither with catalogue nor history.

One reads all that is known of a viewer, the other all candidates with what ranking needs of them.
Both are unions: each part is found by an index of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from .. import conf
from ..models import (
    ActiveModel,
    Following,
    Interaction,
    Item,
    LearningChoice,
    Muting,
    UserCategoryInterest,
)
from ..types import FacetKind, Learning

#: Interactions read beyond ``HISTORY``, so that the index need not bring what was seen long ago.
REMEMBERED = 2000
#: Where facets are asked for: best items of all looked at, newest items of each facet, and facets
#: of which these are. Together they find what is good in a large facet and all of a small one, at a
#: bounded cost; each facet is one more part of the query to build.
LOOKED_AT, NEWEST_OF_EACH, FACETS = 1000, 300, 3

#: What feeds do not show again.
SEEN = Q(portion__gt=0) | Q(liked=True) | Q(dismissed=True)

#: Orders that an index holds (``Item.Meta.indexes``).
BY_ENGAGEMENT = ("-engagement", "-id")
BY_TREND = ("-trend", "-id")
NEWEST = ("-published_at", "-id")


@dataclass(frozen=True, slots=True)
class Past:
    """One viewer's interaction with one item."""

    item: str
    portion: float
    liked: bool
    dismissed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Interest:
    """A viewer's interest in a parent category."""

    id: int
    key: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Known:
    """All that a feed reads of a viewer, and the version of the model to rank with."""

    #: The viewer's key; empty for nobody, and for those who switched learning off.
    viewer: str = ""
    version: str = ""
    #: The state of pins and experiments (see ``events.steering``).
    rules: str = ""
    #: Latest first, ``HISTORY`` of them.
    history: Sequence[Past] = ()
    #: What they have seen, liked or dismissed of late: feeds do not show it again.
    seen: frozenset[str] = frozenset()
    #: Strongest first.
    interests: Sequence[Interest] = ()
    #: Names and ids by facet key, newest first.
    follows: Mapping[str, str] = field(default_factory=dict)
    followed_ids: Sequence[int] = ()
    #: Keys of the facets they want nothing of.
    muted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate as SQL knows it, and which source brought it."""

    id: int
    key: str
    title: str
    engagement: float
    trend: float
    published_at: datetime | None
    version: int
    facet_keys: Mapping[str, list[str]]
    source: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which candidates to read. Nothing excluded or seen is, but for what is asked for by key."""

    viewer: str = ""
    exclude: frozenset[str] = frozenset()
    #: No items with one of these facets.
    muted: Iterable[str] = ()
    #: Only items with this facet.
    within: str = ""
    #: How many each source may bring.
    sizes: Mapping[str, int] = field(default_factory=dict)
    #: Items by key that are candidates, by source.
    nearest: Mapping[str, Iterable[str]] = field(default_factory=dict)
    #: Items by key that are read only for what is known of them, seen or not.
    past: Iterable[str] = ()
    #: Ids of facets.
    follows: Sequence[int] = ()
    interests: Sequence[int] = ()
    #: The item whose categories, creator and tags candidates shall share.
    beside: str = ""


# --- a viewer -----------------------------------------------------------------------------------


def known(viewer: str) -> Known:
    """Return all that is known of a viewer. One query.

    Where they switched learning off, they are nobody.
    """
    parts = [_version()]
    if viewer:
        parts = [*_interactions(viewer), *_choices(viewer), *parts]
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for what, *values in parts[0].union(*parts[1:], all=True):
        rows[what].append(tuple(values))
    version, rules = next(((key, name) for _id, key, name, *_ in rows["version"]), ("", ""))
    if not viewer or rows["off"]:
        return Known(version=version, rules=rules)
    past = [Past(key, *rest) for _id, key, _name, *rest in rows["past"]]
    past.sort(key=lambda each: each.at, reverse=True)
    seen = {p.item for p in past if p.portion > 0 or p.liked or p.dismissed}
    interests = [Interest(*values[:4]) for values in rows["interest"]]
    follows = sorted(rows["follow"], key=lambda values: -values[3])
    return Known(
        viewer=viewer,
        version=version,
        rules=rules,
        history=past,
        seen=frozenset(seen | {key for _id, key, *_ in rows["seen"]}),
        interests=sorted(interests, key=lambda each: -each.score),
        follows={key: name for _id, key, name, *_ in follows},
        followed_ids=[values[0] for values in follows],
        muted=frozenset(key for _id, key, *_ in rows["mute"]),
    )


def _values(rows: QuerySet[Any], what: str, **given: Any) -> QuerySet[Any]:
    """Return rows in the columns that all parts of the union have."""
    columns = {
        "what": Value(what, CharField()),
        "its_id": Value(0, BigIntegerField()),
        "its_key": Value("", CharField()),
        "its_name": Value("", CharField()),
        "its_number": Value(0.0, FloatField()),
        "is_liked": Value(False, BooleanField()),
        "is_dismissed": Value(False, BooleanField()),
        "at": Value(None, DateTimeField()),
    }
    return rows.order_by().annotate(**{**columns, **given}).values_list(*columns)


def _interactions(viewer: str) -> Iterator[QuerySet[Any]]:
    rows, history = Interaction.objects.filter(viewer_key=viewer), conf.settings.HISTORY
    newest = rows.order_by("-updated_at", "-id").values("pk")
    yield _values(
        Interaction.objects.filter(pk__in=newest[:history]),
        "past",
        its_key=F("item_key"),
        its_number=F("portion"),
        is_liked=F("liked"),
        is_dismissed=F("dismissed"),
        at=F("updated_at"),
    )
    older = Interaction.objects.filter(pk__in=newest[history : history + REMEMBERED])
    yield _values(older.filter(SEEN), "seen", its_key=F("item_key"))


def _choices(viewer: str) -> Iterator[QuerySet[Any]]:
    interests = UserCategoryInterest.objects.filter(viewer_key=viewer, score__gt=0)
    category = {"its_key": F("category__key"), "its_name": F("category__name")}
    yield _values(interests, "interest", its_id=F("category_id"), **category, its_number=F("score"))
    for what, model in (("follow", Following), ("mute", Muting)):
        rows = model._default_manager.filter(viewer_key=viewer)
        names = {"its_key": F("facet__key"), "its_name": F("facet__name")}
        number = Cast("id", FloatField())
        yield _values(rows, what, its_id=F("facet_id"), **names, its_number=number)
    off = LearningChoice.objects.filter(viewer_key=viewer, learning=Learning.OFF)
    yield _values(off, "off")


def _version() -> QuerySet[Any]:
    return _values(ActiveModel.objects.all(), "version", its_key=F("version"), its_name=F("rules"))


# --- candidates ---------------------------------------------------------------------------------


def candidates(selection: Selection) -> list[Row]:
    """Return the candidates that sources bring, an item once per source. One query."""
    parts = [
        _rows(items, source) for source, items in [*_by_key(selection), *_by_source(selection)]
    ]
    return _read(parts)


def rest(selection: Selection, *, before: int | None, limit: int) -> list[Row]:
    """Return items by when they came into the catalogue, newest first, from below an id."""
    items = _members(_live(selection), selection)
    if before is not None:
        items = items.filter(pk__lt=before)
    return _read([_rows(_first(items, ("-id",), limit), "rest")])


def _read(parts: list[QuerySet[Any]]) -> list[Row]:
    if not parts:
        return []
    return [Row(*values) for values in parts[0].union(*parts[1:], all=True)]


def _rows(items: QuerySet[Item], source: str) -> QuerySet[Any]:
    return items.order_by().annotate(source=Value(source, CharField())).values_list(*Row.__slots__)


def _first(items: QuerySet[Item], order: tuple[str, ...], limit: int) -> QuerySet[Item]:
    """Return the first of these items, as a part of a union may: without an order of its own."""
    return Item.objects.filter(pk__in=items.order_by(*order).values("pk")[:limit])


def _by_key(selection: Selection) -> Iterator[tuple[str, QuerySet[Item]]]:
    if past := list(selection.past):
        yield "past", Item.objects.filter(key__in=past)
    for source, keys in selection.nearest.items():
        if keys := list(keys):
            yield source, _live(selection).filter(key__in=keys)


def _by_source(selection: Selection) -> Iterator[tuple[str, QuerySet[Item]]]:
    live, sizes = _live(selection), selection.sizes
    for items in _of_facets(live, selection.follows, NEWEST, sizes.get("followed", 0)):
        yield "followed", items
    for items in _of_facets(live, selection.interests, BY_ENGAGEMENT, sizes.get("interests", 0)):
        yield "interests", items
    if selection.beside and sizes.get("sharing"):
        items = _sharing(live, selection.beside)
        yield "sharing", _first(items, ("-shared", "-engagement"), sizes["sharing"])
    if sizes.get("popular"):
        engaged = _bounded(live.filter(engagement__gt=0), BY_ENGAGEMENT, selection)
        yield "popular", _first(engaged, BY_ENGAGEMENT, sizes["popular"])
    if sizes.get("trending"):
        trending = _bounded(live.filter(trend__gt=0), BY_TREND, selection)
        yield "trending", _first(trending, BY_TREND, sizes["trending"])
    if sizes.get("fresh"):
        yield "fresh", _first(_members(live, selection), NEWEST, sizes["fresh"])


def _bounded(items: QuerySet[Item], order: tuple[str, ...], selection: Selection) -> QuerySet[Item]:
    """Within a facet, look at the best of all only: in order, a small facet's lie far apart."""
    if not selection.within:
        return items
    return items.filter(pk__in=_best(order).values("pk"))


def _best(order: tuple[str, ...]) -> QuerySet[Item]:
    return _first(Item.objects.filter(live=True), order, LOOKED_AT)


def _members(items: QuerySet[Item], selection: Selection) -> QuerySet[Item]:
    """Within a facet, start from its links."""
    if not selection.within:
        return items
    links = Item.facets.through.objects.filter(facet__key=selection.within)
    return items.filter(pk__in=links.values("item_id"))


def _of_facets(
    live: QuerySet[Item], facets: Sequence[int], order: tuple[str, ...], limit: int
) -> Iterator[QuerySet[Item]]:
    """Yield the first items with one of these facets: among the best of all, and the newest."""
    if not facets or not limit:
        return
    links = Item.facets.through.objects
    having = Exists(links.filter(item_id=OuterRef("pk"), facet_id__in=list(facets)))
    yield _first(live.filter(pk__in=_best(order).values("pk")).filter(having), order, limit)
    for facet in facets[:FACETS]:
        newest = links.filter(facet_id=facet).order_by("-id").values("item_id")[:NEWEST_OF_EACH]
        yield _first(live.filter(pk__in=newest), order, limit)


def unseen(viewer: str, keys: Iterable[str]) -> set[str]:
    """Return which of these items are live and neither seen, dismissed nor muted. Two queries."""
    who = known(viewer)
    live = _live(Selection(viewer=who.viewer, muted=who.muted))
    return set(live.filter(key__in=list(keys)).values_list("key", flat=True))


def _live(selection: Selection) -> QuerySet[Item]:
    """Return the live items that the viewer has not seen."""
    items = Item.objects.filter(live=True)
    if selection.viewer:
        seen = {"viewer_key": selection.viewer, "item_key": OuterRef("key")}
        items = items.filter(~Exists(Interaction.objects.filter(SEEN, **seen)))
    if muted := list(selection.muted):
        items = items.filter(~Exists(_links(muted)))
    if selection.exclude:
        items = items.exclude(key__in=list(selection.exclude))
    return items.filter(Exists(_links([selection.within]))) if selection.within else items


def _links(facets: list[str]) -> QuerySet[Any]:
    """Return the links of an outer query's item to these facets."""
    return Item.facets.through.objects.filter(item_id=OuterRef("pk"), facet__key__in=facets)


def _sharing(items: QuerySet[Item], item: str) -> QuerySet[Item]:
    """Return items that share facets with one, ``shared``: how many."""
    links = Item.facets.through.objects.exclude(facet__kind=FacetKind.PARENT_CATEGORY)
    own = links.filter(item__key=item).values("facet_id")
    common = Q(facets__in=own)
    return items.filter(common).annotate(shared=Count("facets", filter=common))
