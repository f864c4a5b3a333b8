"""Where what is made of a file lies: below a folder of its own, whose name nobody can guess.

Each step works in a hidden folder; when it is done, that gets its final name in one move.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.db import transaction

from ..models import VideoMedia
from . import steps

ROOT = "renditions"


def folder_of(media: VideoMedia) -> Path:
    """Return a file's folder, giving it one if it has none."""
    if not media.folder:
        VideoMedia.objects.filter(pk=media.pk, folder=None).update(folder=uuid.uuid4())
        media.refresh_from_db(fields=["folder"])
    return path_in_storage(media, name_of(media))


def name_of(media: VideoMedia) -> str:
    """Return what a file's folder is called in the storage; empty when it has none."""
    return f"{ROOT}/{media.folder.hex}" if media.folder else ""


def path_in_storage(media: VideoMedia, name: str) -> Path:
    """Return where a name in the storage lies on this machine."""
    return Path(media.file.storage.path(name))


@contextmanager
def workplace(media: VideoMedia, step: str, keep: bool = False) -> Iterator[Path]:
    """Give an empty hidden folder for a step, or with ``keep`` the one a try before has left."""
    folder = folder_of(media)
    place = folder / f".{step}"
    tidy(media, step)
    if not keep:
        shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    try:
        yield place
    except steps.Lost:  # the folder is another's by now
        raise
    except BaseException:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)
        raise


def tidy(media: VideoMedia, step: str) -> None:
    """Remove what tries before have finished but not made known."""
    known = {PurePosixPath(name).parent.name for name in (media.mp4, media.hls, media.storyboard)}
    for folder in folder_of(media).glob(f"{step}-*"):
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)


def publish(media: VideoMedia, step: str) -> str:
    """Give what a step has made its final name; returns that name in the storage.

    Only who still holds the step may do that, so it belongs into the transaction that ends it.
    """
    name = f"{step}-{uuid.uuid4().hex[:8]}"
    folder = folder_of(media)
    (folder / f".{step}").rename(folder / name)
    return f"{name_of(media)}/{name}"


def withdraw(media: VideoMedia, name: str) -> None:
    """Remove the folder that a file in the storage lies in, once that is committed."""
    if name:
        path = path_in_storage(media, name).parent
        transaction.on_commit(lambda: shutil.rmtree(path, ignore_errors=True))


def forget_lost(media: VideoMedia) -> None:
    """Remove what was made of a file that was deleted or replaced during the work."""
    if media.folder and not VideoMedia.objects.filter(folder=media.folder).exists():
        shutil.rmtree(path_in_storage(media, name_of(media)), ignore_errors=True)


def remove(media: VideoMedia) -> None:
    """Remove all that was made of a file, once that is committed."""
    if media.folder:
        path = path_in_storage(media, name_of(media))
        transaction.on_commit(lambda: shutil.rmtree(path, ignore_errors=True))
