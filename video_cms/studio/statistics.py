"""A creator's figures by day, week or month, of one video or of all; how long viewers stayed.

Read from the sums of ``VideoDay``, so that it takes as long for a million watches as for ten. How
long viewers stayed is read from the latest ``SAMPLE`` watches: enough for a point in a hundred.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

from django.core.cache import cache
from django.db.models import Case, Count, F, FloatField, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import CreatorProfile, Follow, Like, Source, VideoDay, VideoPage, Watch
from ..played import Parts

#: Watches that a curve of retention is made of, the latest.
SAMPLE = 2000
#: Least steps of such a curve.
STEPS = 100
#: Videos in a channel's list of the most viewed.
TOP = 10
#: Seconds that a channel's weeks and months are remembered: they are of very many days.
KEPT = 15 * 60

#: How many days, weeks or months are told of.
LENGTHS = {"day": 28, "week": 26, "month": 24}
NAMES = {"day": _("Days"), "week": _("Weeks"), "month": _("Months")}


@dataclass(slots=True)
class Figures:
    """What happened from ``start`` on, for a day, week or month; or in several of them.

    ``whole``: what the seconds would be had every new viewer watched to the end.
    """

    start: date
    viewers: int = 0
    views: int = 0
    seconds: float = 0.0
    whole: float = 0.0
    likes: int = 0
    followers: int = 0

    @property
    def portion(self) -> float:
        """The average portion that was watched, 0–1."""
        return min(1.0, self.seconds / self.whole) if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many came one way."""

    source: Source
    viewers: int
    views: int
    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of each period, the oldest first; their sums, and those of as long before."""

    by: str
    periods: Sequence[Figures]
    total: Figures
    before: Figures
    sources: Sequence[Arrivals]


@dataclass(frozen=True, slots=True)
class Retention:
    """Which portion of viewers played each moment, ``step`` seconds apart; of how many it tells."""

    portions: Sequence[float] = ()
    step: float = 1.0
    viewers: int = 0


def of(whose: VideoPage | CreatorProfile, by: str, today: date | None = None) -> Statistics:
    """Return the figures of a video, or of all of a creator's; three queries."""
    now = start_of(today or timezone.localdate(), by)
    starts = [now]
    while len(starts) < 2 * LENGTHS[by]:
        starts.append(start_of(starts[-1] - timedelta(days=1), by))
    starts.reverse()
    found = {start: Figures(start) for start in starts}
    seen = starts[LENGTHS[by]]
    sources = _add_days(found, _days(whose), seen)
    _add_counts(found, _likes(whose), "likes")
    _add_counts(found, _follows(whose), "followers")
    return Statistics(
        by=by,
        periods=[found[start] for start in starts if start >= seen],
        total=together(seen, (found[start] for start in starts if start >= seen)),
        before=together(starts[0], (found[start] for start in starts if start < seen)),
        sources=sources,
    )


def of_channel(creator: CreatorProfile, by: str) -> tuple[Statistics, list[dict[str, Any]]]:
    """Return a channel's figures and its most viewed videos; weeks and months from a while ago."""

    def count() -> tuple[Statistics, list[dict[str, Any]]]:
        found = of(creator, by)
        return found, most_viewed(creator, found.total.start)

    if by == "day":
        return count()
    key = f"studio-figures:{creator.pk}:{by}:{timezone.localdate()}"
    kept: tuple[Statistics, list[dict[str, Any]]] = cache.get_or_set(key, count, KEPT) or count()
    return kept


def start_of(day: date, by: str) -> date:
    """Return the first day of the week or month that a day is in, or the day."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def midnight(day: date) -> datetime:
    """Return the moment when a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def together(start: date, several: Iterable[Figures]) -> Figures:
    """Return the sums of several figures."""
    total = Figures(start)
    for one in several:
        total.viewers += one.viewers
        total.views += one.views
        total.seconds += one.seconds
        total.whole += one.whole
        total.likes += one.likes
        total.followers += one.followers
    return total


# --- what is read -------------------------------------------------------------------------------


def _days(whose: VideoPage | CreatorProfile) -> QuerySet[VideoDay]:
    if isinstance(whose, VideoPage):
        return VideoDay.objects.filter(video=whose)
    return VideoDay.objects.filter(video__creator=whose, video__deleted_at=None)


