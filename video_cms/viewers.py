"""What the visitor of a request may see, and what they have seen."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from wagtail.models import Site

from recommendations_plugin import api

from .models import CreatorProfile, Follow, Like, PlaylistItem, Preferences, VideoPage, Watch
from .models.pages import VideoPageQuerySet

#: How many of a viewer's latest videos cards show a watched bar for.
REMEMBERED = 300
#: The watched portions between which a video counts as begun and not finished.
BEGUN, FINISHED = 0.02, 0.9
#: Where a browser session keeps the name under which unkept watching is noted.
UNKEPT = "unkept_watching"


def watches_of(viewer: api.Viewer) -> dict[str, Any]:
    """Return the fields that find, or make, a viewer's rows of ``Watch``."""
    if viewer.user is not None:
        return {"user": viewer.user, "session": ""}
    return {"user": None, "session": viewer.key.removeprefix("session:")}


def begun_by(viewer: api.Viewer, videos: VideoPageQuerySet) -> VideoPageQuerySet:
    """Return those videos that a viewer began and did not finish, latest first."""
    if not viewer.key:
        return videos.none()
    watched = {f"watches__{name}": value for name, value in watches_of(viewer).items()}
    begun = {"watches__watch_time__gt": BEGUN, "watches__watch_time__lt": FINISHED}
    return videos.filter(**watched, **begun).order_by("-watches__timestamp", "-pk")


def watching_as(request: HttpRequest) -> api.Viewer:
    """Return under whom watching is kept: while a history is off, an unnamed browser session."""
    if Preferences.of(request.user).keep_history:
        return api.viewer(request, create=True)
    if UNKEPT not in request.session:
        request.session[UNKEPT] = uuid.uuid4().hex
    return api.Viewer(f"session:{request.session[UNKEPT]}")


def watches_seen_by(request: HttpRequest) -> QuerySet[Watch]:
    """Return what the visitor watched, newest first: the history, and what it left out lately."""
    viewer, unkept = api.viewer(request), getattr(request, "session", {}).get(UNKEPT)
    found = Q(**watches_of(viewer)) if viewer.key else Q(pk=None)
    if unkept:
        found |= Q(user=None, session=unkept)
    return Watch.objects.filter(found)


def watched_portions(request: HttpRequest) -> dict[int, float]:
    """Return what the visitor watched lately, 0–1 by video; read once per request."""
    cached: dict[int, float] | None = getattr(request, "_watched_portions", None)
    if cached is None:
        rows = watches_seen_by(request).values_list("video_id", "watch_time")[:REMEMBERED]
        cached = {}
        for video_id, portion in rows:
            cached[video_id] = max(portion, cached.get(video_id, 0.0))
        request._watched_portions = cached  # type: ignore[attr-defined]
    return cached


def watch_later_ids(request: HttpRequest) -> frozenset[int]:
    """Return the videos that the visitor keeps for later; read once per request."""
    cached: frozenset[int] | None = getattr(request, "_watch_later_ids", None)
    if cached is None:
        user = request.user
        kept = PlaylistItem.objects.filter(playlist__kind="later", playlist__owner=user.pk)
        found = kept.values_list("video_id", flat=True) if user.is_authenticated else ()
        cached = frozenset(found)
        request._watch_later_ids = cached  # type: ignore[attr-defined]
    return cached


def learning_of(request: HttpRequest) -> api.Learning:
    """Return whether the recommender may learn from the visitor; read once per request."""
    cached: api.Learning | None = getattr(request, "_learning", None)
    if cached is None:
        cached = api.learning_of(api.viewer(request))
        request._learning = cached  # type: ignore[attr-defined]
    return cached


def openable_videos(request: HttpRequest) -> VideoPageQuerySet:
    """Return the videos that a list of the visitor's own may show: unlisted ones too.

    Slightly stricter than ``may_open``: what needs a password or an editor's rights is left out.
    """
    videos: VideoPageQuerySet = VideoPage.objects.live().public()
    own = Q(creator__user=request.user.pk) if request.user.is_authenticated else Q(pk=None)
    suspended = Q(creator__standing=CreatorProfile.Standing.SUSPENDED)
    return videos.filter(own | ~Q(visibility=VideoPage.Visibility.PRIVATE) & ~suspended)


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
