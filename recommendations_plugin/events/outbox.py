"""The outbox: events not yet in the graph, claimed in batches, at least once each.

A batch names what changed; what is sent is the state of those entities now, so repeats and
disorder do no harm.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Min, Model, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from .. import conf
from ..models import Event, Following, Interaction, Item, UserCategoryInterest
from ..types import Facet as FacetType
from ..types import FacetKind, InteractionState, ItemState, Kind, ViewerState
from . import learning
from .batches import in_batches
from .record import ABOUT_ITEMS

logger = logging.getLogger(__name__)

PENDING = Q(synced_at__isnull=True, failed_at__isnull=True)


@dataclass(frozen=True)
class Changes:
    """The present state of everything a batch of events names."""

    items: list[ItemState]
    viewers: list[ViewerState]
    interactions: list[InteractionState]
    forgotten: list[str]


def pending() -> QuerySet[Event]:
    """Return the events that are not in the graph yet."""
    return Event.objects.filter(PENDING)


def newest() -> int:
    """Return the id of the newest event, 0 where there is none."""
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0


def synced_until() -> int:
    """Return the id up to which all events are in the graph, 0 where none is."""
    waiting = pending().aggregate(oldest=Min("id"))["oldest"]
    return newest() if waiting is None else waiting - 1


def is_waiting(until: int) -> bool:
    """Return whether an unclaimed event with an id up to ``until`` waits for a sync."""
    return pending().filter(id__lte=until, lease_until__isnull=True).exists()


def claim() -> list[Event]:
    """Claim the oldest free events for ``SYNC_LEASE`` seconds of the database's clock.

    Tries are counted before the work: an event whose worker died twice is claimed alone, and
    after ``SYNC_ATTEMPTS`` tries it is a dead letter.
    """
    settings = conf.settings
    with transaction.atomic():
        free = pending().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        events = list(free.order_by("id")[: settings.SYNC_BATCH])
        dead = [event for event in events if event.attempts >= settings.SYNC_ATTEMPTS]
        fail(dead, "its worker died at every attempt")
        events = [event for event in events if event.attempts < settings.SYNC_ATTEMPTS]
        suspects = [event for event in events if event.attempts >= 2]
        if suspects:
            events = suspects[:1]
        _update(
            events,
            lease_until=Now() + timedelta(seconds=settings.SYNC_LEASE),
            attempts=F("attempts") + 1,
        )
    return events


def complete(events: Sequence[Event]) -> None:
    """Mark events as being in the graph."""
    _update(events, synced_at=Now(), lease_until=None, error="")


def release(events: Sequence[Event]) -> None:
    """Give a claim back because the graph is away; that try does not count."""
    _update(events, lease_until=None, attempts=F("attempts") - 1)


def fail(events: Sequence[Event], error: str) -> None:
    """Set events aside as dead letters, with the reason."""
    if events:
        logger.error("Outbox: %d event(s) given up: %s", len(events), error)
        _update(events, failed_at=Now(), lease_until=None, error=error[:2000])


def retry_failed() -> int:
    """Put dead letters back into the outbox; return how many."""
    return Event.objects.filter(failed_at__isnull=False).update(
        failed_at=None, attempts=0, lease_until=None, error=""
    )


def prune() -> int:
    """Delete events that were synced more than ``EVENTS_KEPT`` days ago; return how many."""
    limit = timezone.now() - timedelta(days=conf.settings.EVENTS_KEPT)
    return Event.objects.filter(synced_at__lt=limit).delete()[0]


def health() -> dict[str, float | int | None]:
    """Return ``waiting`` and ``failed`` numbers and ``oldest_seconds``, the age of the oldest."""
    oldest = pending().aggregate(oldest=Min("created_at"))["oldest"]
    return {
        "waiting": pending().count(),
        "oldest_seconds": (timezone.now() - oldest).total_seconds() if oldest else None,
        "failed": Event.objects.filter(failed_at__isnull=False).count(),
    }


def _update(events: Sequence[Event], **values: object) -> None:
    ids = [event.pk for event in events]
    for start in range(0, len(ids), 1000):
        Event.objects.filter(pk__in=ids[start : start + 1000]).update(**values)


# --- what the events stand for ----------------------------------------------------------------


#: Where it stands what the graph holds of viewers.
STANDING: tuple[type[Model], ...] = (Interaction, UserCategoryInterest, Following)


def changes(events: Sequence[Event]) -> Changes:
    """Return the present state of what these events name."""
    pairs = {(e.viewer_key, e.target_key) for e in events if e.kind in ABOUT_ITEMS}
    viewers = {
        e.viewer_key for e in events if e.viewer_key and e.kind not in (Kind.FORGET, Kind.ITEM)
    }
    forgotten = {e.viewer_key for e in events if e.kind == Kind.FORGET}
    if forgotten:  # what is still known of them, or has been since, is written again after it
        still = Interaction.objects.filter(viewer_key__in=forgotten)
        pairs |= set(still.values_list("viewer_key", "item_key"))
        viewers |= set(_standing(forgotten))
    version = max((event.pk for event in events), default=0)
    return Changes(
        items=item_states({e.target_key for e in events if e.kind == Kind.ITEM}),
        viewers=viewer_states(viewers, version=version),
        interactions=interaction_states(pairs),
        forgotten=sorted(forgotten),
    )


def _standing(viewers: set[str] | None = None) -> QuerySet[Any, str]:
    """Return the keys of viewers, of all or of these, that the graph shall hold."""
    keys = [
        (rows.filter(viewer_key__in=viewers) if viewers is not None else rows)
        .exclude(viewer_key__in=learning.switched_off())
        .order_by()
        .values_list("viewer_key", flat=True)
        for rows in (model._default_manager.all() for model in STANDING)
    ]
    return keys[0].union(*keys[1:]).order_by("viewer_key")


def item_states(keys: set[str]) -> list[ItemState]:
    """Return the state of items for the graph."""
    items = Item.objects.filter(key__in=keys).prefetch_related("facets").order_by("key")
    return [
        ItemState(
            key=item.key,
            version=item.version,
            live=item.live,
            title=item.title,
            text=item.text,
            published_at=item.published_at.timestamp() if item.published_at else 0.0,
            facets=tuple(
                FacetType(FacetKind(facet.kind), facet.key, facet.name)
                for facet in item.facets.all()
            ),
        )
        for item in items
    ]


def viewer_states(keys: set[str], *, version: int) -> list[ViewerState]:
    """Return viewers' standing choices for the graph, as of ``version``."""
    keys = keys - set(learning.switched_off().filter(viewer_key__in=keys))
    interests: dict[str, dict[str, float]] = defaultdict(dict)
    for viewer, facet, score in UserCategoryInterest.objects.filter(
        viewer_key__in=keys, score__gt=0
    ).values_list("viewer_key", "category__key", "score"):
        interests[viewer][facet] = score
    follows: dict[str, list[str]] = defaultdict(list)
    for viewer, facet in (
        Following.objects.filter(viewer_key__in=keys)
        .order_by("facet__key")
        .values_list("viewer_key", "facet__key")
    ):
        follows[viewer].append(facet)
    return [
        ViewerState(key, version, interests=interests[key], follows=tuple(follows[key]))
        for key in sorted(keys)
    ]