def _likes(whose: VideoPage | CreatorProfile) -> QuerySet[Like]:
    if isinstance(whose, VideoPage):
        return Like.objects.filter(video=whose)
    return Like.objects.filter(video__creator=whose, video__deleted_at=None)


def _follows(whose: VideoPage | CreatorProfile) -> QuerySet[Follow]:
    """Return who follows: the creator, or the creator since watching the video."""
    if isinstance(whose, VideoPage):
        return Follow.objects.filter(video=whose)
    return Follow.objects.filter(creator=whose)


def _period(field: str, found: dict[date, Figures]) -> Case:
    """Return which of the periods a moment is in, as the number of its first day.

    By comparisons: where a database cannot truncate dates it would ask Python for each row.
    """
    latest = sorted(found, reverse=True)
    return Case(
        *(When(**{f"{field}__gte": midnight(day)}, then=Value(day.toordinal())) for day in latest)
    )


def _add_days(found: dict[date, Figures], days: QuerySet[VideoDay], seen: date) -> list[Arrivals]:
    """Add what was watched to the periods; return how viewers came since ``seen``."""
    length, starts = F("video__media__duration"), sorted(found)
    rows = (
        days.filter(day__gte=starts[0])
        .values("source", "day")  # faster than to ask the database for the period of each row
        .annotate(
            whole=Sum(F("viewers") * length, output_field=FloatField()),  # before it is a sum
            viewers=Sum("viewers"),
            views=Sum("views"),
            seconds=Sum("seconds"),
        )
    )
    came: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for row in rows.order_by():
        start, source = starts[bisect_right(starts, row["day"]) - 1], row["source"]
        period = found[start]
        period.viewers += row["viewers"]
        period.views += row["views"]
        period.seconds += row["seconds"]
        period.whole += row["whole"] or 0.0
        if start >= seen:
            sums = (row["viewers"], row["views"], row["seconds"])
            came[source] = [a + b for a, b in zip(came[source], sums, strict=True)]
    everybody = sum(viewers for viewers, _views, _seconds in came.values())
    arrivals = [
        Arrivals(Source(source), int(viewers), int(views), seconds, viewers / (everybody or 1))
        for source, (viewers, views, seconds) in came.items()
    ]
    return sorted(arrivals, key=lambda one: (-one.viewers, one.source))


def _add_counts(found: dict[date, Figures], rows: QuerySet[Any], name: str) -> None:
    """Add how many rows there are of each period."""
    counted = (
        rows.filter(created_at__gte=midnight(min(found)))
        .values(start=_period("created_at", found))
        .annotate(number=Count("pk"))
    )
    for row in counted.order_by():
        setattr(found[date.fromordinal(row["start"])], name, row["number"])


def most_viewed(creator: CreatorProfile, since: date) -> list[dict[str, Any]]:
    """Return a creator's most viewed videos since a day: id, title, views, seconds; one query."""
    rows = _days(creator).filter(day__gte=since).values("video__video_id", "video__title")
    sums = rows.annotate(views=Sum("views"), seconds=Sum("seconds"), viewers=Sum("viewers"))
    return [{**row} for row in sums.order_by("-views", "-seconds", "video__video_id")[:TOP]]


# --- how long viewers stayed --------------------------------------------------------------------


def retention(video: VideoPage, since: date) -> Retention:
    """Return how much of a video the latest viewers since a day stayed for; one query.

    Second by second, of a short video in a hundred steps.
    """
    watches = Watch.objects.filter(video=video, timestamp__gte=midnight(since))
    latest = watches.exclude(user=video.creator.user_id).order_by("-timestamp")
    told = [parts for parts in latest.values_list("played", flat=True)[:SAMPLE] if parts]
    if not told or not video.duration:
        return Retention()
    step = min(1.0, video.duration / STEPS)
    counted = plays(told, video.duration, step)
    return Retention([number / len(told) for number in counted], step, len(told))


def plays(watches: Iterable[Parts], duration: float, step: float = 1.0) -> list[int]:
    """Return how many of the watches played each step of a video: the middle of it."""
    length = max(1, math.ceil(round(duration / step, 6)))
    change = [0] * (length + 1)
    for parts in watches:
        for start, end in parts:
            first, last = (min(length, max(0, math.ceil(at / step - 0.5))) for at in (start, end))
            change[first] += 1
            change[last] -= 1
    return list(accumulate(change[:length]))
