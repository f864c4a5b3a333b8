"""What a creator decides of others' comments on their own videos, and where they see them all.

A creator hides and shows again, and asks a moderator to look. What a moderator hid stays hidden,
and what the site's rules hold waits for a moderator.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ..models import Comment, CommentRules
from .threads import with_authors
from .writing import state_for

State = Comment.State

#: What a creator may ask for: the name of each filter.
FILTERS = {
    "": _("All"),
    "unanswered": _("Unanswered"),
    "held": _("Held"),
    "hidden": _("Hidden"),
}


def on_videos_of(user: Any) -> QuerySet[Comment]:
    """Return all comments on a creator's videos, whatever their state."""
    comments = Comment.objects.filter(video__creator__user=user, video__deleted_at=None)
    return comments.exclude(state=State.DELETED).filter(author__is_active=True)


def filtered(comments: QuerySet[Comment], name: str) -> QuerySet[Comment]:
    """Return those of a creator's comments that a filter asks for."""
    if name == "unanswered":
        own = Comment.objects.filter(parent=OuterRef("pk"), author=OuterRef("video__creator__user"))
        others = comments.filter(parent=None, state=State.PUBLISHED)
        return others.exclude(author=F("video__creator__user")).exclude(Exists(own))
    if name == "held":
        return comments.filter(state=State.HELD)
    if name == "hidden":
        return comments.filter(state__in=[State.HIDDEN, State.BY_CREATOR])
    return comments


def for_list(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Add what the list shows, in a fixed number of queries; the latest first."""
    answers = Count("replies", filter=Q(replies__state=State.PUBLISHED))
    shown = with_authors(comments).select_related("video__creator").annotate(answers=answers)
    return shown.order_by("-created_at", "-pk")


@transaction.atomic
def hide(comment: Comment) -> None:
    """Show a comment to its author only."""
    if comment.state in (State.PUBLISHED, State.HELD):
        _set(comment, State.BY_CREATOR)


@transaction.atomic
def show(comment: Comment, rules: CommentRules) -> None:
    """Show again what the creator hid, as far as the site's rules let it pass."""
    if comment.state == State.BY_CREATOR:
        _set(comment, state_for(comment.text, comment.author, comment.video, rules))


@transaction.atomic
def hold(comment: Comment) -> None:
    """Have a comment wait for a moderator."""
    if comment.state == State.PUBLISHED:
        _set(comment, State.HELD)


def _set(comment: Comment, state: str) -> None:
    comment.state = state
    comment.pinned = comment.pinned and state == State.PUBLISHED
    comment.save(update_fields=["state", "pinned"])
