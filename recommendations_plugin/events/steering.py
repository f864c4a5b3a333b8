"""How editors and operators steer feeds, as a request reads it: rules and running experiments.

Each process keeps what it read. A random text in the row that every request reads anyway
(``ActiveModel.rules``) says whether that is still true: so a change counts from the next request
on, in every process, and costs the others no query. Changes by ``QuerySet.update`` send no signal
and wait for the next one.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from ..models import ActiveModel, EditorialRule, Experiment, ExperimentArm

KIND = EditorialRule.Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """What editors say of an item, or of all that have a facet."""

    kind: str
    item: str = ""
    facet: str = ""
    #: Of a pin: 1 for the first card.
    position: int = 1
    #: Of boosting and burying, 0–1.
    strength: float = 0.5
    #: Where it counts; empty: everywhere.
    placements: frozenset[str] = frozenset()
    reason: str = ""
    until: datetime | None = None
    id: int | None = None

    def touches(self, key: str, facets: Set[str]) -> bool:
        """Return whether it speaks of an item with these facets."""
        return self.item == key if self.item else self.facet in facets


@dataclass(frozen=True, slots=True)
class Steer:
    """The rules of one placement at one moment."""

    #: By item, in the order of their places.
    pins: Mapping[str, Rule] = field(default_factory=dict)
    #: What raises and lowers scores.
    weighted: Sequence[Rule] = ()
    excluding: Sequence[Rule] = ()

    def touching(self, key: str, facets: Set[str]) -> list[Rule]:
        """Return those that speak of an item with these facets."""
        return [rule for rule in self.all() if rule.touches(key, facets)]

    def all(self) -> list[Rule]:
        """Return all of them."""
        return [*self.pins.values(), *self.weighted, *self.excluding]


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the ways to rank that an experiment compares."""

    key: str
    share: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All there is."""

    editorial: Sequence[Rule] = ()
    #: By placement.
    arms: Mapping[str, Sequence[Arm]] = field(default_factory=dict)

    def steer(self, placement: str) -> Steer:
        """Return a placement's rules of this moment."""
        now = timezone.now()
        here = [
            rule
            for rule in self.editorial
            if (not rule.placements or placement in rule.placements)
            and (rule.until is None or rule.until > now)
        ]
        return Steer(
            pins={rule.item: rule for rule in here if rule.kind == KIND.PIN},
            weighted=[rule for rule in here if rule.kind in (KIND.BOOST, KIND.BURY)],
            excluding=[rule for rule in here if rule.kind == KIND.EXCLUDE],
        )

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
        _kept = (state, Rules(_editorial(), _arms()) if state else Rules())
    return _kept[1]


def rule_of(row: EditorialRule) -> Rule:
    """Return a rule as feeds read it."""
    return Rule(
        kind=row.kind,
        item=row.item.key if row.item else "",
        facet=row.facet.key if row.facet else "",
        position=row.position,
        strength=row.strength / 100,
        placements=row.placements,
        reason=row.reason,
        until=row.expire_at,
        id=row.pk,
    )


def _editorial() -> list[Rule]:
    live = EditorialRule.objects.filter(live=True).order_by("position", "id")
    return [rule_of(row) for row in live.select_related("item", "facet")]


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
