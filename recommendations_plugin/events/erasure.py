"""Forgets what viewers did, and what is said of items that are gone. The graph follows.

A ``forget`` event has the graph erase a viewer and write again what SQL still holds of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models, transaction
from django.utils import timezone

from ..models import (
    Event,
    Facet,
    Following,
    Impression,
    Interaction,
    Item,
    LearningChoice,
    Muting,
    UserCategoryInterest,
)
from ..types import Kind, Signal
from .deltas import Deltas, add_to_items, note
from .handover import signals_of
from .interests import add_to_interests

#: What is known of a viewer; not what they chose of being known.
KNOWN: tuple[type[models.Model], ...] = (
    Interaction,
    UserCategoryInterest,
    Following,
    Muting,
    Impression,
    Event,
)


def drop(viewer: str, items: Iterable[str]) -> list[Signal]:
    """Forget what a viewer did with items, and take back the interests it earned.

    Returns the signals that bring it back.
    """
    keys = list(items)
    with transaction.atomic():
        mine = Interaction.objects.filter(viewer_key=viewer, item_key__in=keys)
        rows = list(mine.select_for_update().order_by("updated_at", "pk"))
        if not rows:
            return []
        signals = signals_of(rows, give_to=viewer)
        add_to_interests(_undo(rows))
        mine.delete()
        Event.objects.filter(viewer_key=viewer, target_key__in=keys).delete()
        Impression.objects.filter(viewer_key=viewer, item_key__in=keys).delete()
        _told_to_forget(viewer)
    return signals


def forget(viewer: str, *, choice: bool = True) -> None:
    """Forget all that is known of a viewer; with ``choice`` also whether they may be known."""
    with transaction.atomic():
        _undo(Interaction.objects.select_for_update().filter(viewer_key=viewer))
        for model in KNOWN:
            model._default_manager.filter(viewer_key=viewer).delete()
        if choice:
            LearningChoice.objects.filter(viewer_key=viewer).delete()
        _told_to_forget(viewer)


def _undo(rows: Iterable[Interaction]) -> Deltas:
    """Take what interactions added to items' figures back; return what they added elsewhere."""
    deltas = Deltas()
    for row in rows:
        before = (row.portion, row.liked, row.dismissed)
        row.portion, row.liked, row.dismissed = 0.0, False, False
        note(row, before, deltas)
        deltas.interactions[row.viewer_key, row.item_key] -= int(before[1])
    add_to_items(deltas)
    return deltas


def _told_to_forget(viewer: str) -> None:
    Event.objects.create(kind=Kind.FORGET, viewer_key=viewer, occurred_at=timezone.now())


def erase_words(items: Iterable[str], facets: Iterable[str]) -> None:
    """Erase the words about items and facets that are gone for good; of them, keys stay.

    A facet's items are told anew, because the graph learns a facet's name from them.
    """
    gone, nameless = set(items), set(facets)
    with transaction.atomic():
        Facet.objects.filter(key__in=nameless).update(name="")
        Item.objects.filter(key__in=gone).update(title="", text="", live=False)
        told = Item.objects.filter(models.Q(key__in=gone) | models.Q(facets__key__in=nameless))
        for key in told.order_by("key").values_list("key", flat=True).distinct():
            event = Event.objects.create(kind=Kind.ITEM, target_key=key, occurred_at=timezone.now())
            Item.objects.filter(key=key).update(version=event.pk)
