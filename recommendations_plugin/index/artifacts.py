"""Trained vectors on disk: written whole or not at all, verified before they are served.

A version is a folder that never changes::

    20261123T112548.123456Z-3f9c2ab81d07/   time and sha256 of the manifest
        manifest.json   schema, counts, parameters, metrics, sha256 of every other file
        items.npy       float32 [n, d]
        pulls.npy       float32 [n, D]
        facets.npy      float32 [m, D]
        facet_items.npy float32 [m, d]
        projection.npy  float32 [D, d], where items are shorter than pulls
        likely.npy      int32 [n + m, k], categories that items and facets are likely of
        confidence.npy  float32 [n + m, k]
        words.npy       float32 [h, d], what words say of an item beyond its facets
        word_pulls.npy  float32 [h, D]
        word_weights.npy float32 [h]
        item_keys.npy   bytes [n], the items' keys
        item_places.npy uint32 [2, n], by which they are found (``keys``)
        keys.json       facet keys, in the order of the rows
        index.faiss     what ``conf.settings.INDEX`` made of the items

It is written beside under another name, forced to disk and renamed once, so a reader sees the
whole of it or nothing. No file is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
from django.conf import settings as django_settings

from .. import conf
from ..types import Affinity, Embeddings, Words
from ..words import HASHED
from .base import Index, index_class
from .keys import Keys, arrays

#: Raised with every change that older code cannot read; and what this code reads.
SCHEMA, READABLE = 4, {2, 3, 4}
MANIFEST, KEYS = "manifest.json", "keys.json"
#: Up to schema 2 item keys stood in ``KEYS``.
ITEM_KEYS, ITEM_PLACES = "item_keys.npy", "item_places.npy"
ITEMS, PULLS = "items.npy", "pulls.npy"
FACETS, FACET_ITEMS = "facets.npy", "facet_items.npy"
#: Only where the model knows which categories things are likely of.
LIKELY, CONFIDENCE = "likely.npy", "confidence.npy"
#: Only where the model learned words.
WORDS, WORD_PULLS, WORD_WEIGHTS = "words.npy", "word_pulls.npy", "word_weights.npy"
#: Only where items' vectors are shorter than pulls.
PROJECTION = "projection.npy"
#: What not every model has; where it stands in the manifest it has to be whole.
OPTIONAL = {
    *(LIKELY, CONFIDENCE, ITEM_KEYS, ITEM_PLACES, PROJECTION),
    *(WORDS, WORD_PULLS, WORD_WEIGHTS),
}
UNFINISHED = ".writing-"
#: Hexadecimal digits of the manifest's sha256 in a version's name.
HASH = 12
#: Seconds after which an unfinished folder belongs to nobody any more.
ABANDONED = 24 * 3600
#: Versions kept open in a process: the active one and the one before.
OPEN = 2

_NAME = re.compile(rf"\d{{8}}T\d{{6}}\.\d{{6}}Z-[0-9a-f]{{{HASH}}}")
_opened: OrderedDict[Path, Artifact] = OrderedDict()
_opening = threading.Lock()


class BrokenArtifact(Exception):
    """A version that must not be served; the message says why, for a human."""


@dataclass(frozen=True, slots=True, eq=False)
class Artifact:
    """A verified version, its vectors memory-mapped."""

    version: str
    item_keys: Keys
    items: np.ndarray  # float32 [n, d], how items are found
    pulls: np.ndarray  # float32 [n, D], what they add to a viewer (``profile.shares``)
    facet_keys: Keys
    facets: np.ndarray  # float32 [m, D], what they add to a viewer
    facet_items: np.ndarray  # float32 [m, d], how their items are found on average
    projection: np.ndarray | None  # float32 [D, d], of viewers to items
    affinity: Affinity | None
    words: Words | None
    index: Index
    manifest: Mapping[str, Any]

    @property
    def half_life(self) -> float:
        """What ``profile.interaction_weights`` is to be told for this model."""
        return float(self.manifest["parameters"].get("half_life", 0.0))

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """What ``profile.shares`` is to be told for this model."""
        return self.manifest["parameters"]["blocks"]

    @property
    def as_of(self) -> int | None:
        """The version of items up to which it knows all; None where it does not say."""
        return self.manifest["parameters"].get("as_of")

    def places(self, keys: Iterable[str]) -> np.ndarray:
        """Return where each of the items is, int64; -1 for one that the model does not know."""
        return self.item_keys.places(keys)

    def facet_places(self, keys: Iterable[str]) -> np.ndarray:
        """Return where each of the facets is, int64; -1 for one that the model does not know."""
        return self.facet_keys.places(keys)

    def positions(self, keys: Iterable[str]) -> np.ndarray:
        """Return where those of the items are that the model knows, int64."""
        found = self.places(keys)
        return found[found >= 0]

    @property
    def embeddings(self) -> Embeddings:
        """What was published."""
        return Embeddings(
            item_keys=self.item_keys,
            items=self.items,
            facet_keys=self.facet_keys,
            facets=self.facets,
            pulls=self.pulls,
            facet_items=self.facet_items,
            parameters=self.manifest["parameters"],
            affinity=self.affinity,
            projection=self.projection,
            words=self.words,
        )

    def likely(self, key: str) -> dict[str, float]:
        """Return which categories an item, creator or tag is likely of: facet key → confidence."""
        row, facet = self.item_keys.get(key), self.facet_keys.get(key)
        if row is None and facet is not None:
            row = len(self.item_keys) + facet
        if row is None or self.affinity is None:
            return {}
        names = (self.facet_keys[position] for position in self.affinity.labels[row])
        return dict(zip(names, self.affinity.confidence[row].tolist(), strict=True))

    def item_pull(self, key: str) -> np.ndarray | None:
        """Return what an item adds to a viewer, float32 [d], or None for one after training."""
        position = self.item_keys.get(key)
        return None if position is None else self.pulls[position]

    def item_vector(self, key: str) -> np.ndarray | None:
        """Return how an item is found, float32 [d], or None for one that came after training."""
        position = self.item_keys.get(key)
        return None if position is None else self.items[position]

    def facet_vector(self, key: str) -> np.ndarray | None:
        """Return what a facet adds to a viewer, float32 [d], or None if training knew it not."""
        position = self.facet_keys.get(key)
        return None if position is None else self.facets[position]

    def facet_item(self, key: str) -> np.ndarray | None:
        """Return how a facet's items are found, float32 [d], or None if training knew it not."""
        position = self.facet_keys.get(key)
        return None if position is None else self.facet_items[position]


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
    _check(embeddings)
    root = root or root_folder()
    root.mkdir(parents=True, exist_ok=True)
    _collect_abandoned(root)
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
    try:
        now = datetime.now(UTC)
        _write_vectors(folder, embeddings)
        _write_json(folder / MANIFEST, _manifest(folder, now, embeddings, metrics))
        version = f"{now:%Y%m%dT%H%M%S.%fZ}-{_sha256(folder / MANIFEST)[:HASH]}"
        for path in [*folder.iterdir(), folder]:
            _sync(path)
        folder.chmod(0o755)
        folder.rename(root / version)
        _sync(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return version


def rebuild_index(version: str, *, root: Path | None = None) -> str:
    """Write a new version from a version's stored vectors, with a new index; return its name.

    Its own index file may be broken or missing. Raises ``BrokenArtifact`` if the rest is.
    """
    root = root or root_folder()
    manifest = _verified(root / version, skip=index_class().file_name)
    return publish(
        _read_embeddings(root / version, manifest), metrics=manifest["metrics"], root=root
    )


def _check(embeddings: Embeddings) -> None:
    pairs = (
        (embeddings.items, embeddings.item_keys),
        (embeddings.pulls, embeddings.item_keys),
        (embeddings.facets, embeddings.facet_keys),
        (embeddings.facet_items, embeddings.facet_keys),
    )
    for vectors, keys in pairs:
        if vectors.ndim != 2 or len(vectors) != len(keys):
            raise ValueError(f"{len(keys)} keys do not fit vectors of shape {vectors.shape}.")
        if not np.isfinite(vectors).all():
            raise ValueError("Some vectors are not finite numbers.")
    lengths = tuple(vectors.shape[1] for vectors, _keys in pairs)
    if lengths != _lengths(embeddings.items.shape[1], embeddings.projection):
        raise ValueError(f"Vectors of lengths {lengths} do not fit each other.")
    if embeddings.words is not None:
        _check_words(embeddings.words, lengths[:2])


def _check_words(words: Words, lengths: tuple[int, ...]) -> None:
    """Raise ``ValueError`` unless words have vectors of the lengths of items and pulls."""
    columns = len(words.weights)
    shapes = [array.shape for array in (words.weights, words.items, words.pulls)]
    if shapes != [(columns,), (columns, lengths[0]), (columns, lengths[1])] or columns != HASHED:
        raise ValueError(f"Words of shapes {shapes} do not fit.")
    if not all(np.isfinite(array).all() for array in (words.weights, words.items, words.pulls)):
        raise ValueError("Some words' vectors are not finite numbers.")


def _lengths(dimension: int, projection: np.ndarray | None) -> tuple[int, int, int, int]:
    """Return how long vectors of items, their pulls, facets and their items are to be.

    Raises ``ValueError`` for a projection that leads elsewhere.
    """
    if projection is None:
        return (dimension,) * 4
    longer, shorter = projection.shape
    if shorter != dimension:
        raise ValueError(f"A projection to {shorter} numbers does not fit {dimension}.")
    return dimension, longer, longer, dimension


def _write_vectors(folder: Path, embeddings: Embeddings) -> None:
    """Write everything but the manifest."""
    named = (
        (ITEMS, embeddings.items),
        (PULLS, embeddings.pulls),
        (FACETS, embeddings.facets),
        (FACET_ITEMS, embeddings.facet_items),
    )
    for name, vectors in named:
        np.save(folder / name, np.ascontiguousarray(vectors, dtype=np.float32), allow_pickle=False)
    if embeddings.projection is not None:
        np.save(folder / PROJECTION, embeddings.projection, allow_pickle=False)
    if embeddings.affinity is not None:
        np.save(folder / LIKELY, embeddings.affinity.labels, allow_pickle=False)
        np.save(folder / CONFIDENCE, embeddings.affinity.confidence, allow_pickle=False)
    if (words := embeddings.words) is not None:
        arrays_of = (words.items, words.pulls, words.weights)
        for name, array in zip((WORDS, WORD_PULLS, WORD_WEIGHTS), arrays_of, strict=True):
            np.save(folder / name, array, allow_pickle=False)
    for name, array in zip((ITEM_KEYS, ITEM_PLACES), arrays(embeddings.item_keys), strict=True):
        np.save(folder / name, array, allow_pickle=False)
    _write_json(folder / KEYS, {"facets": list(embeddings.facet_keys)})
    index_class().build(embeddings.items).write(folder)


def _manifest(
    folder: Path, now: datetime, embeddings: Embeddings, metrics: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "created_at": now.isoformat(),
        "dimension": int(embeddings.items.shape[1]),
        "items": len(embeddings.item_keys),
        "facets": len(embeddings.facet_keys),
        "parameters": dict(embeddings.parameters),
        "metrics": dict(metrics),
        "sha256": {path.name: _sha256(path) for path in sorted(folder.iterdir())},
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, allow_nan=False), encoding="utf-8")


