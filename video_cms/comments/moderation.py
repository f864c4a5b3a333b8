"""What moderators decide, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.log_actions import log

from .. import notices
from ..models import Comment, CommentReport

#: Names in Wagtail's audit log.
APPROVED, HIDDEN = "video_cms.approve_comment", "video_cms.hide_comment"


def waiting() -> QuerySet[Comment]:
    """Return the comments a moderator should look at: held ones, and published ones reported."""
    seen = Q(state=Comment.State.PUBLISHED, pk__in=reported())
    return Comment.objects.filter(Q(state=Comment.State.HELD) | seen)


def reported() -> QuerySet[CommentReport, Any]:
    """Return the ids of comments with reports that nobody has settled."""
    return CommentReport.objects.filter(resolved_at=None).values("comment")


def by_reports(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Add to each comment its number of reports that nobody has settled, to sort by it."""
    reports = CommentReport.objects.filter(comment=OuterRef("pk"), resolved_at=None).order_by()
    number = Subquery(reports.values("comment").annotate(n=Count("pk")).values("n"))
    return comments.annotate(open_reports=Coalesce(number, 0))


@transaction.atomic
def approve(comments: Iterable[Comment]) -> int:
    """Show comments to everybody, settle their reports and tell whom they answer."""
    chosen = _decide(comments, Comment.State.PUBLISHED, APPROVED)
    for comment in chosen.select_related("author", "parent__author", "video__creator"):
        notices.tell_of_answer(comment)
    return chosen.count()


@transaction.atomic
def hide(comments: Iterable[Comment]) -> int:
    """Show comments to their authors only, and settle their reports."""
    chosen = _decide(comments, Comment.State.HIDDEN, HIDDEN)
    chosen.update(pinned=False)
    return chosen.count()


def _decide(comments: Iterable[Comment], state: str, action: str) -> QuerySet[Comment]:
    """Give comments a state, except those their authors deleted, and settle their reports.

    Each decision is written into the audit log, under whoever is signed in to the admin.
    """
    chosen = Comment.objects.filter(pk__in=[comment.pk for comment in comments])
    chosen = chosen.exclude(state=Comment.State.DELETED)
    for comment in chosen.select_related("author"):
        log(comment, action, data={"before": comment.state})
    chosen.update(state=state)
    open_reports = CommentReport.objects.filter(comment__in=chosen, resolved_at=None)
    open_reports.update(resolved_at=timezone.now())
    return chosen
