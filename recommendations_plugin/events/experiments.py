"""Starts experiments, measures them, and stops them by what was measured."""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Experiment, ExperimentArm, Impression, Item
from ..types import FacetKind
from .batches import in_batches
from .inference import Interval, Sums, difference

logger = logging.getLogger(__name__)

#: How likely an experiment without any difference may ever be stopped for one. Half is spent on
#: what decides, half on the guardrails.
ERROR = 0.05
#: Viewers that each arm needs before anything is concluded.
FEWEST = 100
#: What decides: watched seconds per impression.
DECIDES = "seconds"
#: What may not rise by more than this share of the control's: dismissals per impression, the share
#: of impressions that the most shown creators get, and milliseconds to rank a feed.
GUARDRAILS, MARGIN = ("dismissals", "concentration", "milliseconds"), 0.1
#: Creators count as the most shown until they have this share of all impressions.
HEAD, MOST_CREATORS = 0.5, 1000

Status, Verdict = Experiment.Status, Experiment.Verdict


class CannotStart(ValueError):
    """An experiment that lacks arms, has begun before, or would run beside another one."""


def start(pk: int) -> None:
    """Start an experiment. Raises ``CannotStart``."""
    try:
        with transaction.atomic():
            experiment = Experiment.objects.select_for_update().get(pk=pk)
            if experiment.status != Status.DRAFT:
                raise CannotStart(_("It has been started before."))
            if experiment.arms.count() < 2:
                raise CannotStart(_("It needs two arms or more."))
            experiment.status, experiment.started_at = Status.RUNNING, timezone.now()
            experiment.save()
    except IntegrityError as error:
        raise CannotStart(_("Another experiment runs at this placement.")) from error


def stop(pk: int, verdict: str = Verdict.HAND, arm: str = "") -> bool:
    """Stop an experiment, keep what was measured; return whether it ran. Feeds are as before it."""
    with transaction.atomic():
        experiment = Experiment.objects.select_for_update().get(pk=pk)
        if experiment.status != Status.RUNNING:
            return False
        experiment.status, experiment.ended_at = Status.STOPPED, timezone.now()
        experiment.verdict, experiment.decided_by = verdict, arm
        experiment.results = measure(experiment)
        experiment.save()
    logger.info("Experiment %s stopped: %s %s", experiment.pk, verdict, arm)
    return True


def stop_decided() -> int:
    """Measure the running experiments, stop those that are decided; return how many."""
    stopped = 0
    for experiment in Experiment.objects.filter(status=Status.RUNNING):
        results = measure(experiment)
        Experiment.objects.filter(pk=experiment.pk).update(results=results)
        verdict, arm = decide(results)
        late = experiment.started_at and experiment.started_at + timedelta(days=experiment.days)
        if not verdict and late and late < timezone.now():
            verdict = Verdict.TIME
        if verdict:
            stopped += stop(experiment.pk, verdict, arm)
    return stopped