def _sync(path: Path) -> None:
    """Force a file or folder to disk; Windows knows no such thing for folders."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- reading ----------------------------------------------------------------------------------


def versions(root: Path | None = None) -> list[str]:
    """Return the names of all written versions, newest first, whole or broken since."""
    root = root or root_folder()
    if not root.is_dir():
        return []
    return sorted(
        (path.name for path in root.iterdir() if _NAME.fullmatch(path.name)), reverse=True
    )


def verify(version: str, *, root: Path | None = None) -> None:
    """Read a version through. Raises ``BrokenArtifact`` unless every byte is as it was written."""
    folder = (root or root_folder()) / version
    _open(folder, _verified(folder))


def load(version: str, *, root: Path | None = None) -> Artifact:
    """Return a version, verified once a process and then kept open.

    Raises ``BrokenArtifact``.
    """
    folder = (root or root_folder()) / version
    with _opening:
        if folder not in _opened:
            _opened[folder] = _open(folder, _verified(folder))
        _opened.move_to_end(folder)
        while len(_opened) > OPEN:
            _opened.popitem(last=False)
        return _opened[folder]


def _verified(folder: Path, skip: str = "") -> dict[str, Any]:
    """Return the manifest of a folder whose files all are what it says, but for ``skip``."""
    if not _NAME.fullmatch(folder.name):
        raise BrokenArtifact(f"{folder.name!r} is not the name of a version.")
    manifest = _read_manifest(folder)
    required = {ITEMS, PULLS, FACETS, FACET_ITEMS, KEYS, index_class().file_name}
    required |= OPTIONAL & manifest["sha256"].keys()
    for name in sorted(required - {skip}):
        expected = manifest["sha256"].get(name)
        if expected is None:
            raise BrokenArtifact(f"{name} is not in the manifest of {folder.name}.")
        try:
            actual = _sha256(folder / name)
        except OSError as error:
            raise BrokenArtifact(f"{name} cannot be read: {error.strerror}.") from error
        if actual != expected:
            raise BrokenArtifact(f"{name} is not the file that was written (its checksum differs).")
    return manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest that the folder is named after; what it says is then to be trusted."""
    try:
        written = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise BrokenArtifact(f"{MANIFEST} cannot be read: {error.strerror}.") from error
    if not folder.name.endswith(hashlib.sha256(written).hexdigest()[:HASH]):
        raise BrokenArtifact(f"{MANIFEST} is not the one that was written (its checksum differs).")
    manifest: dict[str, Any] = json.loads(written)
    if manifest["schema"] not in READABLE:
        *others, newest = map(str, sorted(READABLE))
        readable = f"{', '.join(others)} and {newest}"
        raise BrokenArtifact(f"It is of schema {manifest['schema']}; this code reads {readable}.")
    return manifest


