"""All the work on a film done in a test, and what it leaves in which folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from video_cms.models import VideoMedia
from video_cms.processing import folders, process
from video_cms.tasks import process_video

Make = Callable[..., VideoMedia]


def finished(media: VideoMedia) -> VideoMedia:
    """Carry out all steps; returns the film as it is then."""
    process_video(media.pk)
    media = VideoMedia.objects.get(pk=media.pk)
    while process.finish_media(media):
        pass
    return VideoMedia.objects.get(pk=media.pk)


def made_of(media: VideoMedia) -> Path:
    """Return the folder of what was made of a film."""
    return folders.path_in_storage(media, folders.name_of(media))


def files_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder and those below."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
