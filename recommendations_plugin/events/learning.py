"""Whether the recommender may learn from a viewer, and what of their signals is left then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from ..models import Event, Interaction, LearningChoice
from ..types import Kind, Learning, Signal

#: What a pause keeps out: what viewers do, not what they ask for.
TAUGHT = {Kind.WATCH, Kind.LIKE}
#: What only removes, and so is heard even while learning is off.
TAKEN_BACK = {Kind.UNLIKE, Kind.UNDISMISS, Kind.UNFOLLOW, Kind.UNMUTE}


def of(viewer: str) -> Learning:
    """Return what a viewer chose; on for those who chose nothing, and for nobody."""
    return _limits([viewer]).get(viewer, Learning.ON) if viewer else Learning.ON


def _limits(viewers: Iterable[str]) -> dict[str, Learning]:
    """Return the choices of those viewers who paused or switched off."""
    limited = LearningChoice.objects.exclude(learning=Learning.ON)
    found = limited.filter(viewer_key__in=set(viewers)).values_list("viewer_key", "learning")
    return {viewer: Learning(choice) for viewer, choice in found}


def switched_off() -> QuerySet[LearningChoice, str]:
    """Return the keys of those who switched learning off: a subquery for ``exclude``."""
    return LearningChoice.objects.filter(learning=Learning.OFF).values_list("viewer_key", flat=True)


def choose(viewer: str, learning: Learning) -> None:
    """Keep a viewer's choice. Of those who switch off, the graph forgets all, until they return."""
    before = of(viewer)
    LearningChoice.objects.update_or_create(viewer_key=viewer, defaults={"learning": learning})
    if Learning.OFF in (before, learning) and before is not learning:
        Event.objects.create(kind=Kind.FORGET, viewer_key=viewer, occurred_at=timezone.now())


def allowed(signals: Sequence[Signal]) -> list[Signal]:
    """Return the signals that their viewers let the recommender hear, in order."""
    limits = _limits(signal.viewer for signal in signals)
    if not limits:
        return list(signals)
    off = [s.viewer for s in signals if limits.get(s.viewer) is Learning.OFF]
    known = set(
        Interaction.objects.filter(viewer_key__in=set(off)).values_list("viewer_key", "item_key")
        if off
        else ()
    )
    return [signal for signal in signals if _is_allowed(signal, limits.get(signal.viewer), known)]


def _is_allowed(signal: Signal, limit: Learning | None, known: set[tuple[str, str]]) -> bool:
    if limit is Learning.PAUSED:
        return signal.kind not in TAUGHT
    if limit is Learning.OFF:
        about_facet = signal.kind in (Kind.UNFOLLOW, Kind.UNMUTE)
        there = about_facet or (signal.viewer, signal.target) in known
        return signal.kind in TAKEN_BACK and there
    return True
