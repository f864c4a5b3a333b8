"""Media files of a catalogue: found in a few folders, stored once however often they are named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.translation import gettext as _
from wagtail.models import Collection
from wagtailmedia.models import MediaType

from ..models import User, VideoMedia
from .report import RowError
from .search import index_for_search

FOLDER = "media"


class MediaFiles:
    """Finds the files a catalogue names and keeps them as ``VideoMedia``.

    A stored file is named after its contents. So equal files are one row, and a second run finds
    what the first has stored.
    """

    def __init__(self, folders: Sequence[Path], user: User | None = None) -> None:
        self.folders = [folder.resolve() for folder in folders]
        self.user = user  # whose they become
        self._names: dict[Path, str] = {}
        self._rows: dict[str, VideoMedia] = {}

    def find(self, name: str) -> Path:
        """Return where a file lies. Raises ``RowError``; never looks outside the folders."""
        if not name:
            raise RowError(_("No file is named."))
        for folder in self.folders:
            path = (folder / name).resolve()
            if path.is_relative_to(folder) and path.is_file():
                return path
        raise RowError(_("There is no file %r.") % name[:200])

    def stored(self, path: Path, title: str) -> VideoMedia:
        """Return the row of a file, storing it if its contents are new."""
        name = self._name(path)
        if name not in self._rows:
            self._rows[name] = VideoMedia.objects.filter(file=name).first() or store(
                path, name, title, self.user
            )
        return self._rows[name]

    @property
    def used(self) -> list[int]:
        """The ids of the rows this import has used."""
        return [row.pk for row in self._rows.values()]

    def _name(self, path: Path) -> str:
        if path not in self._names:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._names[path] = f"{FOLDER}/{digest[:40]}{path.suffix.lower()[:10]}"
        return self._names[path]


def store(path: Path, name: str, title: str, user: User | None) -> VideoMedia:
    """Copy a file into the site's storage and make its row."""
    storage: Storage = VideoMedia._meta.get_field("file").storage
    copy_into(storage, path, name)
    media = VideoMedia(
        title=title[:255],
        file=name,
        type=MediaType.VIDEO,
        size=path.stat().st_size,
        uploaded_by_user=user,
        collection=Collection.get_first_root_node(),
    )
    # In bulk, so that no signal queues a look at the file: the import looks at all of them itself.
    VideoMedia.objects.bulk_create([media])
    index_for_search(VideoMedia, [media.pk])
    return media


def copy_into(storage: Storage, path: Path, name: str) -> None:
    """Copy a file into a storage, unless an import that was interrupted has done so already."""
    if storage.exists(name):
        if storage.size(name) == path.stat().st_size:
            return
        storage.delete(name)
    with path.open("rb") as file:
        storage.save(name, File(file))
