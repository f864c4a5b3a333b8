"""How good vectors are: all items ranked for every viewer, training items masked.

The metrics are pure functions over arrays. ``hits`` is bool [viewers, k]: whether the viewer's
k-th recommendation is one of their held-out items; ``relevant`` is int64 [viewers], how many of
these there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

from ..types import Embeddings, Snapshot
from .dataset import Heldout, histories
from .encoders.base import Block

#: Scores, float32 [v, items], for int64 [v] viewers.
Scorer = Callable[[np.ndarray], np.ndarray]

#: Kinds of viewers: from how many known interactions, and below how many.
SEGMENTS = {"new": (0, 10), "casual": (10, 50), "heavy": (50, 2**62)}
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


@dataclass(frozen=True, slots=True)
class Judged:
    """What a scorer shows each viewer of whom something was held out."""

    viewers: np.ndarray  # int64 [v]
    hits: np.ndarray  # bool [v, k]
    counts: np.ndarray  # int64 [v], how much was held out
    shown: np.ndarray  # int64, positions shown to anybody

    @property
    def recall(self) -> np.ndarray:
        """Recall of each viewer, float64 [v]."""
        return recall(self.hits, self.counts)

    @property
    def ndcg(self) -> np.ndarray:
        """NDCG of each viewer, float64 [v]."""
        return ndcg(self.hits, self.counts)


def shown_to(train: Snapshot, heldout: Heldout, scorer: Scorer, k: int = 20) -> Judged:
    """Return what a scorer shows at ``k``. Memory is bounded by ``BATCH_SCORES``."""
    items = len(train.item_keys)
    relevant = _sets(train, heldout.viewer, heldout.item)
    seen = _sets(train, train.viewer, train.item)
    viewers = np.unique(heldout.viewer)
    hits, shown = np.zeros((len(viewers), k), dtype=bool), [np.zeros(0, dtype=np.int64)]
    step = max(1, BATCH_SCORES // max(items, 1))
    for start in range(0, len(viewers), step):
        batch = viewers[start : start + step]
        scores = scorer(batch).astype(np.float32)
        scores[seen[batch].nonzero()] = -np.inf
        top = best_first(scores, k)
        found = relevant[batch].toarray()[np.arange(len(batch))[:, None], top] > 0
        hits[start : start + step, : top.shape[1]] = found
        shown.append(top[np.isfinite(np.take_along_axis(scores, top, axis=1))])
    return Judged(viewers, hits, np.diff(relevant.indptr)[viewers], np.concatenate(shown))


def judge(train: Snapshot, heldout: Heldout, scorer: Scorer, k: int = 20) -> dict[str, float]:
    """Return recall, NDCG, coverage and novelty at ``k`` of any scorer, means over viewers.

    Empty where nothing was held out.
    """
    return summary(train, shown_to(train, heldout, scorer, k)) if len(heldout) else {}


def summary(train: Snapshot, judged: Judged) -> dict[str, float]:
    """Return the means of what was judged."""
    k = judged.hits.shape[1]
    known_by = viewers_of_items(train)
    return {
        f"recall@{k}": float(judged.recall.mean()),
        f"ndcg@{k}": float(judged.ndcg.mean()),
        f"coverage@{k}": coverage(judged.shown, len(train.item_keys)),
        f"novelty@{k}": novelty(judged.shown, known_by, len(train.viewer_keys)),
    }


def interval(values: np.ndarray, seed: int = 1, rounds: int = 1000) -> tuple[float, float]:
    """Return the 95 % confidence interval of a mean, by bootstrap over viewers.

    Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 1979.
    """
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(rounds)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def by_segment(train: Snapshot, judged: Judged) -> dict[str, dict[str, Any]]:
    """Return how well viewers of each kind are served: by how many interactions are known."""
    known = np.bincount(train.viewer, minlength=len(train.viewer_keys))[judged.viewers]
    found: dict[str, dict[str, Any]] = {}
    for name, (least, most) in SEGMENTS.items():
        own = (known >= least) & (known < most)
        if own.any():
            found[name] = {
                "viewers": int(own.sum()),
                "recall": float(judged.recall[own].mean()),
                "ndcg": float(judged.ndcg[own].mean()),
            }
    return found


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
    """Return the model's metrics beside popularity's, and how much they were measured on.

    ``intervals``: 95 % of the model's recall and NDCG. ``segments``: both for new, casual and heavy
    viewers, of the model and of popularity.
    """
    model = shown_to(train, heldout, model_scorer(embeddings, train), k)
    baseline = shown_to(train, heldout, popularity(train), k)
    popular = by_segment(train, baseline)
    return {
        **summary(train, model),
        "intervals": {
            f"recall@{k}": interval(model.recall),
            f"ndcg@{k}": interval(model.ndcg),
        },
        "segments": {
            name: {**numbers, "popularity": popular[name]["recall"]}
            for name, numbers in by_segment(train, model).items()
        },
        "popularity": summary(train, baseline),
        "viewers": len(model.viewers),
        "interactions": len(heldout),
    }
