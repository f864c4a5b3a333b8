"""A viewer's interest in parent categories: chosen by them, earned by what they do, dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from .. import conf
from ..models import Event, Item, UserCategoryInterest
from ..types import Facet as FacetType
from ..types import FacetKind, Interest, Kind, Learning
from . import learning
from .deltas import Deltas
from .facets import save_facets


def add_to_interests(deltas: Deltas) -> None:
    """Raise or lower a viewer's interest in the parent categories of what they engaged with.

    Only dismissals lead below zero, which is no interest: so taking one back earns nothing.
    """
    changed = [
        pair
        for pair in deltas.interest
        if deltas.interest[pair] or deltas.dislike[pair] or deltas.interactions[pair]
    ]
    parents = _parents_of({item for _, item in changed})
    earned: dict[tuple[str, int], float] = defaultdict(float)
    lost: dict[tuple[str, int], float] = defaultdict(float)
    count: dict[tuple[str, int], int] = defaultdict(int)
    for viewer, item in changed:
        for facet_id in parents[item]:
            earned[viewer, facet_id] += deltas.interest[viewer, item]
            lost[viewer, facet_id] += deltas.dislike[viewer, item]
            count[viewer, facet_id] += deltas.interactions[viewer, item]
    rows = _locked_interests(set(earned))
    for pair, row in rows.items():
        lowest = min(row.score, 0.0) + min(lost[pair], 0.0)
        row.score = round(max(row.score + earned[pair] + lost[pair], lowest), 6)
        row.interaction_count = max(row.interaction_count + count[pair], 0)
    _save_interests(rows.values())


def _parents_of(item_keys: set[str]) -> dict[str, list[int]]:
    parents: dict[str, list[int]] = defaultdict(list)
    if item_keys:
        links = Item.facets.through.objects.filter(
            item__key__in=item_keys, facet__kind=FacetKind.PARENT_CATEGORY
        )
        for item_key, facet_id in links.values_list("item__key", "facet_id"):
            parents[item_key].append(facet_id)
    return parents


def _locked_interests(
    pairs: set[tuple[str, int]],
) -> dict[tuple[str, int], UserCategoryInterest]:
    if not pairs:
        return {}
    UserCategoryInterest.objects.bulk_create(
        [
            UserCategoryInterest(viewer_key=viewer, category_id=facet)
            for viewer, facet in sorted(pairs)
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    found = (
        UserCategoryInterest.objects.select_for_update()
        .filter(viewer_key__in={viewer for viewer, _ in pairs})
        .order_by("pk")
    )
    return {
        (row.viewer_key, row.category_id): row
        for row in found
        if (row.viewer_key, row.category_id) in pairs
    }


def _save_interests(rows: Iterable[UserCategoryInterest]) -> None:
    now = timezone.now()
    rows = list(rows)
    for row in rows:
        row.updated_at = now
    UserCategoryInterest.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["viewer_key", "category"],
        update_fields=["chosen", "score", "interaction_count", "updated_at"],
        batch_size=1000,
    )


def set_interests(viewer: str, facets: Iterable[FacetType]) -> None:
    """Make these parent categories the ones a viewer has chosen; what they earned stays."""
    if learning.of(viewer) is Learning.OFF:
        return
    gain = conf.settings.INTEREST_GAIN["chosen"]
    with transaction.atomic():
        wanted = set(save_facets(facets).values())
        before = UserCategoryInterest.objects.filter(viewer_key=viewer, chosen=True)
        pairs = {(viewer, facet_id) for facet_id in wanted}
        pairs |= {(viewer, facet_id) for facet_id in before.values_list("category_id", flat=True)}
        rows = _locked_interests(pairs)
        for row in rows.values():
            chosen = row.category_id in wanted
            row.score = max(max(row.score, 0.0) + gain * (int(chosen) - int(row.chosen)), 0.0)
            row.chosen = chosen
        _save_interests(rows.values())
        _changed(viewer)


def drop_interests(viewer: str, facets: Iterable[str]) -> None:
    """Forget interests, chosen or earned."""
    with transaction.atomic():
        mine = UserCategoryInterest.objects.filter(viewer_key=viewer)
        if mine.filter(category__key__in=list(facets)).delete()[0]:
            _changed(viewer)


def restore_interests(viewer: str, dropped: Sequence[Interest]) -> None:
    """Bring interests back, at least as strong as they were; twice is as good as once."""
    with transaction.atomic():
        ids = save_facets(interest.facet for interest in dropped)
        before = {ids[interest.facet.key]: interest for interest in dropped}
        rows = _locked_interests({(viewer, facet_id) for facet_id in before})
        for row in rows.values():
            interest = before[row.category_id]
            row.score = max(row.score, interest.score)
            row.interaction_count = max(row.interaction_count, interest.interactions)
            row.chosen = row.chosen or interest.chosen
        _save_interests(rows.values())
        _changed(viewer)


def _changed(viewer: str) -> None:
    Event.objects.create(kind=Kind.INTERESTS, viewer_key=viewer, occurred_at=timezone.now())
