"""What a feed reads of a viewer: one query, whose cost does not grow with their history.

It is a union: each part is found by an index of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    F,
    FloatField,
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
from ..types import Learning
from .prepared import Prepared, Slot, prepare, run

#: Interactions read beyond ``HISTORY``: what was seen before these is asked for by item.
REMEMBERED = 1000

#: What feeds do not show again.
SEEN = Q(portion__gt=0) | Q(liked=True) | Q(dismissed=True)


#: Where a row says when.
AT = -1


class Past(NamedTuple):
    """One viewer's interaction with one item."""

    item: str
    portion: float
    liked: bool
    dismissed: bool


@dataclass(frozen=True, slots=True)
class Interest:
    """A viewer's interest in a parent category."""

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
    #: The version of the item that changed last.
    newest: int = 0
    #: Latest first, ``HISTORY`` of them.
    history: Sequence[Past] = ()
    #: What they have seen, liked or dismissed of late: feeds do not show it again.
    seen: frozenset[str] = frozenset()
    #: Whether they may have seen more than that, long ago.
    saw_more: bool = False
    #: Strongest first.
    interests: Sequence[Interest] = ()
    #: Names by facet key, newest first.
    follows: Mapping[str, str] = field(default_factory=dict)
    #: Keys of the facets they want nothing of.
    muted: frozenset[str] = frozenset()


_writes = 0


def writes() -> int:
    """Return a number that is another one once this process has written what viewers do."""
    return _writes


def wrote() -> None:
    """Say that what is known of a viewer has changed."""
    global _writes
    _writes += 1


def known(viewer: str) -> Known:
    """Return all that is known of a viewer. One query.

    Where they switched learning off, they are nobody.
    """
    rows: dict[str, list[Sequence[Any]]] = defaultdict(list)
    parts = _known(bool(viewer), conf.settings.HISTORY, REMEMBERED)
    for values in run([(part, {"viewer": viewer}) for part in parts], convert=False):
        rows[values[0]].append(values[1:])
    newest = next((int(number) for _key, _name, number, *_ in rows["newest"]), 0)
    version, rules = next(((key, name) for key, name, *_ in rows["served"]), ("", ""))
    nobody = Known(version=version, rules=rules, newest=newest)
    if not viewer or rows["off"]:
        return nobody
    rows["past"].sort(key=itemgetter(AT), reverse=True)
    done = [*rows["past"], *rows["older"]]
    seen = [key for key, _name, portion, liked, away, _at in done if portion or liked or away]
    interests = [Interest(*values[:3]) for values in rows["interest"]]
    follows = sorted(rows["follow"], key=lambda values: -values[2])
    return replace(
        nobody,
        viewer=viewer,
        history=[
            Past(key, portion, bool(liked), bool(dismissed))
            for key, _name, portion, liked, dismissed, _at in rows["past"]
        ],
        seen=frozenset(seen),
        saw_more=len(rows["older"]) == REMEMBERED,
        interests=sorted(interests, key=lambda each: -each.score),
        follows={key: name for key, name, *_ in follows},
        muted=frozenset(key for key, *_ in rows["mute"]),
    )


@lru_cache
def _known(anybody: bool, history: int, remembered: int) -> list[Prepared]:
    viewer = Slot("viewer")
    parts = [*_interactions(viewer, history, remembered), *_choices(viewer)] if anybody else []
    return [prepare(part) for part in [*parts, *_served()]]


def _values(rows: QuerySet[Any], what: str, **given: Any) -> QuerySet[Any]:
    """Return rows in the columns that all parts of the union have."""
    columns = {
        "what": Value(what, CharField()),
        "its_key": Value("", CharField()),
        "its_name": Value("", CharField()),
        "its_number": Value(0.0, FloatField()),
        "is_liked": Value(False, BooleanField()),
        "is_dismissed": Value(False, BooleanField()),
        "at": Value(None, DateTimeField()),
    }
    return rows.order_by().annotate(**{**columns, **given}).values_list(*columns)


def _interactions(viewer: str, history: int, remembered: int) -> Iterator[QuerySet[Any]]:
    newest = Interaction.objects.filter(viewer_key=viewer).order_by("-updated_at", "-id")
    done = {"its_number": F("portion"), "is_liked": F("liked"), "is_dismissed": F("dismissed")}
    for what, part, more in (
        ("past", slice(history), {"at": F("updated_at")}),
        ("older", slice(history, history + remembered), {}),
    ):
        rows = Interaction.objects.filter(pk__in=newest.values("pk")[part])
        yield _values(rows, what, its_key=F("item_key"), **done, **more)


def _choices(viewer: str) -> Iterator[QuerySet[Any]]:
    interests = UserCategoryInterest.objects.filter(viewer_key=viewer, score__gt=0)
    category = {"its_key": F("category__key"), "its_name": F("category__name")}
    yield _values(interests, "interest", **category, its_number=F("score"))
    for what, model in (("follow", Following), ("mute", Muting)):
        rows = model._default_manager.filter(viewer_key=viewer)
        names = {"its_key": F("facet__key"), "its_name": F("facet__name")}
        yield _values(rows, what, **names, its_number=Cast("id", FloatField()))
    off = LearningChoice.objects.filter(viewer_key=viewer, learning=Learning.OFF)
    yield _values(off, "off")


def _served() -> Iterator[QuerySet[Any]]:
    yield _values(ActiveModel.objects.all(), "served", its_key=F("version"), its_name=F("rules"))
    newest = Item.objects.filter(pk__in=Item.objects.order_by("-version").values("pk")[:1])
    yield _values(newest, "newest", its_number=Cast("version", FloatField()))


# --- what was begun -----------------------------------------------------------------------------

#: The portions between which something counts as begun and not finished.
BEGUN, FINISHED = 0.02, 0.9


def unfinished(viewer: str, limit: int) -> list[str]:
    """Return the keys of what a viewer began and did not finish, latest first. One query."""
    begun = Interaction.objects.filter(
        viewer_key=viewer, dismissed=False, portion__gt=BEGUN, portion__lt=FINISHED
    )
    latest = begun.order_by("-updated_at", "-id")
    return list(latest.values_list("item_key", flat=True)[:limit])


# --- by item ------------------------------------------------------------------------------------


def seen_among(viewer: str, keys: Iterable[str]) -> QuerySet[Interaction]:
    """Return what a viewer did with those of these items that they have seen, however long ago."""
    return Interaction.objects.filter(SEEN, viewer_key=viewer, item_key__in=list(keys))
