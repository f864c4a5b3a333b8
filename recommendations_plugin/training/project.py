"""Shorter vectors of items that give nearly the same scores.

A model is as long as its encoders together; an index of so many numbers may be more than a site
wants to keep in memory. Only what is indexed shrinks: a viewer is made in full, then projected.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from ..types import Embeddings, Snapshot
from .dataset import histories
from .scorers import viewer_vectors

#: Viewers whose scores are to stay as they are, at most, and how many are made at once.
ASKED, BATCH = 8000, 500
#: What typical viewers have less than this share of (squared) is rounding.
SMALLEST = 1e-8


def projected(embeddings: Embeddings, snapshot: Snapshot, dimension: int) -> Embeddings:
    """Return the model with items of ``dimension`` numbers, or as it is where it has no more.

    Of all such vectors these change the snapshot's viewers' scores least, in squares: the leading
    singular vectors of the matrix of scores (Eckart and Young, "The Approximation of One Matrix by
    Another of Lower Rank", Psychometrika 1936), which is never made.
    """
    if embeddings.items.shape[1] <= dimension:
        return embeddings
    squares, rotation = np.linalg.eigh(_gram(embeddings, snapshot))
    used = squares > SMALLEST * max(squares[-1], SMALLEST)
    root = rotation[:, used] * squares[used] ** 0.5
    items = (embeddings.items.T @ embeddings.items).astype(np.float64)
    _energy, leading = np.linalg.eigh(root.T @ items @ root)
    leading = leading[:, ::-1][:, :dimension]
    to_items = (root @ leading).astype(np.float32)
    to_viewers = (rotation[:, used] / squares[used] ** 0.5 @ leading).astype(np.float32)
    return replace(
        embeddings,
        items=embeddings.items @ to_items,
        facet_items=embeddings.facet_items @ to_items,
        projection=to_viewers,
    )


def _gram(embeddings: Embeddings, snapshot: Snapshot) -> np.ndarray:
    """Return the mean product of viewers' numbers, float64 [d, d]."""
    parameters = embeddings.parameters
    history = histories(snapshot, parameters["half_life"], parameters["history"])
    busy = np.flatnonzero(np.diff(history.indptr) > 0)
    asked = busy[:: max(1, -(-len(busy) // ASKED))]
    gram = np.zeros([embeddings.pulls.shape[1]] * 2)
    for start in range(0, len(asked), BATCH):
        viewers = viewer_vectors(embeddings, sp.csr_array(history[asked[start : start + BATCH]]))
        gram += viewers.T @ viewers
    return gram / max(len(asked), 1)
