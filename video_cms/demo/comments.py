"""Puts the demo's comments on its videos: written by this project, said by invented people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from video_cms import notices
from video_cms.models import Comment, CommentLike, Notice, User, VideoPage


@transaction.atomic
def talk(rows: Iterable[Mapping[str, str]], now: datetime) -> int:
    """Write the comments of ``comments.csv``; return how many. Nothing where anybody talks yet.

    The first so many simulated viewers after a comment's author like it. Authors of answered
    comments find notices, as they would have.
    """
    if Comment.objects.exists():
        return 0
    rows = list(rows)
    videos = VideoPage.objects.in_bulk({row["video_id"] for row in rows}, field_name="video_id")
    people = User.objects.in_bulk({row["author"] for row in rows}, field_name="username")
    simulated = list(User.objects.filter(username__startswith="simulated-").order_by("username"))
    written: dict[str, Comment] = {}
    for number, row in enumerate(rows):
        comment = Comment.objects.create(
            video=videos[row["video_id"]],
            author=people[row["author"]],
            parent=written.get(row["answer_to"]),
            text=row["text"],
            pinned=row["pinned"] == "true",
            created_at=now - timedelta(hours=float(row["hours_ago"])),
        )
        written[row["key"]] = comment
        likers = [user for user in simulated[number:] if user != comment.author]
        like(comment, likers[: int(row["likes"])])
        notices.tell_of_answer(comment)
        Notice.objects.filter(comment=comment).update(created_at=comment.created_at)
    return len(written)


def like(comment: Comment, likers: list[User]) -> None:
    """Let people like a comment."""
    CommentLike.objects.bulk_create(CommentLike(comment=comment, user=user) for user in likers)
    Comment.objects.filter(pk=comment.pk).update(likes=len(likers))
