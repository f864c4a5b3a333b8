"""Erasing an account: all that is its own goes, wherever the site keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Model, QuerySet, Value
from django.db.models.functions import Greatest
from wagtail.models import ModelLogEntry, PageLogEntry

from recommendations_plugin import api, registry

from . import counters
from .importing import runs
from .models import (
    Comment,
    CommentLike,
    CreatorProfile,
    Like,
    Picture,
    User,
    VideoMedia,
    VideoPage,
)


def videos_of(user: User) -> QuerySet[VideoPage]:
    """Return all the videos of an account, drafts and private ones too."""
    videos: QuerySet[VideoPage] = VideoPage.objects.filter(creator__user=user)
    return videos


@transaction.atomic
def erase(user: User) -> None:
    """Erase an account, its videos and all it ever did; counters of what stays are put right.

    The recommender forgets the viewer when the account is deleted, and the graph with the next
    sync. Files are removed when the transaction commits.
    """
    profile = CreatorProfile.objects.filter(user=user).first()
    if profile is not None:
        _lose_followers(profile)
        erase_videos(list(videos_of(user)))
        api.erase_words(facets=[registry.creator(profile)])
    _take_back_counts(user)
    runs.forget(user)
    for picture in Picture.objects.filter(uploaded_by_user=user):
        picture.delete()
    _erase_log(user, *([profile] if profile else []))
    user.delete()


def _lose_followers(profile: CreatorProfile) -> None:
    """Have the recommender know that nobody follows or mutes this creator any more."""
    key = registry.creator(profile).key
    followers = User.objects.filter(follows__creator=profile).order_by("pk")
    for follower in followers.iterator(500):
        api.record_many([api.Signal(api.Kind.UNFOLLOW, api.key_of(follower), key)])


@transaction.atomic
def erase_videos(videos: Sequence[VideoPage]) -> None:
    """Erase videos with their files, earlier ones too, as far as no other video has those."""
    media = {pk for video in videos for pk in _files_of(video) if pk}
    api.erase_words(videos)
    pages = [video.pk for video in videos]
    for video in videos:
        video.delete()
    PageLogEntry.objects.filter(page__in=pages).delete()
    for file in VideoMedia.objects.filter(pk__in=media, pages=None):
        file.delete()


def _files_of(video: VideoPage) -> list[int | None]:
    earlier = [revision.content.get("media") for revision in video.revisions.all()]
    return [video.media_id, video.new_media_id, *earlier]


def _take_back_counts(user: User) -> None:
    """Take what the account viewed and liked off the counters of what stays."""
    one_less = {name: Greatest(F(name) - 1, Value(0)) for name in ("views", "likes")}
    viewed = counters.views().filter(user=user).values("video")
    VideoPage.objects.filter(pk__in=viewed).update(views=one_less["views"])
    liked = Like.objects.filter(user=user).values("video")
    VideoPage.objects.filter(pk__in=liked).update(likes=one_less["likes"])
    comments = CommentLike.objects.filter(user=user).values("comment")
    Comment.objects.filter(pk__in=comments).update(likes=one_less["likes"])


def _erase_log(*rows: Model) -> None:
    """Erase what editors' logs say of these rows by name."""
    for row in rows:
        kind = ContentType.objects.get_for_model(row)
        ModelLogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).delete()
