"""Which recommendations were really seen, and what came of them.

What a viewer does with an item is credited to the newest impression of it that they followed
within the last day, else to the newest that they saw.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from .. import conf
from ..models import Impression
from ..types import Kind, Learning, Signal, Trace
from . import learning

#: How long what the viewer does is credited to what they saw or followed.
CREDITED = timedelta(days=1)
#: The field that each kind of signal switches, and to what.
SWITCHES: dict[Kind, dict[str, bool]] = {
    Kind.LIKE: {"liked": True},
    Kind.UNLIKE: {"liked": False},
    Kind.DISMISS: {"dismissed": True},
    Kind.UNDISMISS: {"dismissed": False},
}


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
                step=trace.step,
                arm=trace.arm,
                milliseconds=trace.milliseconds,
                parts=trace.parts[:60],
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
    """Credit what viewers do now to the impressions that led to it."""
    now = timezone.now()
    for signal in signals:
        if signal.at:  # of the past, from an import or an undo
            continue
        if signal.kind == Kind.WATCH:
            _newest(signal, now - CREDITED).update(
                portion=Greatest(F("portion"), signal.value or 0.0),
                seconds=Greatest(F("seconds"), signal.seconds or 0.0),
            )
        elif signal.kind in SWITCHES:
            _newest(signal, now - CREDITED).update(**SWITCHES[signal.kind])


def _newest(signal: Signal, since: Any) -> QuerySet[Impression]:
    met = _of(signal.viewer).filter(item_key=signal.target)
    lately = met.alias(last=Coalesce("followed_at", "shown_at")).filter(last__gte=since)
    order = (F("followed_at").desc(nulls_last=True), "-shown_at", "-id")
    return Impression.objects.filter(pk__in=lately.order_by(*order).values("pk")[:1])


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the impressions of one placement with one model version."""

    placement: str
    version: str
    seen: int
    followed: int
    liked: int
    dismissed: int
    #: Watched portion and seconds per impression; one that led to nothing counts as 0.
    portion: float
    seconds: float


def results(days: int = 30) -> list[Result]:
    """Return what came of the impressions of the last days, the newest model first."""
    rows = _since(days).values("placement", "version")
    counted = rows.annotate(
        seen=Count("id"),
        followed=Count("id", filter=Q(followed_at__isnull=False)),
        likes=Count("id", filter=Q(liked=True)),
        dismissals=Count("id", filter=Q(dismissed=True)),
        watched=Avg("portion"),
        time=Avg("seconds"),
    )
    fields = ("seen", "followed", "likes", "dismissals", "watched", "time")
    ordered = counted.order_by("placement", "-version")
    return [Result(*row) for row in ordered.values_list("placement", "version", *fields)]


def steps(days: int = 1) -> dict[str, int]:
    """Return how many impressions of the last days came from each rung of the ladder."""
    counted = _since(days).exclude(step="").values("step").annotate(seen=Count("id"))
    return dict(counted.order_by("-seen").values_list("step", "seen"))


def of(viewer: str) -> list[dict[str, Any]]:
    """Return what is kept of what a viewer saw, latest first, as plain data."""
    fields = ("item_key", "placement", "position", "version", "step", "arm", "parts")
    outcome = ("shown_at", "followed_at", "portion", "seconds", "liked", "dismissed")
    rows = _of(viewer).order_by("-shown_at", "position") if viewer else Impression.objects.none()
    return [
        {
            **row,
            "shown_at": row["shown_at"].isoformat(),
            "followed_at": row["followed_at"] and row["followed_at"].isoformat(),
        }
        for row in rows.values(*fields, *outcome)
    ]


def prune() -> int:
    """Delete impressions older than ``IMPRESSIONS_KEPT`` days; return how many."""
    limit = timezone.now() - timedelta(days=conf.settings.IMPRESSIONS_KEPT)
    return Impression.objects.filter(shown_at__lt=limit).delete()[0]


def _since(days: int) -> QuerySet[Impression]:
    return Impression.objects.filter(shown_at__gte=timezone.now() - timedelta(days=days))


def _of(viewer: str) -> QuerySet[Impression]:
    return Impression.objects.filter(viewer_key=viewer)


@dataclass(frozen=True, slots=True)
class Reach:
    """How one item did in feeds, as long as impressions are kept."""

    impressions: int = 0
    followed: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """The share of impressions that were followed, 0–1."""
        return self.followed / self.impressions if self.impressions else 0.0


def reach(item: str) -> Reach:
    """Return how an item did. One query."""
    found = Impression.objects.filter(item_key=item).aggregate(
        impressions=Count("pk"), followed=Count("followed_at"), seconds=Sum("seconds", default=0.0)
    )
    return Reach(**found)
