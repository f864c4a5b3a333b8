"""Whose videos the studio is about: the visitor's own, and nobody else's."""

from __future__ import annotations

from typing import cast

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from wagtail.models import WorkflowState

from ...models import Upload, User, VideoPage
from ...models.pages import VideoPageQuerySet


def own_videos(request: HttpRequest) -> VideoPageQuerySet:
    """Return the visitor's own videos, drafts and private ones too, but no deleted ones."""
    return _own(request).filter(deleted_at=None)


def deleted_videos(request: HttpRequest) -> VideoPageQuerySet:
    """Return the visitor's own videos that were deleted and can be brought back."""
    return _own(request).exclude(deleted_at=None)


def _own(request: HttpRequest) -> VideoPageQuerySet:
    mine = VideoPage.objects.filter(creator__user=cast(User, request.user))
    with_files = mine.select_related("media__poster", "thumbnail", "new_media", "creator__user")
    # Wagtail's ``prefetch_workflow_states`` is for querysets of plain pages.
    running = WorkflowState.objects.active().select_related("current_task_state__task")
    return with_files.prefetch_related(
        "thumbnail__renditions",
        "media__poster__renditions",
        "media__steps",
        "new_media__steps",
        Prefetch("uploads", Upload.objects.filter(finished_at=None), to_attr="begun_uploads"),
        Prefetch("_specific_workflow_states", running, to_attr="_current_workflow_states"),
    )


def own_or_404(request: HttpRequest, video_id: str) -> VideoPage:
    """Return one of the visitor's own videos."""
    video: VideoPage = get_object_or_404(own_videos(request), video_id=video_id)
    return video
