"""Unpacks a ZIP that somebody sent: only tables and films, only so much, only into one folder."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from .report import ImportFailed

#: Most entries, and how much larger than in the archive one may be.
ENTRIES, RATIO = 5000, 200
#: Below this many bytes nobody asks for the ratio.
SMALL = 1024 * 1024
TABLES = {"videos.csv", "categories.csv", "parent_categories.csv", "creators.csv"}
FILMS = {".mp4", ".m4v", ".mov", ".webm", ".mkv"}


def unpack(path: Path, into: Path) -> None:
    """Unpack an archive's tables and films; raises ``ImportFailed``, saying what to change."""
    try:
        with ZipFile(path) as archive:
            left = int(settings.IMPORT_LIMIT)
            for entry in wanted(archive):
                left -= extract(archive, entry, into / entry.filename, left)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise ImportFailed(_("This is not a ZIP that can be read.")) from error


def wanted(archive: ZipFile) -> list[ZipInfo]:
    """Return the entries to unpack; folders and what systems leave behind are passed over."""
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise ImportFailed(_("The ZIP holds more than %d files.") % ENTRIES)
    if sum(entry.file_size for entry in entries) > settings.IMPORT_LIMIT:
        raise too_large()
    return [entry for entry in entries if is_wanted(entry)]


def is_wanted(entry: ZipInfo) -> bool:
    """Return whether an entry is a table or a film; raises ``ImportFailed`` where it is a trick."""
    name = PurePosixPath(entry.filename)
    odd = "\\" in entry.filename or ":" in entry.filename or not entry.filename.isprintable()
    if odd or name.is_absolute() or ".." in name.parts or stat.S_ISLNK(entry.external_attr >> 16):
        raise ImportFailed(_("The ZIP holds a file with a name that leads out of it."))
    if entry.file_size > max(SMALL, RATIO * entry.compress_size):
        raise ImportFailed(_("A file in the ZIP is packed too tightly to be a film or a table."))
    return str(name) in TABLES or (not entry.is_dir() and name.suffix.lower() in FILMS)


def extract(archive: ZipFile, entry: ZipInfo, to: Path, most: int) -> int:
    """Unpack one entry; return its bytes. What an entry says of its size is not believed."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, to.open("xb") as target:
        shutil.copyfileobj(Limited(source, most), target, 1024 * 1024)
        return target.tell()


class Limited:
    """A file that must not be longer than expected."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self.source, self.left = source, most

    def read(self, size: int = -1, /) -> bytes:
        piece = self.source.read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise too_large()
        return piece


def too_large() -> ImportFailed:
    most = {"most": filesizeformat(settings.IMPORT_LIMIT)}
    return ImportFailed(_("Unpacked, the ZIP is larger than %(most)s.") % most)
