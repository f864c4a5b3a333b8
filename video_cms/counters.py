"""How often a video was viewed and liked: what counts, kept in step, and put right.

``VideoPage.views`` and ``likes`` are copies for lists and sorting; the rows of ``Watch`` and
``Like`` are the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from .models import Like, VideoPage, Watch

#: The watched portion from which a watch is a view.
VIEW_PORTION = 0.3

Counter = Literal["views", "likes"]


def is_view(portion: float, by_creator: bool = False) -> bool:
    """Return whether a watch counts: long enough, and not by the video's own creator."""
    return portion >= VIEW_PORTION and not by_creator


def views() -> QuerySet[Watch]:
    """Return the watches that count as views."""
    somebody_else = Q(user=None) | ~Q(user=F("video__creator__user"))
    return Watch.objects.filter(somebody_else, watch_time__gte=VIEW_PORTION)


def add(counter: Counter, deltas: Mapping[int, int]) -> None:
    """Add to a counter of many videos, by page id: one query for each distinct number."""
    pages: dict[int, list[int]] = defaultdict(list)
    for page, delta in deltas.items():
        if delta:
            pages[delta].append(page)
    for delta, pks in pages.items():
        VideoPage.objects.filter(pk__in=pks).update(
            **{counter: Greatest(F(counter) + delta, Value(0))}
        )


def recount() -> int:
    """Make every counter equal to the rows it counts; return how many videos were wrong."""
    truth = {"views": number_of(views()), "likes": number_of(Like.objects.all())}
    wrong = VideoPage.objects.annotate(
        true_views=truth["views"], true_likes=truth["likes"]
    ).exclude(views=F("true_views"), likes=F("true_likes"))
    return VideoPage.objects.filter(pk__in=wrong.values("pk")).update(**truth)


def number_of(rows: QuerySet[Watch] | QuerySet[Like]) -> Coalesce:
    """Return how many of these rows the page of the outer query has."""
    counted = rows.filter(video=OuterRef("pk")).order_by().values("video").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
