"""Reading: what a visitor may see of a video's comments, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from ..models import Comment, CommentLike, VideoPage

#: Threads on a page, and answers that each shows there.
THREADS, ANSWERS = 10, 3
#: Answers on a thread's own page.
ALL_ANSWERS = 500

State = Comment.State

SORTS: dict[str, Any] = {
    "top": ("-pinned", "-likes", "-created_at", "-pk"),
    "new": ("-pinned", "-created_at", "-pk"),
}
SORT_NAMES = {"top": _("Top"), "new": _("Newest")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One comment as a visitor sees it."""

    comment: Comment
    liked: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with its answers, oldest first; ``total`` of them, not all of them here."""

    top: Entry
    answers: Sequence[Entry]
    total: int

    @property
    def has_more(self) -> bool:
        return self.total > len(self.answers)


@dataclass(slots=True)
class Conversation:
    """One page of a video's threads."""

    video: VideoPage
    threads: Sequence[Thread]
    sort: str = "top"
    number: int = 1
    next_number: int | None = None
    total: int = 0
    form: Any = None
    sorts: dict[str, Any] = field(default_factory=lambda: SORT_NAMES)


# --- who sees what ------------------------------------------------------------------------------


def readable_by(user: Any) -> Q:
    """Return the condition of being readable: published, or one's own though held or hidden.

    What a closed account said is gone with it.
    """
    readable = Q(state=State.PUBLISHED)
    if user.is_authenticated:
        readable |= Q(author_id=user.pk, state__in=[State.HELD, State.HIDDEN, State.BY_CREATOR])
    return readable & Q(author__is_active=True)


def answers_for(user: Any) -> QuerySet[Comment]:
    """Return the answers a user may read, whatever their thread's state."""
    return Comment.objects.filter(readable_by(user), parent__isnull=False)


def tops_for(user: Any) -> QuerySet[Comment]:
    """Return the comments that open the threads a user sees; a deleted one with answers too."""
    has_answers = Exists(answers_for(user).filter(parent=OuterRef("pk")))
    deleted = Q(state=State.DELETED) & Q(has_answers)
    return Comment.objects.filter(readable_by(user) | deleted, parent=None)


def find(user: Any, comment_id: int) -> Comment | None:
    """Return a comment a user may read, deleted ones left out; the video is not looked at."""
    comment = (
        Comment.objects.filter(readable_by(user), pk=comment_id)
        .select_related("author__profile", "parent__author", "video__creator", "video__media")
        .first()
    )
    if comment is None or comment.parent_id is None:
        return comment
    return comment if tops_for(user).filter(pk=comment.parent_id).exists() else None


# --- pages --------------------------------------------------------------------------------------


def conversation(
    video: VideoPage, user: Any, *, sort: str = "top", number: int = 1, first: int = 0
) -> Conversation:
    """Return a page of threads; the one whose comment is ``first`` leads, wherever it belongs."""
    if not video.comments_enabled:
        return Conversation(video, [])
    tops = with_authors(tops_for(user).filter(video=video)).order_by(*SORTS[sort])
    start = (number - 1) * THREADS
    page = list(tops.exclude(pk=first)[start : start + THREADS + 1])
    leading = list(tops.filter(pk=first)) if first else []
    return Conversation(
        video=video,
        threads=make_threads(leading + page[:THREADS], user, ANSWERS),
        sort=sort,
        number=number,
        next_number=number + 1 if len(page) > THREADS else None,
        total=number_of_comments(video),
    )


def thread(top_id: int, user: Any) -> Thread | None:
    """Return a whole thread, None where the user sees none."""
    tops = list(with_authors(tops_for(user).filter(pk=top_id)))
    return make_threads(tops, user, ALL_ANSWERS)[0] if tops else None


def number_of_comments(video: VideoPage) -> int:
    """Return how many comments everybody can read."""
    seen = Q(parent=None) | Q(parent__state__in=[State.PUBLISHED, State.DELETED])
    published = Comment.objects.filter(state=State.PUBLISHED, author__is_active=True)
    return published.filter(seen, video=video).count()


def with_authors(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Add what is shown of the authors, in two queries."""
    return comments.select_related("author__profile__picture", "parent").prefetch_related(
        "author__profile__picture__renditions"
    )


def make_threads(tops: Sequence[Comment], user: Any, most: int) -> list[Thread]:
    """Return threads with up to ``most`` answers each, in at most four queries."""
    answers = answers_to(tops, user, most)
    liked = liked_by(user, [*tops, *(answer for one in answers.values() for answer in one)])

    def entry(comment: Comment) -> Entry:
        return Entry(comment, comment.pk in liked)

    return [
        Thread(
            top=entry(top),
            answers=[entry(answer) for answer in answers[top.pk]],
            total=answers[top.pk][0].total if answers[top.pk] else 0,  # type: ignore[attr-defined]
        )
        for top in tops
    ]


def answers_to(tops: Iterable[Comment], user: Any, most: int) -> dict[int, list[Comment]]:
    """Return the first answers of each comment, each with the ``total`` of its thread."""
    place = Window(RowNumber(), partition_by=F("parent"), order_by=["created_at", "pk"])
    total = Window(Count("pk"), partition_by=F("parent"))
    rows = answers_for(user).filter(parent__in=[top.pk for top in tops])
    numbered = rows.annotate(place=place, total=total).filter(place__lte=most)
    found: dict[int, list[Comment]] = defaultdict(list)
    for answer in with_authors(numbered).order_by("created_at", "pk"):
        found[answer.parent_id or 0].append(answer)
    return found


def liked_by(user: Any, comments: Iterable[Comment]) -> set[int]:
    """Return which of the comments a user likes, by id."""
    if not user.is_authenticated:
        return set()
    rows = CommentLike.objects.filter(user_id=user.pk, comment__in=list(comments))
    return set(rows.values_list("comment_id", flat=True))
