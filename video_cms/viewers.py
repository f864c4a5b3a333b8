"""What the visitor of a request may see, and what they have seen."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from wagtail.models import Site

from recommendations_plugin import api

from .models import CreatorProfile, Follow, Like, VideoPage, Watch
from .models.pages import VideoPageQuerySet

#: How many of a viewer's latest videos cards show a watched bar for.
REMEMBERED = 300


def watches_of(viewer: api.Viewer) -> dict[str, Any]:
    """Return the fields that find, or make, a viewer's rows of ``Watch``."""
    if viewer.user is not None:
        return {"user": viewer.user, "session": ""}
    return {"user": None, "session": viewer.key.removeprefix("session:")}


def watched_portions(request: HttpRequest) -> dict[int, float]:
    """Return what the visitor watched lately, 0–1 by video; read once per request."""
    cached: dict[int, float] | None = getattr(request, "_watched_portions", None)
    if cached is None:
        viewer = api.viewer(request)
        rows = Watch.objects.filter(**watches_of(viewer)) if viewer.key else Watch.objects.none()
        cached = dict(rows.values_list("video_id", "watch_time")[:REMEMBERED])
        request._watched_portions = cached  # type: ignore[attr-defined]
    return cached


def listed_videos(request: HttpRequest) -> VideoPageQuerySet:
    """Return the videos that may stand in this site's lists."""
    videos: VideoPageQuerySet = VideoPage.objects.listed()
    site = Site.find_for_request(request)
    return videos.in_site(site) if site else videos


def may_open(request: HttpRequest, video: VideoPage) -> bool:
    """Return whether the visitor may open a video's page: published, visible, not restricted."""
    return (
        video.live
        and video.visible_to(request.user)
        and all(rule.accept_request(request) for rule in video.get_view_restrictions())
    )


def get_video_or_404(request: HttpRequest, video_id: str) -> VideoPage:
    """Return a video the visitor may open; to others it does not exist."""
    video = VideoPage.objects.for_cards().filter(video_id=video_id).first()
    if video is None or not may_open(request, video):
        raise Http404
    return video


def has_liked(request: HttpRequest, video: VideoPage) -> bool:
    """Return whether the visitor likes a video."""
    user = request.user
    return user.is_authenticated and Like.objects.filter(user_id=user.pk, video=video).exists()


def is_following(request: HttpRequest, creator: CreatorProfile) -> bool:
    """Return whether the visitor follows a creator."""
    user = request.user
    return (
        user.is_authenticated and Follow.objects.filter(user_id=user.pk, creator=creator).exists()
    )
