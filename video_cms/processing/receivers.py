"""Sees new and replaced files in the media library and has them looked at."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save, pre_save
from wagtailmedia.models import MediaType

from ..models import VideoMedia


def connect() -> None:
    """Listen to the media library."""
    pre_save.connect(reset_state, sender=VideoMedia, dispatch_uid="video_cms_reset_state")
    post_save.connect(enqueue, sender=VideoMedia, dispatch_uid="video_cms_enqueue")


def reset_state(instance: VideoMedia, raw: bool, **kwargs: Any) -> None:
    """Forget what was found in the file before, when another takes its place."""
    if not raw and instance.type == MediaType.VIDEO and file_changed(instance):
        instance.state, instance.failure = VideoMedia.State.NEW, ""
        with suppress(OSError):  # a file that is missing is found so by the worker
            instance.size = instance.file.size
        instance.file_is_new = True


def file_changed(media: VideoMedia) -> bool:
    """Return whether a save will change the file: also when the new one gets the old name."""
    if not media.file._committed:
        return True
    stored = VideoMedia.objects.filter(pk=media.pk).values_list("file", flat=True).first()
    return bool(stored != media.file.name)


def enqueue(instance: VideoMedia, raw: bool, **kwargs: Any) -> None:
    """Queue a look at a new file, once it is certain that the row stays."""
    if raw or not instance.__dict__.pop("file_is_new", False):
        return
    media_id = instance.pk

    def queue() -> None:
        from django_q.tasks import async_task

        async_task("video_cms.tasks.process_video", media_id)

    transaction.on_commit(queue, robust=True)
