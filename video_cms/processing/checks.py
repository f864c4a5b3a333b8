"""System checks: what the settings ask of the work on films, and this machine cannot do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.files.storage import default_storage


@register("processing")
def check_av1(**kwargs: Any) -> list[CheckMessage]:
    """Check that AV1 can be written where the settings want it."""
    if not settings.PROCESSING["AV1"]:
        return []
    import av

    from .child.picture import AV1

    if AV1 in av.codecs_available:
        return []
    return [
        Warning(
            "PROCESSING_AV1 is set, but this PyAV cannot write AV1: films get H.264 only.",
            hint=f"Install a PyAV whose FFmpeg has {AV1}, as the wheels on PyPI do.",
            id="video_cms.W002",
        )
    ]


@register("processing")
def check_storage(**kwargs: Any) -> list[CheckMessage]:
    """Check that what is made of films can be written beside them."""
    try:
        default_storage.path("renditions")
    except NotImplementedError:
        return [
            Error(
                "Media files lie in a storage without paths: films could be looked at, not made.",
                hint="Use django.core.files.storage.FileSystemStorage for STORAGES['default'].",
                id="video_cms.E005",
            )
        ]
    return []
