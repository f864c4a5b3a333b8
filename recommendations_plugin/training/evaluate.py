"""How good vectors are: all items ranked for every viewer, training items masked.

The metrics are pure functions over arrays. ``hits`` is bool [viewers, k]: whether the viewer's
k-th recommendation is one of their held-out items; ``relevant`` is int64 [viewers], how many of
these there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

from ..types import Embeddings, Snapshot
from .dataset import Heldout, histories
from .encoders.base import Block

#: Scores, float32 [v, items], for int64 [v] viewers.
Scorer = Callable[[np.ndarray], np.ndarray]

#: Most scores held at once.
BATCH_SCORES = 2**23


def recall(hits: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Return the share of each viewer's held-out items that were found, float64 [viewers]."""
    return hits.sum(axis=1) / relevant


def ndcg(hits: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Return each viewer's discounted gain over the best possible one, float64 [viewers].

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.
    """
    k = hits.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(discount)[np.minimum(relevant, k) - 1]
    return (hits * discount).sum(axis=1) / best


def coverage(shown: np.ndarray, items: int) -> float:
    """Return the share of all items that appear in ``shown``, positions of any shape."""
    return len(np.unique(shown)) / max(items, 1)


def novelty(shown: np.ndarray, viewers_of_item: np.ndarray, viewers: int) -> float:
    """Return the mean self-information of what is shown, in bits: seldom watched items are novel.

    Zhou et al., "Solving the apparent diversity-accuracy dilemma", PNAS 2010. ``shown``: positions
    of any shape; ``viewers_of_item``: int64 [items].
    """
    if shown.size == 0:
        return 0.0
    share = np.maximum(viewers_of_item[shown], 1) / max(viewers, 1)
    return float(np.mean(-np.log2(share)))


def best_first(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the positions of the ``k`` largest scores in each row, best first, int64 [v, k]."""
    k = min(k, scores.shape[1])
    top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def judge(train: Snapshot, heldout: Heldout, scorer: Scorer, k: int = 20) -> dict[str, float]:
    """Return recall, NDCG, coverage and novelty at ``k`` of any scorer, means over viewers.

    Empty where nothing was held out. Memory is bounded by ``BATCH_SCORES``.
    """
    if len(heldout) == 0:
        return {}
    items = len(train.item_keys)
    relevant = _sets(train, heldout.viewer, heldout.item)
    seen = _sets(train, train.viewer, train.item)
    viewers = np.unique(heldout.viewer)
    hits, shown = np.zeros((len(viewers), k), dtype=bool), []
    step = max(1, BATCH_SCORES // items)
    for start in range(0, len(viewers), step):
        batch = viewers[start : start + step]
        scores = scorer(batch).astype(np.float32)
        scores[seen[batch].nonzero()] = -np.inf
        top = best_first(scores, k)
        found = relevant[batch].toarray()[np.arange(len(batch))[:, None], top] > 0
        hits[start : start + step, : top.shape[1]] = found
        shown.append(top[np.isfinite(np.take_along_axis(scores, top, axis=1))])
    counts = np.diff(relevant.indptr)[viewers]
    everything = np.concatenate(shown)
    return {
        f"recall@{k}": float(recall(hits, counts).mean()),
        f"ndcg@{k}": float(ndcg(hits, counts).mean()),
        f"coverage@{k}": coverage(everything, items),
        f"novelty@{k}": novelty(everything, viewers_of_items(train), len(train.viewer_keys)),
    }


def _sets(train: Snapshot, viewer: np.ndarray, item: np.ndarray) -> sp.csr_array:
    shape = (len(train.viewer_keys), len(train.item_keys))
    return sp.csr_array((np.ones(len(viewer), dtype=bool), (viewer, item)), shape=shape)


def viewers_of_items(train: Snapshot) -> np.ndarray:
    """Return how many viewers engaged with each item, int64 [items]."""
    return np.bincount(train.item[~train.dismissed], minlength=len(train.item_keys))


def popularity(train: Snapshot) -> Scorer:
    """Return the baseline that shows everybody what most viewers engaged with."""
    counts = viewers_of_items(train).astype(np.float32)
    return lambda viewers: np.tile(counts, (len(viewers), 1))


def model_scorer(embeddings: Embeddings, train: Snapshot) -> Scorer:
    """Return the model as it is served: viewer vectors of the histories in ``train``."""
    parameters = embeddings.parameters
    history = histories(train, parameters["half_life"], parameters["history"])
    pulls = torch.from_numpy(np.concatenate([embeddings.pulls, embeddings.facets]))
    widths = [block["dimension"] for block in parameters["blocks"]]
    blocks = [
        Block.plain(own.contiguous(), block["alpha"])
        for block, own in zip(parameters["blocks"], pulls.split(widths, dim=1), strict=True)
    ]

    def score(viewers: np.ndarray) -> np.ndarray:
        own = sp.csr_array(history[viewers])
        vectors = torch.cat([block.viewers(own) for block in blocks], dim=1)
        return vectors.numpy() @ embeddings.items.T

    return score


def evaluate(
    embeddings: Embeddings, train: Snapshot, heldout: Heldout, k: int = 20
) -> dict[str, float]:
    """Return the metrics of the model on what was held out (see ``judge``)."""
    return judge(train, heldout, model_scorer(embeddings, train), k)


def report(
    embeddings: Embeddings, train: Snapshot, heldout: Heldout, k: int = 20
) -> dict[str, Any]:
    """Return the model's metrics beside popularity's, and how much they were measured on."""
    return {
        **evaluate(embeddings, train, heldout, k),
        "popularity": judge(train, heldout, popularity(train), k),
        "viewers": len(np.unique(heldout.viewer)),
        "interactions": len(heldout),
    }
