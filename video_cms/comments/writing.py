"""Writing: each change of a comment with what follows from it, in one transaction."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from .. import notices
from ..models import Comment, CommentLike, CommentReport, CommentRules, User, VideoPage
from ..standing import is_muted
from .rules import must_wait

State = Comment.State


def state_for(text: str, author: User, video: VideoPage, rules: CommentRules) -> str:
    """Return the state of new words: held by the rules, except for creators and moderators.

    Whatever muted people write is held.
    """
    if is_muted(author):
        return State.HELD
    trusted = video.owned_by(author) or author.has_perm("video_cms.change_comment")
    return State.HELD if not trusted and must_wait(text, author, rules) else State.PUBLISHED


@transaction.atomic
def write(
    author: User, video: VideoPage, text: str, rules: CommentRules, answer_to: Comment | None = None
) -> Comment:
    """Write a comment, or an answer; an answer to an answer joins the same thread."""
    comment = Comment.objects.create(
        author=author,
        video=video,
        text=text,
        parent=answer_to and (answer_to.parent or answer_to),
        state=state_for(text, author, video, rules),
    )
    notices.tell_of_answer(comment)
    return comment


@transaction.atomic
def edit(comment: Comment, text: str, rules: CommentRules) -> None:
    """Change one's own words. The rules look again; what a moderator hid stays hidden."""
    if text == comment.text:
        return
    comment.text, comment.edited_at = text, timezone.now()
    if comment.state == State.PUBLISHED:
        comment.state = state_for(text, comment.author, comment.video, rules)
        comment.pinned = comment.pinned and comment.state == State.PUBLISHED
    comment.save(update_fields=["text", "edited_at", "state", "pinned"])


@transaction.atomic
def delete(comment: Comment) -> None:
    """Take one's own words back: the row goes, or leaves an empty place where it has answers."""
    parent = comment.parent
    if comment.replies.exists():
        comment.like_rows.all().delete()
        comment.reports.all().delete()
        comment.text, comment.state = "", State.DELETED
        comment.pinned, comment.likes = False, 0
        comment.save(update_fields=["text", "state", "pinned", "likes"])
        return
    comment.delete()
    if parent and parent.state == State.DELETED and not parent.replies.exists():
        parent.delete()


@transaction.atomic
def like(user: User, comment: Comment) -> None:
    """Like a comment once; nobody likes their own."""
    if comment.author_id == user.pk:
        return
    _row, new = CommentLike.objects.get_or_create(user=user, comment=comment)
    if new:
        _count_likes(comment, 1)


@transaction.atomic
def unlike(user: User, comment: Comment) -> None:
    """Take a like back."""
    deleted, _rows = CommentLike.objects.filter(user=user, comment=comment).delete()
    if deleted:
        _count_likes(comment, -1)


def _count_likes(comment: Comment, change: int) -> None:
    Comment.objects.filter(pk=comment.pk).update(likes=Greatest(F("likes") + change, 0))
    comment.refresh_from_db(fields=["likes"])


@transaction.atomic
def pin(comment: Comment) -> None:
    """Put a comment above all others of its video, in place of the one that was there."""
    pinned = Comment.objects.select_for_update().filter(video=comment.video_id, pinned=True)
    pinned.update(pinned=False)
    Comment.objects.filter(pk=comment.pk).update(pinned=True)


def unpin(comment: Comment) -> None:
    """Let a comment stand where it belongs."""
    Comment.objects.filter(pk=comment.pk).update(pinned=False)


def report(reporter: User, comment: Comment, reason: str, text: str) -> None:
    """Ask moderators to look at a comment; once per person."""
    CommentReport.objects.get_or_create(
        comment=comment, reporter=reporter, defaults={"reason": reason, "text": text}
    )
