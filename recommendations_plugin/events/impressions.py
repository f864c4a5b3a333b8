"""Which recommendations were really seen, and what came of them.

An impression is credited with what its viewer did with the item within a day of following it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from .. import conf
from ..models import Impression
from ..types import Kind, Learning, Signal, Trace
from . import learning

#: How long after a click what the viewer does is credited to it.
CREDITED = timedelta(days=1)


def save(viewer: str, seen: Iterable[Trace], followed: Collection[Trace]) -> None:
    """Keep what a viewer saw and followed, once each.

    Nothing of nobody, nor of those who do not let the recommender learn from them.
    """
    if not viewer or learning.of(viewer) is not Learning.ON:
        return
    now = timezone.now()
    Impression.objects.bulk_create(
        [
            Impression(
                viewer_key=viewer,
                feed=trace.feed,
                item_key=trace.item,
                placement=trace.placement,
                position=trace.position,
                version=trace.version,
                shown_at=now,
            )
            for trace in dict.fromkeys([*seen, *followed])
        ],
        ignore_conflicts=True,
    )
    for trace in followed:
        _of(viewer).filter(feed=trace.feed, item_key=trace.item, followed_at=None).update(
            followed_at=now
        )


def credit(signals: Sequence[Signal]) -> None:
    """Credit what viewers do now to the impressions that they followed to it."""
    since = timezone.now() - CREDITED
    for signal in signals:
        if signal.kind not in (Kind.WATCH, Kind.LIKE, Kind.UNLIKE) or signal.at:
            continue
        followed = _of(signal.viewer).filter(item_key=signal.target, followed_at__gte=since)
        newest = followed.order_by("-followed_at", "-id").values("pk")[:1]
        rows = Impression.objects.filter(pk__in=newest)
        if signal.kind == Kind.WATCH:
            rows.update(portion=Greatest(F("portion"), signal.value or 0.0))
        else:
            rows.update(liked=signal.kind == Kind.LIKE)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the impressions of one placement with one model version."""

    placement: str
    version: str
    seen: int
    followed: int
    liked: int
    #: Watched portion per impression; one that nobody followed counts as 0.
    portion: float


def results(days: int = 30) -> list[Result]:
    """Return what came of the impressions of the last days, the newest model first."""
    since = timezone.now() - timedelta(days=days)
    rows = Impression.objects.filter(shown_at__gte=since).values("placement", "version")
    counted = rows.annotate(
        seen=Count("id"),
        followed=Count("id", filter=Q(followed_at__isnull=False)),
        likes=Count("id", filter=Q(liked=True)),
        watched=Avg("portion"),
    )
    fields = ("placement", "version", "seen", "followed", "likes", "watched")
    return [Result(*row) for row in counted.order_by("placement", "-version").values_list(*fields)]


def of(viewer: str) -> list[dict[str, Any]]:
    """Return what is kept of what a viewer saw, latest first, as plain data."""
    fields = ("item_key", "placement", "position", "shown_at", "followed_at", "portion", "liked")
    rows = _of(viewer).order_by("-shown_at", "position").values(*fields) if viewer else []
    return [
        {
            **row,
            "shown_at": row["shown_at"].isoformat(),
            "followed_at": row["followed_at"] and row["followed_at"].isoformat(),
        }
        for row in rows
    ]


def prune() -> int:
    """Delete impressions older than ``IMPRESSIONS_KEPT`` days; return how many."""
    limit = timezone.now() - timedelta(days=conf.settings.IMPRESSIONS_KEPT)
    return Impression.objects.filter(shown_at__lt=limit).delete()[0]


def _of(viewer: str) -> QuerySet[Impression]:
    return Impression.objects.filter(viewer_key=viewer)
