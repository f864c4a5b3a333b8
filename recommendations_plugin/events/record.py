"""Writes down what viewers do: the event and the state it leads to, in one transaction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..models import Event, Facet, Following, Interaction, Muting
from ..signals import recorded
from ..types import Kind, Signal
from . import learning
from .deltas import Deltas, Pair, add_to_items, note
from .interests import add_to_interests

ABOUT_ITEMS = {Kind.WATCH, Kind.LIKE, Kind.UNLIKE, Kind.DISMISS, Kind.UNDISMISS}
ABOUT_FACETS = {Kind.FOLLOW, Kind.UNFOLLOW, Kind.MUTE, Kind.UNMUTE}

#: Most seconds of one watch: a week.
LONGEST_WATCH = 7 * 86_400


class InvalidSignal(ValueError):
    """A signal that cannot be true, such as a watched portion of 1.5."""


def record_many(signals: Sequence[Signal]) -> list[Signal]:
    """Record signals, in order; return those kept. Joins the caller's transaction: all or none.

    What their viewers do not let the recommender learn from is left out. Raises ``InvalidSignal``
    before anything is written.
    """
    for signal in signals:
        validate(signal)
    kept = learning.allowed(signals)
    restore(kept)
    return kept


def restore(signals: Sequence[Signal]) -> None:
    """Record valid signals whatever their viewers chose: what was known before, for one."""
    if not signals:
        return
    now = timezone.now()
    with transaction.atomic():
        # Rows are locked before events get their ids: of two writers the later has the higher one.
        rows = _locked_interactions(
            {(signal.viewer, signal.target) for signal in signals if signal.kind in ABOUT_ITEMS}
        )
        events = Event.objects.bulk_create(
            Event(
                kind=signal.kind,
                viewer_key=signal.viewer,
                target_key=signal.target,
                value=signal.value,
                occurred_at=min(signal.at or now, now),
            )
            for signal in signals
        )
        _apply_to_items([event for event in events if event.kind in ABOUT_ITEMS], rows)
        _apply_to_facets([event for event in events if event.kind in ABOUT_FACETS])
        recorded.send(sender=Event, signals=signals)


def validate(signal: Signal) -> None:
    """Raise ``InvalidSignal`` when a signal cannot be true."""
    if signal.kind not in ABOUT_ITEMS | ABOUT_FACETS:
        raise InvalidSignal(f"{signal.kind!r} is not something a viewer does.")
    if not signal.viewer or not signal.target:
        raise InvalidSignal("A signal needs a viewer and a target.")
    if max(len(signal.viewer), len(signal.target)) > 190:
        raise InvalidSignal("Keys have at most 190 characters.")
    if signal.kind == Kind.WATCH and not (
        signal.value is not None and math.isfinite(signal.value) and 0 <= signal.value <= 1
    ):
        raise InvalidSignal(f"A watched portion is a number from 0 to 1, not {signal.value!r}.")
    if signal.seconds is not None and not 0 <= signal.seconds <= LONGEST_WATCH:
        raise InvalidSignal(f"Watched seconds are 0 to {LONGEST_WATCH}, not {signal.seconds!r}.")


# --- items ------------------------------------------------------------------------------------


def _apply_to_items(events: Sequence[Event], rows: dict[Pair, Interaction]) -> None:
    if not events:
        return
    deltas = Deltas()
    for event in events:
        _step(rows[event.viewer_key, event.target_key], event, deltas)
    Interaction.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["viewer_key", "item_key"],
        update_fields=["portion", "liked", "dismissed", "updated_at", "version"],
        batch_size=1000,
    )
    add_to_items(deltas)
    add_to_interests(deltas)


def _locked_interactions(pairs: set[Pair]) -> dict[Pair, Interaction]:
    """Return the row of each pair, made if missing and locked until the transaction ends."""
    if not pairs:
        return {}
    now = timezone.now()
    Interaction.objects.bulk_create(
        [
            Interaction(viewer_key=viewer, item_key=item, updated_at=now)
            for viewer, item in sorted(pairs)
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    found = (
        Interaction.objects.select_for_update()
        .filter(
            viewer_key__in={viewer for viewer, _ in pairs}, item_key__in={item for _, item in pairs}
        )
        .order_by("pk")
    )
    return {
        (row.viewer_key, row.item_key): row
        for row in found
        if (row.viewer_key, row.item_key) in pairs
    }


def _step(row: Interaction, event: Event, deltas: Deltas) -> None:
    """Move one interaction on by one event, and note what that adds elsewhere."""
    before = (row.portion, row.liked, row.dismissed)
    match event.kind:
        case Kind.WATCH:
            row.portion = max(row.portion, event.value or 0.0)
        case Kind.LIKE | Kind.UNLIKE:
            row.liked = event.kind == Kind.LIKE
        case Kind.DISMISS | Kind.UNDISMISS:
            row.dismissed = event.kind == Kind.DISMISS
    if row.version == 0 or event.occurred_at > row.updated_at:
        row.updated_at = event.occurred_at
    row.version = event.pk
    note(row, before, deltas)


# --- facets -----------------------------------------------------------------------------------


def _apply_to_facets(events: Sequence[Event]) -> None:
    """Follow and mute, and take these back; a facet nobody has heard of is refused."""
    if not events:
        return
    ids = dict(
        Facet.objects.filter(key__in={event.target_key for event in events}).values_list(
            "key", "id"
        )
    )
    for event in events:
        if event.target_key not in ids:
            raise InvalidSignal(f"There is no facet {event.target_key!r} to {event.kind}.")
        pair: dict[str, Any] = {"viewer_key": event.viewer_key, "facet_id": ids[event.target_key]}
        table = Following if event.kind in (Kind.FOLLOW, Kind.UNFOLLOW) else Muting
        if event.kind in (Kind.FOLLOW, Kind.MUTE):
            table._default_manager.get_or_create(**pair)
        else:
            table._default_manager.filter(**pair).delete()
