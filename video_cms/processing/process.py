"""Probes media files and keeps what was found: their state, measures and poster."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from ..models import VideoMedia
from .pool import Worker, look_at_all
from .poster import save_poster
from .probe import Findings, UnusableVideo

Progress = Callable[[VideoMedia], None]


def process_media(media: VideoMedia) -> None:
    """Look at a file that is new and keep what was found. Does nothing when that is done."""
    if media.state != VideoMedia.State.NEW:
        return
    with Worker() as worker:
        store(media, look(worker, media))


def process_pending(
    progress: Progress | None = None,
    processes: int = 2,
    queryset: QuerySet[VideoMedia] | None = None,
) -> int:
    """Look at every file that waits, several at once; returns how many there were.

    ``progress`` is called with each file when it is done; its state says how that went.
    """
    waiting = VideoMedia.objects.all() if queryset is None else queryset
    waiting = waiting.filter(state=VideoMedia.State.NEW, type="video").order_by("pk")
    done = 0
    for media, findings in chain(look_in_parallel(waiting, processes), look_in_turn(waiting)):
        store(media, findings)
        done += 1
        if progress is not None:
            progress(media)
    return done


def look_in_parallel(
    waiting: QuerySet[VideoMedia], processes: int
) -> Iterator[tuple[VideoMedia, Findings | UnusableVideo]]:
    """Look at the files that lie on this machine."""
    local = ((media, path) for media in waiting.iterator() if (path := path_of(media)))
    return look_at_all(list(local), processes)


def look_in_turn(
    waiting: QuerySet[VideoMedia],
) -> Iterator[tuple[VideoMedia, Findings | UnusableVideo]]:
    """Look at the files that lie elsewhere: one at a time, so that few copies take up space."""
    with Worker() as worker:
        for media in list(waiting):
            if path_of(media) is None:
                yield media, look(worker, media)


def look(worker: Worker, media: VideoMedia) -> Findings | UnusableVideo:
    """Return what is in a media file, or the reason why it is of no use."""
    try:
        with local_file(media) as path:
            return worker.look(path)
    except FileNotFoundError:
        return UnusableVideo("missing")
    except UnusableVideo as unusable:
        return unusable


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


@transaction.atomic
def store(media: VideoMedia, findings: Findings | UnusableVideo) -> None:
    """Keep what was found, unless the file was replaced or looked at by another meanwhile."""
    current = VideoMedia.objects.select_for_update().filter(
        pk=media.pk, file=media.file.name, state=VideoMedia.State.NEW
    )
    if not current.exists():
        return
    old = media.poster
    if isinstance(findings, UnusableVideo):
        values = {
            "state": VideoMedia.State.FAILED,
            "failure": str(findings),
            "duration": 0.0,
            "width": None,
            "height": None,
            "codec": "",
            "poster": None,
        }
    else:
        values = {
            "state": VideoMedia.State.READY,
            "failure": "",
            "duration": findings.probe.duration,
            "width": findings.probe.width,
            "height": findings.probe.height,
            "codec": findings.probe.codec,
            "poster": save_poster(media, findings.poster),
        }
    current.update(**values)
    for name, value in values.items():
        setattr(media, name, value)
    if old is not None:
        old.delete()
