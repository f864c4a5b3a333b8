"""Whose videos the studio is about: the visitor's own, and nobody else's."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ...models import User, VideoPage
from ...models.pages import VideoPageQuerySet


def own_videos(request: HttpRequest) -> VideoPageQuerySet:
    """Return the visitor's own videos, drafts and private ones too."""
    mine = VideoPage.objects.filter(creator__user=cast(User, request.user))
    return mine.select_related("media__poster", "thumbnail", "new_media", "creator__user")


def own_or_404(request: HttpRequest, video_id: str) -> VideoPage:
    """Return one of the visitor's own videos."""
    video: VideoPage = get_object_or_404(own_videos(request), video_id=video_id)
    return video
