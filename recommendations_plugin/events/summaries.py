"""Sums up what dashboards and reports show; repeating it does no harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from ..models import (
    Facet,
    FeedDay,
    Impression,
    Item,
    ItemFigures,
    Summary,
    TopicFigures,
)
from ..types import FacetKind
from . import impressions
from .batches import in_batches

#: A creator is new for so long after their first item.
NEW_CREATOR = timedelta(days=30)
#: What reports on items look back on.
LATELY = timedelta(days=30)
#: Share of the creators whose share of all impressions is told.
MOST_SHOWN = 0.1
DAY = timedelta(days=1)


def summarise() -> int:
    """Bring all summaries up to date; return how many days were summed up."""
    days = _due()
    first_seen = _first_items() if days else {}
    for day in days:
        FeedDay.objects.update_or_create(day=day, defaults=_of_day(day, first_seen))
    summarise_items()
    summarise_topics()
    keep("results", [asdict(result) for result in impressions.results(LATELY.days)])
    keep("steps", impressions.steps())
    return len(days)


def keep(name: str, value: Any) -> None:
    """Keep plain data under a name, in place of what was there."""
    Summary.objects.update_or_create(name=name, defaults={"value": value})


def kept() -> dict[str, Summary]:
    """Return all that is kept, by name. One query."""
    return {summary.name: summary for summary in Summary.objects.all()}


def _due() -> list[date]:
    """Return the days to sum up: from the last one that may have changed since, to today.

    What is watched is credited for a day after an impression, so yesterday still changes.
    """
    today = timezone.now().astimezone(UTC).date()
    newest = FeedDay.objects.values_list("day", flat=True).first()
    if newest is None:
        oldest = Impression.objects.aggregate(oldest=Min("shown_at"))["oldest"]
        start = oldest.astimezone(UTC).date() if oldest else today
    else:
        start = min(newest, today) - DAY
    return [start + number * DAY for number in range((today - start).days + 1)]


def _of_day(day: date, first_items: Mapping[str, datetime]) -> dict[str, Any]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    seen = Impression.objects.filter(shown_at__gte=start, shown_at__lt=start + DAY)
    figures = seen.aggregate(
        seen=Count("id"),
        followed=Count("id", filter=Q(followed_at__isnull=False)),
        dismissed=Count("id", filter=Q(dismissed=True)),
        seconds=Sum("seconds", default=0.0),
    )
    by_item = dict(seen.order_by().values_list("item_key").annotate(n=Count("id")))
    by_creator = _by_creator(by_item)
    new = start - NEW_CREATOR
    return {
        **figures,
        "items": len(by_item),
        "catalogue": Item.objects.filter(live=True).count(),
        "by_new_creators": sum(
            number for key, number in by_creator.items() if first_items.get(key, new) > new
        ),
        "concentration": concentration(by_creator.values()),
    }


def concentration(counts: Iterable[int]) -> float:
    """Return the share of all that the largest tenth of the counts (at least one) makes up."""
    ordered = sorted(counts, reverse=True)
    head = max(1, round(MOST_SHOWN * len(ordered)))
    return sum(ordered[:head]) / sum(ordered) if ordered else 0.0


def _by_creator(by_item: Mapping[str, int]) -> Counter[str]:
    """Return how many impressions each creator got, by the impressions of items."""
    found: Counter[str] = Counter()
    for keys in in_batches(by_item, 500):
        items = Item.objects.filter(key__in=keys).values_list("key", "facet_keys")
        for key, facets in items:
            for creator in facets.get(FacetKind.CREATOR, []):
                found[creator] += by_item[key]
    return found


def _first_items() -> dict[str, datetime]:
    """Return when each creator's first item was published."""
    creators = Facet.objects.filter(kind=FacetKind.CREATOR.value)
    first = creators.annotate(first=Min("items__published_at")).exclude(first=None)
    return dict(first.values_list("key", "first"))


def summarise_items() -> None:
    """Write anew what came of each item's impressions lately."""
    since = Impression.objects.filter(shown_at__gte=timezone.now() - LATELY)
    rows = (
        since.order_by()
        .values_list("item_key")
        .annotate(
            n=Count("id"),
            followed=Count("id", filter=Q(followed_at__isnull=False)),
            dismissals=Count("id", filter=Q(dismissed=True)),
            time=Sum("seconds"),
        )
    )
    _write_items(list(rows))


@transaction.atomic
def _write_items(rows: list[Any]) -> None:
    """Put rows in the place of all others; nobody waits for what they were counted from."""
    ItemFigures.objects.all().delete()
    for batch in in_batches(rows, 500):
        ids = dict(Item.objects.filter(key__in=[row[0] for row in batch]).values_list("key", "pk"))
        ItemFigures.objects.bulk_create(
            ItemFigures(
                item_id=ids[key], seen=seen, followed=followed, dismissed=dismissed, seconds=seconds
            )
            for key, seen, followed, dismissed, seconds in batch
            if key in ids
        )


@transaction.atomic
def summarise_topics() -> None:
    """Write anew how much there is of each category, and how much of it people want."""
    topics = list(_topics())
    items = sum(row["n"] for row in topics)
    engagement = sum(row["wanted"] for row in topics)
    TopicFigures.objects.all().delete()
    TopicFigures.objects.bulk_create(
        TopicFigures(
            facet_id=row["pk"],
            items=row["n"],
            engagement=row["wanted"],
            demand=_ratio(_ratio(row["wanted"], engagement), _ratio(row["n"], items)),
        )
        for row in topics
        if row["n"]
    )


def _topics() -> Any:
    """Return the categories with their live items and the engagement of these."""
    live = Q(items__live=True)
    categories = Facet.objects.filter(kind=FacetKind.CATEGORY.value)
    return categories.values("pk").annotate(
        n=Count("items", filter=live), wanted=Sum("items__engagement", filter=live, default=0.0)
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
