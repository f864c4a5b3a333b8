"""What interactions add up to: the figures of items, kept by what each change adds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Case, Count, F, FloatField, Q, Sum, Value, When
from django.db.models.functions import Greatest

from .. import conf
from ..models import Interaction, Item
from ..types import engagement
from . import trend
from .batches import in_batches

Pair = tuple[str, str]

#: Sums of watched portions that differ by less are equal.
ROUNDING = 1e-3


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
