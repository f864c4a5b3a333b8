"""Sees new, replaced and deleted files in the media library."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db.models.signals import post_save, pre_delete, pre_save
from wagtailmedia.models import MediaType

from ..models import VideoMedia
from . import folders, making, queue

#: What is made of a file, and goes with it.
MADE = {"folder": None, "mp4": "", "hls": "", "storyboard": ""}


def connect() -> None:
    """Listen to the media library."""
    pre_save.connect(reset_state, sender=VideoMedia, dispatch_uid="video_cms_reset_state")
    post_save.connect(enqueue, sender=VideoMedia, dispatch_uid="video_cms_enqueue")
    pre_delete.connect(forget, sender=VideoMedia, dispatch_uid="video_cms_forget_made")


def reset_state(instance: VideoMedia, raw: bool, **kwargs: Any) -> None:
    """Forget what was found in the file before, and made of it, when another takes its place."""
    if not raw and instance.type == MediaType.VIDEO and file_changed(instance):
        instance.state, instance.failure = VideoMedia.State.NEW, ""
        with suppress(OSError):  # a file that is missing is found so by the worker
            instance.size = instance.file.size
        instance.file_is_new = True
        if instance.pk:
            forget_made(instance)
        for name, value in MADE.items():
            setattr(instance, name, value)


def forget(instance: VideoMedia, **kwargs: Any) -> None:
    """Delete what was made of a file, when it is deleted."""
    forget_made(instance)
    if instance.poster is not None:
        instance.poster.delete()


def forget_made(media: VideoMedia) -> None:
    media.steps.all().delete()
    making.forget_frames(media)
    media.refresh_from_db(fields=["folder"])  # a worker may have given it one since
    folders.remove(media)


def file_changed(media: VideoMedia) -> bool:
    """Return whether a save will change the file: also when the new one gets the old name."""
    if not media.file._committed:
        return True
    stored = VideoMedia.objects.filter(pk=media.pk).values_list("file", flat=True).first()
    return bool(stored != media.file.name)


def enqueue(instance: VideoMedia, raw: bool, **kwargs: Any) -> None:
    """Queue work on a new file, once it is certain that the row stays."""
    if not raw and instance.__dict__.pop("file_is_new", False):
        queue.enqueue(instance.pk)
