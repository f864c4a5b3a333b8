"""The vectors of candidates: the model's own, and for newer items what their facets say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from .. import profile
from ..events.shelf import Row
from ..index.artifacts import Artifact

#: Items looked at to know how long a vector usually is.
SAMPLE = 1000

#: Items whose neighbours are remembered in a process.
REMEMBERED = 1000

#: Facet keys of an item, by kind.
Facets = Mapping[str, list[str]]


def item_vectors(artifact: Artifact, rows: Sequence[Row]) -> np.ndarray:
    """Return how items are found, float32 [n, d].

    An item that the model has not seen yet gets the direction that its facets together mean, and a
    usual length. Zero where no facet is known either.
    """
    positions = artifact.places(row.key for row in rows)
    found = np.zeros((len(rows), artifact.items.shape[1]), dtype=np.float32)
    known = positions >= 0
    found[known] = artifact.items[positions[known]]
    for place in np.flatnonzero(~known).tolist():
        found[place] = folded(artifact, rows[place].facet_keys)
    return found


def folded(artifact: Artifact, facets: Facets) -> np.ndarray:
    """Return how a new item is found, float32 [d]: as the items of its facets are."""
    vectors = [artifact.facet_item(key) for key in chain.from_iterable(facets.values())]
    known = [vector for vector in vectors if vector is not None]
    if not known:
        return np.zeros(artifact.items.shape[1], dtype=np.float32)
    return profile.directions(np.mean(known, axis=0)) * usual_length(artifact)


def drawn_by(artifact: Artifact, item: str, facets: Facets | None = None) -> np.ndarray | None:
    """Return the vector of somebody who watched just this item, float32 [d], or None if unknown.

    ``facets``: what stands for an item that the model has not seen yet.
    """
    own = artifact.item_pull(item)
    pulls = [own] if own is not None else []
    if own is None and facets:
        named = map(artifact.facet_vector, chain.from_iterable(facets.values()))
        pulls = [pull for pull in named if pull is not None]
    return profile.viewer_vector(np.array(pulls), np.ones(len(pulls)), artifact.blocks)


@lru_cache(maxsize=REMEMBERED)
def neighbours(artifact: Artifact, item: str, number: int) -> Sequence[str]:
    """Return the keys of the items nearest to one, best first; none for one that is unknown.

    Many viewers come from the same item: a process remembers some.
    """
    vector = drawn_by(artifact, item)
    if vector is None:
        return []
    positions, _scores = artifact.index.search(vector, number)
    return [artifact.item_keys[position] for position in positions.tolist()]


@lru_cache(maxsize=4)
def usual_length(artifact: Artifact) -> float:
    """Return the median length of item vectors: a new item is neither praised nor punished."""
    if not len(artifact.items):
        return 0.0
    step = max(1, len(artifact.items) // SAMPLE)
    return float(np.median(np.linalg.norm(artifact.items[::step], axis=1)))
