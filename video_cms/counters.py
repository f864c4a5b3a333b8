"""How often a video was viewed and liked: what counts, kept in step, and put right.

``VideoPage.views`` and ``likes``, and ``Comment.likes``, are copies for lists and sorting; the rows
of ``Watch``, ``Like`` and ``CommentLike`` are the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal

from django.db.models import (
    Count,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest

from .models import Comment, CommentLike, Like, VideoPage, Watch

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
    """Make every counter equal to the rows it counts; return how many rows were wrong."""
    of_videos = {
        "views": number_of(views(), "video"),
        "likes": number_of(Like.objects.all(), "video"),
    }
    of_comments = {"likes": number_of(CommentLike.objects.all(), "comment")}
    return _put_right(VideoPage, of_videos) + _put_right(Comment, of_comments)


def _put_right(model: type[Model], truth: Mapping[str, Coalesce]) -> int:
    rows = model._default_manager
    true = rows.annotate(**{f"true_{counter}": number for counter, number in truth.items()})
    wrong = true.exclude(**{counter: F(f"true_{counter}") for counter in truth})
    return rows.filter(pk__in=wrong.values("pk")).update(**truth)


def number_of(rows: QuerySet[Any], of: str) -> Coalesce:
    """Return how many of these rows the video or comment of the outer query has."""
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
