"""What items score for viewers: by popularity, and by a model as it is served."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
import torch

from ..types import Embeddings, Snapshot
from .dataset import histories
from .encoders.base import Block

#: Scores, float32 [v, items], for int64 [v] viewers.
Scorer = Callable[[np.ndarray], np.ndarray]


def viewers_of_items(train: Snapshot) -> np.ndarray:
    """Return how many viewers engaged with each item, int64 [items]."""
    return np.bincount(train.item[~train.dismissed], minlength=len(train.item_keys))


def popularity(train: Snapshot) -> Scorer:
    """Return the baseline that shows everybody what most viewers engaged with."""
    counts = viewers_of_items(train).astype(np.float32)
    return lambda viewers: np.tile(counts, (len(viewers), 1))


def viewer_vectors(embeddings: Embeddings, history: sp.csr_array) -> np.ndarray:
    """Return viewers as serving makes them, float32 [v, d]; ``history``: see ``histories``."""
    items = len(embeddings.items)
    columns, positions = np.unique(history.indices, return_inverse=True)
    shape = (history.shape[0], len(columns))
    own = sp.csr_array((history.data, positions, history.indptr), shape=shape)
    # Only what these viewers know: a copy of all pulls would take as much as the model.
    facets = columns[columns >= items] - items
    pulls = np.concatenate([embeddings.pulls[columns[columns < items]], embeddings.facets[facets]])
    blocks = embeddings.parameters["blocks"]
    parts = torch.from_numpy(pulls).split([block["dimension"] for block in blocks], dim=1)
    vectors = [
        Block.plain(part.contiguous(), block["alpha"]).viewers(own)
        for block, part in zip(blocks, parts, strict=True)
    ]
    made = torch.cat(vectors, dim=1).numpy()
    return made if embeddings.projection is None else made @ embeddings.projection


def model_scorer(embeddings: Embeddings, train: Snapshot) -> Scorer:
    """Return the model as it is served: viewer vectors of the histories in ``train``."""
    parameters = embeddings.parameters
    history = histories(train, parameters["half_life"], parameters["history"])
    return lambda viewers: (
        viewer_vectors(embeddings, sp.csr_array(history[viewers])) @ embeddings.items.T
    )
