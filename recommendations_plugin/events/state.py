"""What a feed reads: a viewer's history and interests, and the catalogue's figures.

Each function makes one query, whose cost does not grow with the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from .. import conf
from ..models import Following, Interaction, Item, UserCategoryInterest
from ..types import FacetKind

BY_ENGAGEMENT = ("-engagement", "-published_at", "-id")


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

    key: str
    name: str
    score: float


@dataclass(slots=True)
class Facts:
    """What ranking needs to know of an item."""

    engagement: float = 0.0
    parents: dict[str, str] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)


def history(viewer: str) -> list[Past]:
    """Return a viewer's latest interactions, newest first."""
    if not viewer:
        return []
    rows = Interaction.objects.filter(viewer_key=viewer).order_by("-updated_at", "-id")
    fields = ("item_key", "portion", "liked", "dismissed", "updated_at")
    return [Past(*row) for row in rows.values_list(*fields)[: conf.settings.HISTORY]]


def seen(viewer: str) -> set[str]:
    """Return the items a feed must not show again: watched, liked or dismissed."""
    if not viewer:
        return set()
    known = Q(portion__gt=0) | Q(liked=True) | Q(dismissed=True)
    rows = Interaction.objects.filter(known, viewer_key=viewer)
    return set(rows.values_list("item_key", flat=True))


def muted(viewer: str) -> set[str]:
    """Return the live items of what a viewer muted: as many as these creators have."""
    if not viewer:
        return set()
    links = Item.facets.through.objects.filter(facet__mutings__viewer_key=viewer, item__live=True)
    return set(links.values_list("item__key", flat=True))


def interests(viewer: str) -> list[Interest]:
    """Return a viewer's parent categories, strongest first."""
    if not viewer:
        return []
    rows = UserCategoryInterest.objects.filter(viewer_key=viewer, score__gt=0)
    fields = ("category__key", "category__name", "score")
    return [Interest(*row) for row in rows.order_by("-score", "id").values_list(*fields)]


def follows(viewer: str) -> dict[str, str]:
    """Return whom a viewer follows: names by facet key."""
    if not viewer:
        return {}
    rows = Following.objects.filter(viewer_key=viewer)
    return dict(rows.values_list("facet__key", "facet__name"))


def facts(keys: Iterable[str]) -> dict[str, Facts]:
    """Return the facts of live items; keys that are not live are missing. Two queries."""
    found = {
        key: Facts(engagement=engagement)
        for key, engagement in Item.objects.filter(key__in=list(keys), live=True).values_list(
            "key", "engagement"
        )
    }
    links = Item.facets.through.objects.filter(
        item__key__in=list(found), facet__kind__in=[FacetKind.PARENT_CATEGORY, FacetKind.CREATOR]
    ).values_list("item__key", "facet__kind", "facet__key", "facet__name")
    for item, kind, key, name in links:
        target = found[item].creators if kind == FacetKind.CREATOR else found[item].parents
        target[key] = name
    return found


def titles(keys: Iterable[str]) -> dict[str, str]:
    """Return the titles of items."""
    return dict(Item.objects.filter(key__in=list(keys)).values_list("key", "title"))


def sharing(item: str, *, exclude: Iterable[str] = (), limit: int) -> dict[str, int]:
    """Return how many categories, creators and tags live items share with one, most first."""
    links = Item.facets.through.objects.exclude(facet__kind=FacetKind.PARENT_CATEGORY)
    own = links.filter(item__key=item).values("facet_id")
    others = links.filter(facet_id__in=own, item__live=True).exclude(item__key=item)
    counted = others.values("item__key", "item__engagement").annotate(shared=Count("id"))
    excluded = set(exclude)
    rows = counted.order_by("-shared", "-item__engagement")[: limit + len(excluded)]
    found = {row["item__key"]: row["shared"] for row in rows}
    return {key: shared for key, shared in found.items() if key not in excluded}


def popular(*, exclude: Iterable[str] = (), limit: int) -> list[str]:
    """Return the keys of items anybody engaged with, most engaging first."""
    return _keys(Item.objects.filter(engagement__gt=0), BY_ENGAGEMENT, exclude, limit)


def popular_within(facets: Iterable[str], *, exclude: Iterable[str] = (), limit: int) -> list[str]:
    """Return the keys of items with one of these facets, most engaging first."""
    links = Item.facets.through.objects.filter(facet__key__in=list(facets))
    items = Item.objects.filter(pk__in=links.values("item_id"))
    return _keys(items, BY_ENGAGEMENT, exclude, limit)


def latest(*, exclude: Iterable[str] = (), limit: int) -> list[str]:
    """Return item keys, newest first."""
    return _keys(Item.objects.all(), ("-published_at", "-id"), exclude, limit)


def members(facets: Iterable[str], keys: Iterable[str]) -> set[str]:
    """Return which of these items have one of the facets."""
    links = Item.facets.through.objects.filter(
        facet__key__in=list(facets), item__key__in=list(keys)
    )
    return set(links.values_list("item__key", flat=True))


def _keys(
    items: QuerySet[Item], order: tuple[str, ...], exclude: Iterable[str], limit: int
) -> list[str]:
    excluded = set(exclude)
    keys = items.filter(live=True).order_by(*order).values_list("key", flat=True)
    return [key for key in keys[: limit + len(excluded)] if key not in excluded][:limit]