def decide(results: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was found and by which arm; empty while it is open.

    The first broken guardrail decides, then the best arm that is surely better; arms that are
    surely worse decide once all are.
    """
    control, *others = results["arms"]
    if min(arm["viewers"] for arm in results["arms"]) < FEWEST:
        return "", ""
    for arm in others:
        if any(_breaks(arm[name], control[name]) for name in GUARDRAILS):
            return Verdict.GUARDRAIL, arm["name"]
    better = [arm for arm in others if arm[DECIDES]["low"] > 0]
    if better:
        return Verdict.BETTER, max(better, key=lambda arm: arm[DECIDES]["value"])["name"]
    if all(arm[DECIDES]["high"] < 0 for arm in others):
        return Verdict.WORSE, others[0]["name"]
    return "", ""


def _breaks(found: Mapping[str, Any], control: Mapping[str, Any]) -> bool:
    return found["low"] is not None and found["low"] > MARGIN * control["value"]


# --- measuring ----------------------------------------------------------------------------------


def measure(experiment: Experiment) -> dict[str, Any]:
    """Return what came of an experiment, as data for JSON.

    ``checked_at``, and of each arm, the first being the control: its ``name``, ``viewers`` and
    ``impressions``, and for each metric its ``value`` per impression and where its difference from
    the control's lies, from ``low`` to ``high``, at every look. Both are None where nothing can be
    said: for the control, and for an arm of less than two viewers.
    """
    arms = list(experiment.arms.order_by("sort_order", "pk"))
    head = _most_shown(arms)
    sums = [_sums(_seen([arm]), head) for arm in arms]
    comparisons = max(len(arms) - 1, 1)
    found = []
    for place, (arm, own) in enumerate(zip(arms, sums, strict=True)):
        row: dict[str, Any] = {
            "name": arm.name,
            "viewers": own[DECIDES].viewers,
            "impressions": int(own[DECIDES].n),
        }
        for name, of_metric in own.items():
            share = 1.0 if name == DECIDES else 1 / len(GUARDRAILS)
            row[name] = (
                _figures(of_metric, None)
                if not place
                else _figures(
                    of_metric,
                    difference(
                        of_metric,
                        sums[0][name],
                        error=ERROR / 2 * share / comparisons,
                        tuned_for=experiment.viewers,
                    ),
                )
            )
        found.append(row)
    return {"checked_at": timezone.now().isoformat(), "arms": found}


def _figures(own: Sums, interval: Interval | None) -> dict[str, float | None]:
    known = interval is not None and math.isfinite(interval.low)
    return {
        "value": own.ratio,
        "difference": interval.value if known and interval else None,
        "low": interval.low if known and interval else None,
        "high": interval.high if known and interval else None,
    }


def _seen(arms: Sequence[ExperimentArm]) -> QuerySet[Impression]:
    return Impression.objects.filter(arm__in=[arm.key for arm in arms]).exclude(arm="")


def _sums(seen: QuerySet[Impression], head: Sequence[str]) -> dict[str, Sums]:
    """Return an arm's sums for each metric. One query, a row for each viewer inside it."""
    shown_most = Item.objects.filter(facets__key__in=head).values("key")
    metrics = {
        "seconds": Sum("seconds"),
        "dismissals": Count("id", filter=Q(dismissed=True)),
        "concentration": Count("id", filter=Q(item_key__in=shown_most)),
        "milliseconds": Sum("milliseconds"),
    }
    by_viewer = seen.order_by().values("viewer_key").annotate(n=Count("id"), **metrics)
    n, totals = _number("n"), dict[str, Any]()
    for name in metrics:
        x = _number(name)
        totals |= {f"{name}_x": Sum(x), f"{name}_xx": Sum(x * x), f"{name}_xn": Sum(x * n)}
    found = by_viewer.aggregate(viewers=Count("*"), n_n=Sum(n), n_nn=Sum(n * n), **totals)
    return {
        name: Sums(
            viewers=found["viewers"] or 0,
            n=found["n_n"] or 0.0,
            nn=found["n_nn"] or 0.0,
            **{each: found[f"{name}_{each}"] or 0.0 for each in ("x", "xx", "xn")},
        )
        for name in metrics
    }


def _number(name: str) -> Any:
    return Cast(F(name), FloatField())


def _most_shown(arms: Sequence[ExperimentArm]) -> list[str]:
    """Return the creators that together got ``HEAD`` of all arms' impressions, most first."""
    counts = _seen(arms).order_by().values("item_key").annotate(seen=Count("id"))
    seen = dict(counts.values_list("item_key", "seen"))
    by_creator: dict[str, int] = defaultdict(int)
    for keys in in_batches(list(seen), 500):
        items = Item.objects.filter(key__in=keys).values_list("key", "facet_keys")
        for key, facets in items:
            for creator in facets.get(FacetKind.CREATOR, []):
                by_creator[creator] += seen[key]
    wanted, head = HEAD * sum(by_creator.values()), []
    for creator, number in sorted(by_creator.items(), key=lambda each: (-each[1], each[0])):
        if wanted <= 0:
            break
        head.append(creator)
        wanted -= number
    return head[:MOST_CREATORS]
