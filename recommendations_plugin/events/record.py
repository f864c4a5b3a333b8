"""Writes down what viewers do: the event and the state it leads to, in one transaction."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, F, FloatField, Q, Sum, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from .. import conf
from ..models import Event, Facet, Following, Interaction, Item, Muting
from ..signals import recorded
from ..types import Kind, Signal, engagement
from . import learning, trend
from .batches import in_batches
from .interests import add_to_interests

Pair = tuple[str, str]

ABOUT_ITEMS = {Kind.WATCH, Kind.LIKE, Kind.UNLIKE, Kind.DISMISS, Kind.UNDISMISS}
ABOUT_FACETS = {Kind.FOLLOW, Kind.UNFOLLOW, Kind.MUTE, Kind.UNMUTE}

#: Most seconds of one watch: a week.
LONGEST_WATCH = 7 * 86_400
#: Sums of watched portions that differ by less are equal.
ROUNDING = 1e-3


class InvalidSignal(ValueError):
    """A signal that cannot be true, such as a watched portion of 1.5."""


@dataclass
class Deltas:
    """What a batch of signals adds to the figures of items and to interests."""

    viewers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    watch_time: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    likes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    trend: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    interest: dict[Pair, float] = field(default_factory=lambda: defaultdict(float))
    dislike: dict[Pair, float] = field(default_factory=lambda: defaultdict(float))
    interactions: dict[Pair, int] = field(default_factory=lambda: defaultdict(int))


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


def note(row: Interaction, before: tuple[float, bool, bool], deltas: Deltas) -> None:
    """Note what an interaction's change from (portion, liked, dismissed) adds elsewhere."""
    portion, liked, dismissed = before
    threshold, gain = conf.settings.VIEW_THRESHOLD, conf.settings.INTEREST_GAIN
    viewed = int(row.portion >= threshold) - int(portion >= threshold)
    liking = int(row.liked) - int(liked)
    pair = (row.viewer_key, row.item_key)
    gained = engagement(row.portion, row.liked) - engagement(portion, liked)
    deltas.trend[row.item_key] += gained * trend.weight(row.updated_at)
    deltas.viewers[row.item_key] += viewed
    deltas.watch_time[row.item_key] += row.portion - portion
    deltas.likes[row.item_key] += liking
    deltas.interest[pair] += gain["view"] * viewed + gain["like"] * liking
    deltas.dislike[pair] += gain["dismiss"] * (int(row.dismissed) - int(dismissed))
    deltas.interactions[pair] += viewed + max(liking, 0)


def add_to_items(deltas: Deltas) -> None:
    """Add to the figures of items, in the database, so that concurrent writers add up."""
    equal: dict[tuple[int, float, int], list[str]] = defaultdict(list)
    for key in sorted(deltas.watch_time):
        portion = round(deltas.watch_time[key], 6)
        equal[deltas.viewers[key], portion, deltas.likes[key]].append(key)
    # Always in the same order, so that two batches cannot wait for each other.
    list(Item.objects.select_for_update().filter(key__in=deltas.watch_time).order_by("pk"))
    for (viewers, portion, likes), keys in equal.items():
        if viewers or portion or likes:
            Item.objects.filter(key__in=keys).update(
                viewers=Greatest(F("viewers") + viewers, Value(0)),
                watch_time=Greatest(F("watch_time") + portion, Value(0.0)),
                likes=Greatest(F("likes") + likes, Value(0)),
            )
    for gains in in_batches(sorted(deltas.trend.items()), 500):
        _add_to_trends(dict(gains))


def _add_to_trends(gains: dict[str, float]) -> None:
    changed = {key: gain for key, gain in gains.items() if gain}
    if changed:
        gain = Case(
            *(When(key=key, then=Value(gain)) for key, gain in changed.items()),
            output_field=FloatField(),
        )
        trending = Item.objects.filter(key__in=changed)
        trending.update(trend=Greatest(F("trend") + gain, Value(0.0)))


def recount_items(keys: Iterable[str]) -> int:
    """Make items' figures equal to the interactions they sum up; return how many were wrong.

    What was done with an item before it came into the catalogue counts from then on.
    """
    keys = list(keys)
    viewed = Q(portion__gte=conf.settings.VIEW_THRESHOLD)
    counted = Interaction.objects.filter(item_key__in=keys).values("item_key")
    truth = {
        row["item_key"]: (row["viewers"], row["watch_time"], row["likes"])
        for row in counted.annotate(
            viewers=Count("id", filter=viewed),
            watch_time=Sum("portion"),
            likes=Count("id", filter=Q(liked=True)),
        )
    }
    wrong = 0
    for item in Item.objects.filter(key__in=keys):
        viewers, watch_time, likes = truth.get(item.key, (0, 0.0, 0))
        off_by = abs(item.watch_time - watch_time)
        if (item.viewers, item.likes) != (viewers, likes) or off_by > ROUNDING:
            wrong += Item.objects.filter(pk=item.pk).update(
                viewers=viewers, watch_time=watch_time, likes=likes
            )
    return wrong


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
