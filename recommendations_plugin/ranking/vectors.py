"""The vectors of candidates: the model's own, and for newer items what their facets say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from .. import profile
from ..index.artifacts import Artifact

#: Items looked at to know how long a vector usually is.
SAMPLE = 1000


def item_vectors(
    artifact: Artifact, keys: Sequence[str], facets: Sequence[Mapping[str, list[str]]]
) -> np.ndarray:
    """Return the vectors of items, float32 [n, d].

    An item that the model has not seen yet gets the direction of its facets together, as training
    gives to items nobody has engaged with, and a usual length. Zero where no facet is known either.
    """
    found = np.zeros((len(keys), artifact.items.shape[1]), dtype=np.float32)
    for row, (key, its_facets) in enumerate(zip(keys, facets, strict=True)):
        vector = artifact.item_vector(key)
        found[row] = folded(artifact, its_facets) if vector is None else vector
    return found


def folded(artifact: Artifact, facets: Mapping[str, list[str]]) -> np.ndarray:
    """Return the vector of a new item from its facets' vectors, float32 [d]."""
    vectors = [artifact.facet_vector(key) for key in chain.from_iterable(facets.values())]
    known = np.array([vector for vector in vectors if vector is not None], dtype=np.float32)
    direction = profile.viewer_vector(known, np.ones(len(known)))
    if direction is None:
        return np.zeros(artifact.items.shape[1], dtype=np.float32)
    return direction * usual_length(artifact)


@lru_cache(maxsize=4)
def usual_length(artifact: Artifact) -> float:
    """Return the median length of item vectors: a new item is neither praised nor punished."""
    if not len(artifact.items):
        return 0.0
    step = max(1, len(artifact.items) // SAMPLE)
    return float(np.median(np.linalg.norm(artifact.items[::step], axis=1)))
