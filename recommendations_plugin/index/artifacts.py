"""Trained vectors on disk: written whole or not at all, verified before they are served.

A version is a folder that never changes (``files``). It is written beside under another name,
forced to disk and renamed once, so a reader sees the whole of it or nothing.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

from .. import conf
from ..types import Embeddings
from . import files
from .artifact import Artifact
from .base import index_class
from .files import BrokenArtifact

__all__ = [
    "Artifact",
    "BrokenArtifact",
    "load",
    "prune",
    "publish",
    "rebuild_index",
    "root_folder",
    "verify",
    "versions",
]

UNFINISHED = ".writing-"
#: Seconds after which an unfinished folder belongs to nobody any more.
ABANDONED = 24 * 3600
#: Versions kept open in a process: the active one and the one before.
OPEN = 2

_opened: OrderedDict[Path, Artifact] = OrderedDict()
_opening = threading.Lock()


def root_folder() -> Path:
    """Return the folder of all versions; it may not exist yet."""
    chosen = conf.settings.ARTIFACTS_DIR
    return Path(chosen) if chosen else Path(django_settings.BASE_DIR) / "var" / "recommendations"


# --- writing ----------------------------------------------------------------------------------


def publish(embeddings: Embeddings, *, metrics: Mapping[str, Any], root: Path | None = None) -> str:
    """Write a version and return its name. It serves nobody before it is activated.

    On any error, a full disk among them, what was written is removed and the error raised.
    Raises ``ValueError`` for vectors that are not finite or do not fit their keys.
    """
    files.check(embeddings)
    root = root or root_folder()
    root.mkdir(parents=True, exist_ok=True)
    _collect_abandoned(root)
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
    try:
        now = datetime.now(UTC)
        files.write_vectors(folder, embeddings)
        files.write_json(
            folder / files.MANIFEST, files.manifest_of(folder, now, embeddings, metrics)
        )
        version = f"{now:%Y%m%dT%H%M%S.%fZ}-{files.sha256(folder / files.MANIFEST)[: files.HASH]}"
        for path in [*folder.iterdir(), folder]:
            files.force(path)
        folder.chmod(0o755)
        folder.rename(root / version)
        files.force(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return version


def rebuild_index(version: str, *, root: Path | None = None) -> str:
    """Write a new version from a version's stored vectors, with a new index; return its name.

    Its own index file may be broken or missing. Raises ``BrokenArtifact`` if the rest is.
    """
    root = root or root_folder()
    manifest = files.verified(root / version, skip=index_class().file_name)
    return publish(
        files.read_embeddings(root / version, manifest), metrics=manifest["metrics"], root=root
    )


# --- reading ----------------------------------------------------------------------------------


def versions(root: Path | None = None) -> list[str]:
    """Return the names of all written versions, newest first, whole or broken since."""
    root = root or root_folder()
    if not root.is_dir():
        return []
    return sorted(
        (path.name for path in root.iterdir() if files.NAME.fullmatch(path.name)), reverse=True
    )


def verify(version: str, *, root: Path | None = None) -> None:
    """Read a version through. Raises ``BrokenArtifact`` unless every byte is as it was written."""
    folder = (root or root_folder()) / version
    files.open_folder(folder, files.verified(folder))


def load(version: str, *, root: Path | None = None) -> Artifact:
    """Return a version, verified once a process and then kept open.

    Raises ``BrokenArtifact``.
    """
    folder = (root or root_folder()) / version
    with _opening:
        if folder not in _opened:
            _opened[folder] = files.open_folder(folder, files.verified(folder))
        _opened.move_to_end(folder)
        while len(_opened) > OPEN:
            _opened.popitem(last=False)
        return _opened[folder]


# --- housekeeping -----------------------------------------------------------------------------


def prune(
    keep: int, active: str, *, needed: Collection[str] = (), root: Path | None = None
) -> list[str]:
    """Remove all but the newest ``keep`` versions, the active and needed ones; return what went.

    A process that still reads a removed version goes on reading it: its files are mapped.
    """
    root = root or root_folder()
    others = [version for version in versions(root) if version != active]
    gone = [version for version in others[max(keep - 1, 0) :] if version not in needed]
    for version in gone:
        # Renamed first, so that nobody sees a version with some of its files missing.
        doomed = root / f"{UNFINISHED}{version}"
        (root / version).rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
    if root.is_dir():
        _collect_abandoned(root)
    return gone


def _collect_abandoned(root: Path) -> None:
    """Remove what a killed writer left behind."""
    for path in root.glob(f"{UNFINISHED}*"):
        try:
            age = time.time() - path.stat().st_mtime
        except FileNotFoundError:
            continue
        if age > ABANDONED:
            shutil.rmtree(path, ignore_errors=True)
