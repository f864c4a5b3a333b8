"""Which editorial rules get in each other's way, for those who make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import Q

from ..models import EditorialRule

KIND = EditorialRule.Kind
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Clash(StrEnum):
    """How two rules get in each other's way."""

    PLACE = "place"  # two pins of one position
    EXCLUDED = "excluded"  # one excludes what the other shows
    OPPOSED = "opposed"  # one raises what the other lowers


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another rule, and how it gets in the way."""

    rule: EditorialRule
    clash: Clash


def rules_in_force() -> list[EditorialRule]:
    """Return what is live, waits for its time or is drafted; not what has ended. One query."""
    rules = EditorialRule.objects.exclude(Q(expired=True) | Q(live=False, latest_revision=None))
    return list(rules.select_related("item", "facet"))


def conflicts(rule: EditorialRule, others: Iterable[EditorialRule]) -> list[Conflict]:
    """Return what gets in the way of a rule; its and the others' items and facets are loaded."""
    return [
        Conflict(other, clash)
        for other in others
        if other.pk != rule.pk and (clash := _clash(rule, other)) and _meet(rule, other)
    ]


def _clash(rule: EditorialRule, other: EditorialRule) -> Clash | None:
    kinds = {rule.kind, other.kind}
    if kinds == {KIND.PIN}:
        return Clash.PLACE if rule.position == other.position else None
    if KIND.EXCLUDE in kinds and len(kinds) == 2 and KIND.BURY not in kinds:
        return Clash.EXCLUDED if _share(rule, other) else None
    if kinds == {KIND.BOOST, KIND.BURY}:
        return Clash.OPPOSED if _share(rule, other) else None
    return None


def _share(rule: EditorialRule, other: EditorialRule) -> bool:
    """Return whether both speak of one item or facet, or one of an item that has the other's."""
    if rule.item and other.item:
        return bool(rule.item_id == other.item_id)
    if rule.facet and other.facet:
        return bool(rule.facet_id == other.facet_id)
    item, facet = rule.item or other.item, rule.facet or other.facet
    if item is None or facet is None:
        return False
    return any(facet.key in keys for keys in item.facet_keys.values())


def _meet(rule: EditorialRule, other: EditorialRule) -> bool:
    """Return whether there is a placement and a time at which both hold."""
    if rule.placements and other.placements and not rule.placements & other.placements:
        return False
    (start, end), (begin, stop) = _times(rule), _times(other)
    return start < stop and begin < end


def _times(rule: EditorialRule) -> tuple[datetime, datetime]:
    return rule.go_live_at or ALWAYS[0], rule.expire_at or ALWAYS[1]
