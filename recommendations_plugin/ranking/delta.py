"""What came or changed since a model was trained, searched beside its index, which never changes.

A new item gets a vector from its facets and words. One that was edited keeps what viewers taught
the model of it, the more of them the more; for the rest it moves to where its new facets and words
are. Each process reads the changes as soon as a request tells it that there are some
(``Known.newest``); the next training takes them into the index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np

from .. import profile
from ..events import shelf
from ..events.shelf import Row
from ..index.artifacts import Artifact
from ..types import Words

#: Most changes that are looked at, the latest.
MOST = 2000
#: Changes are numbered as they begin and seen as they are committed: so many are read again.
OVERLAP = 500
#: Viewers of an edited item with whom its learned vector counts half.
HALF_KNOWN = 3.0
#: Items looked at to know how long a vector usually is.
SAMPLE = 1000
#: Versions of a model, each with its changes, that a process keeps.
KEPT = 4
#: Items whose neighbours are remembered in a process.
REMEMBERED = 1000

#: Facet keys of an item, by kind.
Facets = Mapping[str, list[str]]


@dataclass(frozen=True, eq=False)
class Delta:
    """A model and the items that changed after it was made, ``until`` the newest change."""

    artifact: Artifact
    since: int
    until: int
    rows: Mapping[str, Row] = field(default_factory=dict)
    #: What ``folded`` makes of an item in a version, as far as it was asked for.
    contents: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[str]:
        """The changed items that are live."""
        return [key for key, row in self.rows.items() if row.live]

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Where each of these is."""
        return {key: place for place, key in enumerate(self.keys)}

    @cached_property
    def replaced(self) -> np.ndarray:
        """Where the index has what changed, int64: nothing to be found there."""
        return self.artifact.positions(self.rows)

    @cached_property
    def items(self) -> np.ndarray:
        """How the live ones are found, float32 [m, d]."""
        found = np.zeros((len(self.keys), self.artifact.items.shape[1]), dtype=np.float32)
        for place, (key, learned) in enumerate(
            zip(self.keys, self.artifact.places(self.keys).tolist(), strict=True)
        ):
            row = self.rows[key]
            found[place] = content = self._content(row)
            if learned >= 0:
                trust = row.viewers / (row.viewers + HALF_KNOWN) if content.any() else 1.0
                found[place] = trust * self.artifact.items[learned] + (1 - trust) * content
        return found

    def _content(self, row: Row) -> np.ndarray:
        made = self.contents.get((row.key, row.version))
        if made is None:
            made = self.contents[row.key, row.version] = folded(self.artifact, row)
        return made

    def search(
        self, vector: np.ndarray, number: int, exclude: np.ndarray | None = None
    ) -> Sequence[str]:
        """Return the keys of the items nearest to a vector, best first, changed ones among them.

        ``exclude``: int64 positions in the model. Changed items are never excluded.
        """
        out = self.replaced if exclude is None else np.concatenate([exclude, self.replaced])
        positions, scores = self.artifact.index.search(vector, number, out)
        keys = self.artifact.item_keys.at(positions)
        if not self.keys:
            return keys
        both, keys = np.concatenate([scores, self.items @ vector]), [*keys, *self.keys]
        return [keys[place] for place in np.argsort(-both, kind="stable")[:number].tolist()]

    def item_vectors(self, rows: Sequence[Row]) -> np.ndarray:
        """Return how items are found, float32 [n, d]; zero where nothing at all is known."""
        positions = self.artifact.places(row.key for row in rows)
        found = _rows_at(self.artifact.items, positions)
        for place in np.flatnonzero(positions < 0).tolist():
            found[place] = folded(self.artifact, rows[place])
        own = self.place_of
        if changed := [place for place, row in enumerate(rows) if own and row.key in own]:
            found[changed] = self.items[[own[rows[place].key] for place in changed]]
        return found

    def pulls(self, keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return what items add to a viewer, float32 [n, d], and of which that is known, bool [n].

        A new item adds what its facets and words do.
        """
        positions = self.artifact.places(keys)
        found, known = _rows_at(self.artifact.pulls, positions), positions >= 0
        for place in np.flatnonzero(~known).tolist():
            if row := self.rows.get(keys[place]):
                words = self.artifact.words
                found[place] = _mean(self.artifact.facets, self.artifact, row.facet_keys)
                found[place] += _said(row, words, words.pulls) if words else 0
        return found, known | found.any(axis=1)

    def drawn_by(self, item: str) -> np.ndarray | None:
        """Return the vector of somebody who watched just this item, float32 [d], if it is known."""
        pulls, known = self.pulls([item])
        weights = known.astype(np.float32)
        return profile.viewer_vector(pulls, weights, self.artifact.blocks, self.artifact.projection)


_kept: dict[str, Delta] = {}


def delta(artifact: Artifact, newest: int) -> Delta:
    """Return a model with what changed since; one query where ``newest`` is a new change.

    A model that does not say when it was made starts from now.
    """
    known = _kept.get(artifact.version)
    if known is None or known.artifact is not artifact:
        since = newest if artifact.as_of is None else artifact.as_of
        known = Delta(artifact, since, since)
    if known.until < newest:
        rows = _rows(known)
        marks = [(row.key, row.version) for row in rows.values()]
        made = {mark: known.contents.get(mark) for mark in marks}
        contents = {mark: vector for mark, vector in made.items() if vector is not None}
        known = replace(known, until=newest, rows=rows, contents=contents)
    while len(_kept) >= KEPT and artifact.version not in _kept:
        _kept.pop(next(iter(_kept)), None)
    _kept[artifact.version] = known
    return known


def _rows(known: Delta) -> Mapping[str, Row]:
    since = max(known.since, known.until - OVERLAP)
    rows = {**known.rows, **shelf.changed(since, MOST, known.rows)}
    latest = sorted(rows.values(), key=lambda row: row.version)[-MOST:]
    return {row.key: row for row in latest}


def folded(artifact: Artifact, row: Row) -> np.ndarray:
    """Return how a new item is found, float32 [d]: as items of its facets and words are.

    The direction that these together mean, at a usual length.
    """
    mean, words = _mean(artifact.facet_items, artifact, row.facet_keys), artifact.words
    if words is not None:
        mean = mean + _said(row, words, words.items)
    return profile.directions(mean) * usual_length(artifact)


def _said(row: Row, words: Words, vectors: np.ndarray) -> np.ndarray:
    """Return what an item's words say beyond its facets, float32 [d], by the vectors of words."""
    columns = np.array(row.words, dtype=np.int64)
    weights = words.weights[columns]
    return np.asarray(profile.directions(weights) @ vectors[columns])


def _rows_at(vectors: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return a copy of the rows at positions, int64 [n]; zero for those below 0. float32 [n, d]."""
    if not len(vectors):
        return np.zeros((len(positions), vectors.shape[1]), dtype=np.float32)
    found = np.take(vectors, np.maximum(positions, 0), axis=0)
    found[positions < 0] = 0
    return found


def _mean(vectors: np.ndarray, artifact: Artifact, facets: Facets) -> np.ndarray:
    """Return the mean of the facets' vectors, float32 [d]; zero where none is known."""
    places = artifact.facet_places(chain.from_iterable(facets.values()))
    known = places[places >= 0]
    if not len(known):
        return np.zeros(vectors.shape[1], dtype=np.float32)
    return np.asarray(vectors[known].mean(axis=0))


@lru_cache(maxsize=KEPT)
def usual_length(artifact: Artifact) -> float:
    """Return the median length of item vectors: a new item is neither praised nor punished."""
    if not len(artifact.items):
        return 0.0
    step = max(1, len(artifact.items) // SAMPLE)
    return float(np.median(np.linalg.norm(artifact.items[::step], axis=1)))


@lru_cache(maxsize=REMEMBERED)
def neighbours(model: Delta, item: str, number: int) -> Sequence[str]:
    """Return the keys of the items nearest to one, best first; none for one that is unknown.

    Many viewers come from the same item: a process remembers some.
    """
    vector = model.drawn_by(item)
    return [] if vector is None else model.search(vector, number)
