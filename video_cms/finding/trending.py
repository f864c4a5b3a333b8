"""What is trending: recent views and likes, of which every day halves the weight.

A video's score is the sum of ``0.5 ** days`` over its views and of ``LIKE * 0.5 ** days`` over its
likes, where ``days`` is the number of whole days since. Views are those of ``counters.views``: one
for each viewer, long enough, none by the creator. What is older than ``DAYS`` counts nothing.

The database makes the sums, from an index by time, once in ``KEPT`` seconds. What of it a visitor
may be shown is asked at each request.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.core.cache import cache
from django.db.models import Case, QuerySet, Sum, Value, When
from django.utils import timezone

from .. import counters
from ..models import Like
from ..models.pages import VideoPageQuerySet

#: Days that count, and how many views a like is worth.
DAYS, LIKE = 14, 2.0
#: Videos that are ranked.
LENGTH = 200
#: Seconds for which the ranking is kept.
KEPT = 300
CACHE_KEY = "trending"


def trending(videos: VideoPageQuerySet) -> list[int]:
    """Return the ids of those of the videos that are trending, best first."""
    ranked: list[int] = cache.get_or_set(CACHE_KEY, rank, KEPT) or []
    present = set(videos.filter(pk__in=ranked).values_list("pk", flat=True))
    return [pk for pk in ranked if pk in present]


def rank() -> list[int]:
    """Return the ids of the videos with the highest scores, best first. Two queries."""
    now = timezone.now()
    scores: Counter[int] = Counter()
    for rows, moment, worth in (
        (counters.views(), "timestamp", 1.0),
        (Like.objects.all(), "created_at", LIKE),
    ):
        for video, score in _sums(rows, moment, now):
            scores[video] += worth * score
    return sorted(scores, key=lambda video: (-scores[video], -video))[:LENGTH]


def _sums(rows: QuerySet, moment: str, now: dt.datetime) -> QuerySet:
    """Return pairs of a video and the sum of what its rows weigh, highest first."""
    recent = rows.filter(**{f"{moment}__gt": now - dt.timedelta(days=DAYS)})
    weight = Case(
        *(
            When(**{f"{moment}__gt": now - dt.timedelta(days=days + 1)}, then=Value(0.5**days))
            for days in range(DAYS)
        ),
        default=Value(0.0),
    )
    sums = recent.order_by().values("video").annotate(score=Sum(weight))
    return sums.order_by("-score", "-video").values_list("video", "score")[: 5 * LENGTH]
