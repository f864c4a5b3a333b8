"""How editors and operators steer feeds, as a request reads it: pins and running experiments.

Each process keeps what it read. A random text in the row that every request reads anyway
(``ActiveModel.rules``) says whether that is still true: so a change counts from the next request
on, in every process, and costs the others no query. Changes by ``QuerySet.update`` send no signal
and wait for the next one.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from ..models import ActiveModel, EditorialRule, Experiment, ExperimentArm


@dataclass(frozen=True, slots=True)
class Pin:
    """An item at a place of a feed, 1 for the first, with the words for its card."""

    item: str
    position: int
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the ways to rank that an experiment compares."""

    key: str
    share: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All there is, by placement."""

    pins: Mapping[str, Sequence[Pin]] = field(default_factory=dict)
    arms: Mapping[str, Sequence[Arm]] = field(default_factory=dict)

    def pinned(self, placement: str) -> dict[str, Pin]:
        """Return a placement's pins of this moment, in order, by item."""
        now = timezone.now()
        pins = self.pins.get(placement, ())
        return {pin.item: pin for pin in pins if pin.until is None or pin.until > now}

    def arm(self, placement: str, viewer: str) -> Arm | None:
        """Return the arm that a viewer is in, always the same; None for nobody."""
        arms = self.arms.get(placement, ())
        if not arms or not viewer:
            return None
        name = f"{arms[0].key}|{viewer}".encode()
        place = int.from_bytes(blake2b(name, digest_size=8).digest()) / 2**64
        left = place * sum(arm.share for arm in arms)
        for arm in arms:
            left -= arm.share
            if left < 0:
                return arm
        return arms[-1]


#: What this process read last, and the state it is of.
_kept: tuple[str, Rules] = ("", Rules())


def rules(state: str) -> Rules:
    """Return the rules of a state, ``Known.rules``; two queries where it is a new one."""
    global _kept
    if _kept[0] != state:
        _kept = (state, Rules(_pins(), _arms()) if state else Rules())
    return _kept[1]


def _pins() -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    live = EditorialRule.objects.filter(live=True).order_by("position", "id")
    for rule in live.select_related("item"):
        pin = Pin(rule.item.key, rule.position, rule.reason, rule.expire_at)
        found.setdefault(rule.placement, []).append(pin)
    return found


def _arms() -> dict[str, list[Arm]]:
    found: dict[str, list[Arm]] = {}
    running = ExperimentArm.objects.filter(experiment__status=Experiment.Status.RUNNING)
    for arm in running.select_related("experiment").order_by("sort_order", "pk"):
        given = Arm(arm.key, arm.share, arm.options, arm.version)
        found.setdefault(arm.experiment.placement, []).append(given)
    return found


@receiver([post_save, post_delete], sender=EditorialRule, dispatch_uid="recommendations_rule")
@receiver([post_save, post_delete], sender=Experiment, dispatch_uid="recommendations_experiment")
@receiver([post_save, post_delete], sender=ExperimentArm, dispatch_uid="recommendations_arm")
def changed(sender: Any, raw: bool = False, **kwargs: Any) -> None:
    """Have every process read the rules again."""
    if raw:
        return
    row, _ = ActiveModel.objects.get_or_create(pk=1, defaults={"version": ""})
    ActiveModel.objects.filter(pk=row.pk).update(rules=uuid.uuid4().hex)


def versions_in_use() -> set[str]:
    """Return the model versions that arms need, of experiments that run or may start."""
    arms = ExperimentArm.objects.filter(~Q(experiment__status=Experiment.Status.STOPPED))
    return set(arms.exclude(version="").values_list("version", flat=True))
