"""Which model is served: the gate before an activation, the way back, and who decided what.

A model is not served in place of a better one unless somebody says why. Both were measured on the
same viewers' newest fifth where the later training could measure the earlier model's recipe beside
its own; the intervals of their differences decide then. Otherwise each is held against popularity
on its own data, and the means decide.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from wagtail.log_actions import log

from . import conf, runs
from .events import steering
from .models import ActiveModel, TrainingRun

logger = logging.getLogger(__name__)

#: Names in Wagtail's audit log.
ACTIVATED, REFUSED = "recommendations.activate", "recommendations.refuse"
#: What decides; everything else that was measured is shown beside it.
DECISIVE = ("recall@20", "ndcg@20")
#: Where only means are known, less than another's by more than this share of it counts as worse.
TOLERANCE = 0.05


class Refused(Exception):
    """A model that is worse than what it would replace; ``shortcomings`` says in what."""

    def __init__(self, shortcomings: list[str]) -> None:
        super().__init__(" ".join(shortcomings))
        self.shortcomings = shortcomings


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of two models; ``difference``: the 95 % interval, where both saw the same data."""

    metric: str
    own: float
    other: float
    difference: tuple[float, float] | None = None

    @property
    def worse(self) -> bool:
        """Whether the first is surely worse or, where that cannot be said, clearly."""
        if self.difference is not None:
            return self.difference[1] < 0
        return self.own < (1 - TOLERANCE) * self.other


def shortcomings(run: TrainingRun, live: TrainingRun | None) -> list[str]:
    """Return in what a run's model is worse than popularity and than the live one, in sentences."""
    found = [
        _("%(metric)s is %(own).4f; popularity has %(other).4f on the same data.") % asdict(each)
        for each in _compared(run.metrics, run.metrics.get("popularity", {}))
        if each.worse
    ]
    if live is None or live.pk == run.pk:
        return found
    if not run.metrics and live.metrics:
        return [*found, _("It was not measured, and the live model was.")]
    return found + [
        _("%(metric)s is %(own).4f; the live model has %(other).4f.") % asdict(each)
        for each in beside_live(run, live)
        if each.worse
    ]


def beside_live(run: TrainingRun, live: TrainingRun) -> list[Comparison]:
    """Return a run's figures beside the live model's, on the same data as far as there is such."""
    if run.metrics.get("live", {}).get("version") == live.version:
        return list(_compared(run.metrics, run.metrics["live"]))
    if live.metrics.get("live", {}).get("version") == run.version:
        turned = _compared(live.metrics, live.metrics["live"])
        return [Comparison(c.metric, c.other, c.own, _negative(c.difference)) for c in turned]
    own, other = (_over_popularity(each.metrics) for each in (run, live))
    return [
        Comparison(_("%(metric)s over popularity's") % {"metric": name}, own[name], other[name])
        for name in DECISIVE
        if name in own and name in other
    ]


def _compared(own: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Comparison]:
    for name in DECISIVE:
        if name in own and name in other:
            difference = other.get("differences", {}).get(name)
            yield Comparison(name, own[name], other[name], difference and tuple(difference))


def _negative(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    return interval and (-interval[1], -interval[0])


def _over_popularity(metrics: Mapping[str, Any]) -> dict[str, float]:
    popular = metrics.get("popularity", {})
    return {name: metrics[name] / popular[name] for name in DECISIVE if popular.get(name)}


# --- what is served -----------------------------------------------------------------------------


def release(run: TrainingRun, *, user: Any = None, reason: str = "") -> None:
    """Serve a run's model if it passes the gate, or with a reason why it shall pass; log it.

    Raises ``Refused``, which is logged too, and ``artifacts.BrokenArtifact``; what was served
    stays served then.
    """
    live, reason = runs.active(), reason.strip()
    found = shortcomings(run, live)
    entry = {"version": run.version, "before": runs.active_version(), "shortcomings": found}
    if found and not reason:
        log(run, REFUSED, user=user, data=entry)
        raise Refused(found)
    serve(run.version)
    log(run, ACTIVATED, user=user, data={**entry, "reason": reason})


def release_trained(run: TrainingRun) -> bool:
    """Serve what a training just made, if it passes the gate; return whether it does."""
    try:
        release(run)
    except Refused as refused:
        logger.warning("%s is not served, it is worse: %s", run.version, refused)
        return False
    return True


def serve(version: str) -> None:
    """Verify an artifact and serve it; older ones beyond ``ARTIFACTS_KEPT`` are removed, but for
    the one served before and those that experiments need.

    Raises ``artifacts.BrokenArtifact``; what was served stays served then.
    """
    from .index import artifacts  # numpy: not at a process's start

    artifacts.verify(version)
    runs.activate(version)
    before = set(ActiveModel.objects.values_list("previous", flat=True))
    artifacts.prune(
        keep=conf.settings.ARTIFACTS_KEPT,
        active=version,
        needed=before | set(steering.versions_in_use()),
    )
