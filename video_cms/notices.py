"""What the site tells its viewers: new videos of whom they follow, answers to their comments."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from wagtail.models import PageViewRestriction

from .models import Comment, CreatorProfile, Follow, Notice, Preferences, User, VideoPage

#: Followers told in one statement.
BATCH = 500
MENTION = re.compile(r"@([A-Za-z0-9_.@+-]{1,150})")


# --- telling ------------------------------------------------------------------------------------


def tell_followers(video: VideoPage) -> int:
    """Tell a creator's followers of a video that is public now; return to how many notices went.

    May run again and again: nobody is told twice, and whoever follows later is not told of old
    videos when one of them is published anew.
    """
    followers = _followers_to_tell(video)
    told, last = 0, 0
    while batch := list(followers.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        Notice.objects.bulk_create(
            [Notice(user_id=row.user_id, kind=Notice.Kind.VIDEO, video=video) for row in batch],
            ignore_conflicts=True,
        )
        told += len(batch)
    return told


def _followers_to_tell(video: VideoPage) -> QuerySet[Follow]:
    """Return who follows the video's creator and wants to hear of videos, without the creator."""
    followers = Follow.objects.filter(creator=video.creator_id, user__is_active=True).exclude(
        user=video.creator.user_id
    )
    silent = Preferences.objects.filter(user=OuterRef("user"), notify_videos=False)
    first = Notice.objects.filter(video=video, kind=Notice.Kind.VIDEO).order_by("created_at")
    if earlier := first.first():
        followers = followers.filter(created_at__lte=earlier.created_at)
    return followers.exclude(Exists(silent))


def tell_of_answer(comment: Comment) -> None:
    """Tell whom a published answer is for: the thread's author, and whom of it it mentions."""
    if comment.parent is None or comment.state != Comment.State.PUBLISHED:
        return
    for user in _answered(comment):
        if Preferences.of(user).notify_replies:
            Notice.objects.get_or_create(
                user=user,
                comment=comment,
                defaults={"kind": Notice.Kind.REPLY, "video": comment.video},
            )


def _answered(comment: Comment) -> QuerySet[User]:
    names = {name.rstrip(".+-@").lower() for name in MENTION.findall(comment.text)}
    mentioned = Q(lower_name__in=names) & Q(comments__parent=comment.parent_id)
    users = User.objects.alias(lower_name=Lower("username")).filter(
        Q(comments=comment.parent_id) | mentioned, is_active=True
    )
    return users.exclude(pk=comment.author_id).distinct()


# --- reading ------------------------------------------------------------------------------------


def notices_of(user: Any) -> QuerySet[Notice]:
    """Return the notices a user may still read: what was withdrawn is not spoken of.

    A new video must be listed now; an answer must be readable, on a video the user may open.
    """
    visibility = VideoPage.Visibility
    published = Q(comment__state=Comment.State.PUBLISHED, comment__author__is_active=True)
    parent = Q(comment__parent__state__in=[Comment.State.PUBLISHED, Comment.State.DELETED])
    own = Q(video__creator__user=user.pk)
    opened = ~Q(video__visibility=visibility.PRIVATE) | own
    answer = published & parent & opened & Q(video__comments_enabled=True)
    new_video = Q(kind=Notice.Kind.VIDEO, video__visibility=visibility.PUBLIC)
    return Notice.objects.filter(
        new_video | (Q(kind=Notice.Kind.REPLY) & answer),
        ~Exists(_restrictions(OuterRef("video__path"))),
        own | ~Q(video__creator__standing=CreatorProfile.Standing.SUSPENDED),
        user_id=user.pk,
        video__live=True,
    )


def _restrictions(path: OuterRef) -> QuerySet[PageViewRestriction]:
    """Return the restrictions on the page with this tree path, or on one above it."""
    here = ExpressionWrapper(path, output_field=CharField())
    rows: QuerySet[PageViewRestriction] = PageViewRestriction.objects.alias(here=here)
    return rows.filter(here__startswith=F("page__path"))


def unread(request: HttpRequest) -> int:
    """Return how many notices the visitor has not read; counted once per request."""
    number: int | None = getattr(request, "_unread_notices", None)
    if number is None:
        signed_in = request.user.is_authenticated
        number = notices_of(request.user).filter(read_at=None).count() if signed_in else 0
        request._unread_notices = number  # type: ignore[attr-defined]
    return number
