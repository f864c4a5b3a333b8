"""What is known of a viewer, for the viewer: to look at and to take away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from .. import conf
from ..models import Following, Interaction, Item, Muting, UserCategoryInterest
from ..types import Facet, FacetKind, Interest, Known, KnownSignal
from . import learning

#: Most items named as where an interest comes from.
SOURCES = 3


def of(viewer: str, *, signals: slice = slice(None)) -> Known:
    """Return what is known of a viewer, with this part of their signals, newest first.

    The number of queries is constant.
    """
    done = _signals(viewer)
    return Known(
        learning=learning.of(viewer),
        interests=interests(viewer),
        signals=_with_titles(done[signals]),
        number_of_signals=done.count(),
        follows=_facets(Following.objects.filter(viewer_key=viewer)),
        muted=_facets(Muting.objects.filter(viewer_key=viewer)),
    )


def interests(viewer: str) -> list[Interest]:
    """Return a viewer's interests, strongest first, and the latest items each comes from."""
    rows = UserCategoryInterest.objects.filter(viewer_key=viewer, score__gt=0)
    rows = rows.select_related("category").order_by("-score", "pk")
    sources = _sources(viewer) if rows else {}
    return [
        Interest(
            facet=Facet(FacetKind(row.category.kind), row.category.key, row.category.name),
            score=row.score,
            chosen=row.chosen,
            interactions=row.interaction_count,
            sources=tuple(sources.get(row.category.key, ())),
        )
        for row in rows
    ]


def _signals(viewer: str) -> QuerySet[Interaction]:
    known = Q(portion__gt=0) | Q(liked=True) | Q(dismissed=True)
    return Interaction.objects.filter(known, viewer_key=viewer).order_by("-updated_at", "-pk")


def _with_titles(rows: Iterable[Interaction]) -> list[KnownSignal]:
    rows = list(rows)
    keys = [row.item_key for row in rows]
    titles = dict(Item.objects.filter(key__in=keys, live=True).values_list("key", "title"))
    return [
        KnownSignal(
            item=row.item_key,
            title=titles.get(row.item_key, ""),
            portion=row.portion,
            liked=row.liked,
            dismissed=row.dismissed,
            at=row.updated_at,
        )
        for row in rows
    ]


def _sources(viewer: str) -> dict[str, list[str]]:
    """Return by parent category which of the latest items earned an interest, newest first."""
    earned = Q(portion__gte=conf.settings.VIEW_THRESHOLD) | Q(liked=True)
    latest = _signals(viewer).filter(earned).values_list("item_key", flat=True)
    keys = list(latest[: conf.settings.HISTORY])
    links = Item.facets.through.objects.filter(
        item__key__in=keys, item__live=True, facet__kind=FacetKind.PARENT_CATEGORY
    )
    parents: dict[str, list[str]] = defaultdict(list)
    for item, facet in links.values_list("item__key", "facet__key"):
        parents[item].append(facet)
    found: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        for facet in parents[key]:
            found[facet].append(key)
    return {facet: list(islice(items, SOURCES)) for facet, items in found.items()}


def _facets(rows: QuerySet[Any]) -> list[Facet]:
    found = rows.order_by("-created_at", "-pk").values_list(
        "facet__kind", "facet__key", "facet__name"
    )
    return [Facet(FacetKind(kind), key, name) for kind, key, name in found]


def as_data(known: Known) -> dict[str, Any]:
    """Return what is known as dicts, lists, texts and numbers; times as ISO 8601."""
    found = asdict(known)
    for signal in found["signals"]:
        signal["at"] = signal["at"].isoformat()
    return found
