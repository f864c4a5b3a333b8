"""Where the bytes of a media file can be read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import File

from ..models import VideoMedia


def path_of(media: VideoMedia) -> str | None:
    """Return where a media file lies on this machine; None when its storage is elsewhere."""
    try:
        return str(media.file.path)
    except NotImplementedError:
        return None


@contextmanager
def local_file(media: VideoMedia) -> Iterator[str]:
    """Give a path at which a media file can be read, copying it here if it must be."""
    if path := path_of(media):
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="video-") as copy:
        with media.file.storage.open(media.file.name) as source:
            for chunk in File(source).chunks():
                copy.write(chunk)
        copy.flush()
        yield copy.name