def _read_embeddings(folder: Path, manifest: Mapping[str, Any]) -> Embeddings:
    """Return the stored vectors, memory-mapped; raise unless they and their keys fit."""
    try:
        items, pulls, facets, facet_items = (
            _mapped(folder / name) for name in (ITEMS, PULLS, FACETS, FACET_ITEMS)
        )
        keys = json.loads((folder / KEYS).read_bytes())
        item_keys, facet_keys = _item_keys(folder, keys), Keys.of(keys["facets"])
        affinity = _read_affinity(folder) if LIKELY in manifest["sha256"] else None
        shortened = PROJECTION in manifest["sha256"]
        projection = np.load(folder / PROJECTION, allow_pickle=False) if shortened else None
        lengths = _lengths(manifest["dimension"], projection)
        words = _read_words(folder, lengths[:2]) if WORDS in manifest["sha256"] else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenArtifact(f"Vectors or keys cannot be read: {error}") from error
    for (what, vectors, named), length in zip(
        (
            ("items", items, item_keys),
            ("items", pulls, item_keys),
            ("facets", facets, facet_keys),
            ("facets", facet_items, facet_keys),
        ),
        lengths,
        strict=True,
    ):
        shape = (manifest[what], length)
        if vectors.shape != shape:
            raise BrokenArtifact(f"{what}: vectors of shape {vectors.shape}, expected {shape}.")
        if len(named) != len(vectors):
            raise BrokenArtifact(f"{what}: {len(named)} keys for {len(vectors)} vectors.")
    return Embeddings(
        item_keys,
        items,
        facet_keys,
        facets,
        pulls,
        facet_items,
        manifest["parameters"],
        affinity,
        projection,
        words,
    )