def interaction_states(pairs: set[tuple[str, str]]) -> list[InteractionState]:
    """Return what viewers did with items, for the graph."""
    rows = Interaction.objects.filter(
        viewer_key__in={viewer for viewer, _ in pairs}, item_key__in={item for _, item in pairs}
    ).exclude(viewer_key__in=learning.switched_off())
    return [state for state in _interaction_states(rows) if (state.viewer, state.item) in pairs]


def _interaction_states(rows: QuerySet[Interaction]) -> list[InteractionState]:
    return [
        InteractionState(
            viewer=row.viewer_key,
            item=row.item_key,
            version=row.version,
            portion=row.portion,
            liked=row.liked,
            dismissed=row.dismissed,
            at=row.updated_at.timestamp(),
        )
        for row in rows.order_by("pk")
    ]


def everything(batch: int = 2000) -> Iterator[Changes]:
    """Return the present state of all there is, in batches: what a rebuilt graph is made from."""
    version = newest()
    for keys in in_batches(
        Item.objects.order_by("id").values_list("key", flat=True).iterator(batch), batch
    ):
        yield Changes(item_states(set(keys)), [], [], [])
    for keys in in_batches(_standing().iterator(batch), batch):
        yield Changes([], viewer_states(set(keys), version=version), [], [])
    interactions = Interaction.objects.exclude(viewer_key__in=learning.switched_off())
    for ids in in_batches(
        interactions.order_by("id").values_list("id", flat=True).iterator(batch), batch
    ):
        yield Changes([], [], _interaction_states(Interaction.objects.filter(pk__in=ids)), [])
