"""The files of one version: which there are, how they are written, and how they are verified.

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

No file is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..types import Affinity, Embeddings, Words
from ..words import HASHED
from .artifact import Artifact
from .base import index_class
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
#: Hexadecimal digits of the manifest's sha256 in a version's name.
HASH = 12
#: What a version is called.
NAME = re.compile(rf"\d{{8}}T\d{{6}}\.\d{{6}}Z-[0-9a-f]{{{HASH}}}")


class BrokenArtifact(Exception):
    """A version that must not be served; the message says why, for a human."""


# --- writing ----------------------------------------------------------------------------------


def check(embeddings: Embeddings) -> None:
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


def write_vectors(folder: Path, embeddings: Embeddings) -> None:
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
    write_json(folder / KEYS, {"facets": list(embeddings.facet_keys)})
    index_class().build(embeddings.items).write(folder)


def manifest_of(
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
        "sha256": {path.name: sha256(path) for path in sorted(folder.iterdir())},
    }


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, allow_nan=False), encoding="utf-8")


def force(path: Path) -> None:
    """Force a file or folder to disk; Windows knows no such thing for folders."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- reading ----------------------------------------------------------------------------------


def verified(folder: Path, skip: str = "") -> dict[str, Any]:
    """Return the manifest of a folder whose files all are what it says, but for ``skip``."""
    if not NAME.fullmatch(folder.name):
        raise BrokenArtifact(f"{folder.name!r} is not the name of a version.")
    manifest = _read_manifest(folder)
    required = {ITEMS, PULLS, FACETS, FACET_ITEMS, KEYS, index_class().file_name}
    required |= OPTIONAL & manifest["sha256"].keys()
    for name in sorted(required - {skip}):
        expected = manifest["sha256"].get(name)
        if expected is None:
            raise BrokenArtifact(f"{name} is not in the manifest of {folder.name}.")
        try:
            actual = sha256(folder / name)
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


def read_embeddings(folder: Path, manifest: Mapping[str, Any]) -> Embeddings:
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


def open_folder(folder: Path, manifest: Mapping[str, Any]) -> Artifact:
    embeddings = read_embeddings(folder, manifest)
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