def _read_affinity(folder: Path) -> Affinity:
    return Affinity(_mapped(folder / LIKELY), _mapped(folder / CONFIDENCE))


def _read_words(folder: Path, lengths: tuple[int, ...]) -> Words:
    words = Words(*(_mapped(folder / name) for name in (WORD_WEIGHTS, WORDS, WORD_PULLS)))
    _check_words(words, lengths)
    return words


def _item_keys(folder: Path, keys: Mapping[str, Any]) -> Keys:
    if "items" in keys:
        return Keys.of(keys["items"])
    return Keys(_mapped(folder / ITEM_KEYS), _mapped(folder / ITEM_PLACES))


def _mapped(path: Path) -> np.ndarray:
    """Return a stored array, memory-mapped; as a plain one, whose rows are read much faster."""
    return np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)


def _open(folder: Path, manifest: Mapping[str, Any]) -> Artifact:
    embeddings = _read_embeddings(folder, manifest)
    try:
        index = index_class().open(folder)
    except (OSError, RuntimeError) as error:
        raise BrokenArtifact(f"The index cannot be opened: {error}") from error
    if len(index) != len(embeddings.item_keys):
        raise BrokenArtifact(f"The index has {len(index)} items, the keys {manifest['items']}.")
    return Artifact(
        version=folder.name,
        item_keys=cast(Keys, embeddings.item_keys),
        items=embeddings.items,
        pulls=embeddings.pulls,
        facet_keys=cast(Keys, embeddings.facet_keys),
        facets=embeddings.facets,
        facet_items=embeddings.facet_items,
        projection=embeddings.projection,
        affinity=embeddings.affinity,
        words=embeddings.words,
        index=index,
        manifest=manifest,
    )


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
