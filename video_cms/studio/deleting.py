"""Deleting one's videos: gone for everybody at once, erased when they are not brought back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .. import erasure
from ..models import User, VideoPage
from . import review, videos


@transaction.atomic
def delete(page: VideoPage, user: User) -> None:
    """Take a video away from everybody; whether it was shown is kept for ``restore``."""
    shown = page.live or page.publish_when_ready
    videos.unpublish(page, user)
    if page.current_workflow_state is not None:
        page.current_workflow_state.cancel(user=user)
    page.deleted_at, page.publish_when_ready = timezone.now(), shown
    page.save(update_fields=["deleted_at", "publish_when_ready"], clean=False)


@transaction.atomic
def restore(page: VideoPage, user: User) -> None:
    """Bring a deleted video back as it was; one that had a publish time is a draft.

    Where moderators look at films first, they look at it again.
    """
    current = VideoPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    current.deleted_at = None
    file_stands = current.media is not None and current.new_media is None
    current.live = current.publish_when_ready and file_stands and not review.is_needed(current)
    videos.keep(current, user)


def erase(page: VideoPage) -> None:
    """Erase a video with its files and all that hangs on it."""
    erasure.erase_videos([page])


def erase_due(now: datetime | None = None) -> int:
    """Erase what was deleted long enough ago, one by one; return how many."""
    long_ago = (now or timezone.now()) - settings.DELETED_VIDEOS_KEPT
    due = VideoPage.objects.filter(deleted_at__lte=long_ago).order_by("deleted_at")
    erased = 0
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            locked = due.select_for_update(of=("self",)).filter(pk=pk).order_by().first()
            if locked is not None:  # brought back, or erased, meanwhile
                erase(locked)
                erased += 1
    return erased
