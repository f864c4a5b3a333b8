"""How far what people do has moved on from what the served model learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import conf
from ..models import Event, Impression, TrainingRun
from ..types import Kind

#: What is compared with the time before it.
LATELY = timedelta(days=1)
#: Events that change an interaction.
SIGNALS = (Kind.WATCH, Kind.LIKE, Kind.UNLIKE, Kind.DISMISS, Kind.UNDISMISS)


@dataclass(frozen=True, slots=True)
class Drift:
    """``newer``: interactions since the training, as a share of those it learned from.

    ``followed``: share of the model's recommendations that were followed lately, and before that;
    None where too few were seen.
    """

    newer: float
    followed: tuple[float, float] | None = None

    @property
    def reasons(self) -> list[str]:
        """Why to train before it is time, in sentences; empty where there is no reason."""
        limits, found = conf.settings.RETRAIN, []
        if self.newer >= limits["NEWER"]:
            newer = _("%(share)s of the interactions are newer than the model.")
            found.append(newer % {"share": f"{self.newer:.0%}"})
        if self.followed and self.followed[0] < (1 - limits["DROP"]) * self.followed[1]:
            lately, before = self.followed
            fewer = _("%(lately)s of recommendations are followed, %(before)s before.")
            found.append(fewer % {"lately": f"{lately:.1%}", "before": f"{before:.1%}"})
        return found


def of(trained: TrainingRun) -> Drift:
    """Return the drift since a training that ended well. Two queries."""
    learned, newest = (trained.data.get(name) for name in ("interactions", "newest_event"))
    if not learned or newest is None:  # trained before this was written down
        return Drift(0.0, _followed(trained.version))
    since = Event.objects.filter(pk__gt=newest, kind__in=SIGNALS)[:learned]
    return Drift(since.count() / learned, _followed(trained.version))


def _followed(version: str) -> tuple[float, float] | None:
    since = timezone.now() - LATELY
    late, early = Q(shown_at__gte=since), Q(shown_at__lt=since)
    followed = Q(followed_at__isnull=False)
    counts = Impression.objects.filter(version=version).aggregate(
        late=Count("pk", filter=late),
        early=Count("pk", filter=early),
        late_followed=Count("pk", filter=late & followed),
        early_followed=Count("pk", filter=early & followed),
    )
    if min(counts["late"], counts["early"]) < conf.settings.RETRAIN["IMPRESSIONS"]:
        return None
    return (
        counts["late_followed"] / counts["late"],
        counts["early_followed"] / counts["early"],
    )
