"""The bytes of uploads: a private file each, until the media library takes it over.

How much has arrived is the length of that file and stands nowhere else, so it is right whatever
was killed when. One process at a time writes to a file; the system frees the lock of a dead one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File, locks
from django.core.files.storage import Storage

from ..models import Upload, VideoMedia

PIECE = 256 * 1024


class Locked(Exception):
    """Another request is writing to this upload."""


def folder() -> Path:
    """Return where the bytes are; nobody but the site may look there."""
    path = Path(settings.UPLOADS_DIR)
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(upload: Upload) -> Path:
    """Return the file of an upload."""
    return folder() / upload.upload_id


def make(upload: Upload) -> None:
    """Begin an upload's file, if there is none."""
    os.close(os.open(path_of(upload), os.O_RDWR | os.O_CREAT, 0o600))


def received(upload: Upload) -> int:
    """Return how many bytes are safely on the disk."""
    if upload.finished_at or is_placed(upload):
        return upload.size
    try:
        with path_of(upload).open("r+b") as file:
            return min(settled(file), upload.size)
    except FileNotFoundError:
        return 0


def settled(file: IO[bytes]) -> int:
    """Have the disk hold what was written; returns the length."""
    file.flush()
    os.fsync(file.fileno())
    return os.fstat(file.fileno()).st_size


@contextmanager
def opened(upload: Upload) -> Iterator[IO[bytes]]:
    """Open an upload for writing at its end. Raises ``Locked``, or ``FileNotFoundError``."""
    with path_of(upload).open("r+b") as file:
        if not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
            raise Locked
        try:
            file.seek(min(settled(file), upload.size))
            file.truncate()
            yield file
        finally:
            locks.unlock(file)


def write(file: IO[bytes], source: IO[bytes], length: int) -> None:
    """Write up to ``length`` bytes of a source that may end early, and have the disk hold them."""
    try:
        while length and (piece := source.read(min(PIECE, length))):
            file.write(piece)
            length -= len(piece)
    finally:
        settled(file)


def head(file: IO[bytes], length: int) -> bytes:
    """Return the first bytes; the position stays where it is."""
    position = file.tell()
    file.seek(0)
    found = file.read(length)
    file.seek(position)
    return found


class Part(File):
    """An upload's file in a form that storages move instead of copying."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__(file)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)


def place(upload: Upload) -> str:
    """Give the bytes to the media library; done twice, it is done once. Returns their name."""
    storage, name = place_of(upload)
    if not is_placed(upload):
        storage.delete(name)  # of an attempt that died while it copied
        with path_of(upload).open("rb") as file:
            storage.save(name, Part(file, path_of(upload)))
    path_of(upload).unlink(missing_ok=True)  # moved already, where that is possible
    return name


def is_placed(upload: Upload) -> bool:
    """Return whether the media library has the whole file."""
    storage, name = place_of(upload)
    return bool(upload.ending) and storage.exists(name) and storage.size(name) == upload.size


def place_of(upload: Upload) -> tuple[Storage, str]:
    """Return the media library's storage, and the name it gives the file."""
    field = VideoMedia._meta.get_field("file")
    name = field.generate_filename(None, f"{upload.upload_id}.{upload.ending}")
    return field.storage, name


def remove(upload: Upload) -> None:
    """Delete the bytes of an upload that is gone, unless they became a media file's."""
    path_of(upload).unlink(missing_ok=True)
    storage, name = place_of(upload)
    if is_placed(upload) and not VideoMedia.objects.filter(file=name).exists():
        storage.delete(name)


def strays(older_than: float) -> Iterator[Path]:
    """Return files that belong to no upload, if they lie here for some seconds already."""
    for path in folder().iterdir():
        known = Upload.objects.filter(upload_id=path.name, finished_at=None).exists()
        if not known and path.stat().st_mtime < time.time() - older_than:
            yield path
