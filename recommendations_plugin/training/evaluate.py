"""How good vectors are: all items ranked for every viewer, training items masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..types import Embeddings, FacetKind, Snapshot
from .dataset import Heldout, averaging, facet_matrix, hetero_data
from .metrics import (
    best_first,
    coverage,
    diversity,
    interval,
    miscalibration,
    ndcg,
    novelty,
    recall,
    reciprocal_rank,
)
from .scorers import Scorer, model_scorer, popularity, viewers_of_items

#: Kinds of viewers: from how many known interactions, and below how many.
SEGMENTS = {"new": (0, 10), "casual": (10, 50), "heavy": (50, 2**62)}
#: An item that at most so many viewers know is new.
NEW = 2
#: Most scores held at once.
BATCH_SCORES = 2**23


@dataclass(frozen=True, slots=True)
class Judged:
    """What a scorer shows each viewer of whom something was held out."""

    viewers: np.ndarray  # int64 [v]
    hits: np.ndarray  # bool [v, k]
    counts: np.ndarray  # int64 [v], how much was held out
    top: np.ndarray  # int64 [v, k], what they are shown, best first; -1 where there is no more

    @property
    def shown(self) -> np.ndarray:
        """Positions shown to anybody, int64."""
        return self.top[self.top >= 0]

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
    hits = np.zeros((len(viewers), k), dtype=bool)
    shown = np.full((len(viewers), k), -1, dtype=np.int64)
    step = max(1, BATCH_SCORES // max(items, 1))
    for start in range(0, len(viewers), step):
        batch = viewers[start : start + step]
        scores = scorer(batch).astype(np.float32)
        scores[seen[batch].nonzero()] = -np.inf
        top = best_first(scores, k)
        found = relevant[batch].toarray()[np.arange(len(batch))[:, None], top] > 0
        hits[start : start + step, : top.shape[1]] = found
        top[~np.isfinite(np.take_along_axis(scores, top, axis=1))] = -1
        shown[start : start + step, : top.shape[1]] = top
    return Judged(viewers, hits, np.diff(relevant.indptr)[viewers], shown)


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


def beyond_accuracy(train: Snapshot, judged: Judged) -> dict[str, float]:
    """Return the MRR, how diverse lists are and how far from their viewers' interests."""
    k = judged.hits.shape[1]
    facets = facet_matrix(hetero_data(train))
    kinds = np.asarray(train.facet_kinds, dtype=str)
    categories = sp.csr_array(facets[:, np.flatnonzero(kinds == FacetKind.CATEGORY.value)])
    engaged = ~train.dismissed
    known = _sets(train, train.viewer[engaged], train.item[engaged]).astype(np.float64)
    history = sp.csr_array(known[judged.viewers])
    return {
        f"mrr@{k}": float(reciprocal_rank(judged.hits).mean()),
        f"diversity@{k}": diversity(judged.top, facets),
        f"miscalibration@{k}": miscalibration(judged.top, history, averaging(categories)),
    }


def by_item(train: Snapshot, heldout: Heldout, judged: Judged) -> dict[str, dict[str, Any]]:
    """Return which share of what was held out is found, by how known its items are.

    ``new``: at most ``NEW`` viewers know them; ``head``: the most known tenth of the others.
    """
    known_by = viewers_of_items(train)
    new = known_by <= NEW
    head = ~new & (known_by > np.quantile(known_by[~new], 0.9) if (~new).any() else False)
    wanted = np.bincount(heldout.item, minlength=len(known_by))
    found = np.bincount(judged.top[judged.hits], minlength=len(known_by))
    return {
        name: {
            "items": int(own.sum()),
            "interactions": int(wanted[own].sum()),
            "recall": float(found[own].sum() / wanted[own].sum()),
        }
        for name, own in (("new", new), ("tail", ~new & ~head), ("head", head))
        if wanted[own].any()
    }


def _sets(train: Snapshot, viewer: np.ndarray, item: np.ndarray) -> sp.csr_array:
    shape = (len(train.viewer_keys), len(train.item_keys))
    return sp.csr_array((np.ones(len(viewer), dtype=bool), (viewer, item)), shape=shape)


def differences(model: Judged, other: Judged) -> dict[str, tuple[float, float]]:
    """Return the 95 % confidence intervals of how much better a model is, by viewer."""
    k = model.hits.shape[1]
    return {
        f"recall@{k}": interval(model.recall - other.recall),
        f"ndcg@{k}": interval(model.ndcg - other.ndcg),
    }


def report(
    embeddings: Embeddings,
    train: Snapshot,
    heldout: Heldout,
    k: int = 20,
    rival: Embeddings | None = None,
) -> dict[str, Any]:
    """Return the model's metrics beside popularity's, and how much they were measured on.

    ``intervals``: 95 % of the model's recall and NDCG. ``segments``: both for new, casual and heavy
    viewers, of the model and of popularity; ``item_segments``: what is found of new, tail and head
    items. ``rival``: another model, measured beside both under ``live``.
    """

    def beside(other: Judged) -> dict[str, Any]:
        return {
            **summary(train, other),
            **beyond_accuracy(train, other),
            "differences": differences(model, other),
        }

    model = shown_to(train, heldout, model_scorer(embeddings, train), k)
    baseline = shown_to(train, heldout, popularity(train), k)
    if rival is embeddings:
        rivals = model
    elif rival is not None:
        rivals = shown_to(train, heldout, model_scorer(rival, train), k)
    popular, popular_items = by_segment(train, baseline), by_item(train, heldout, baseline)
    return {
        **summary(train, model),
        **beyond_accuracy(train, model),
        "intervals": {
            f"recall@{k}": interval(model.recall),
            f"ndcg@{k}": interval(model.ndcg),
        },
        "segments": {
            name: {**numbers, "popularity": popular[name]["recall"]}
            for name, numbers in by_segment(train, model).items()
        },
        "item_segments": {
            name: {**numbers, "popularity": popular_items[name]["recall"]}
            for name, numbers in by_item(train, heldout, model).items()
        },
        "popularity": beside(baseline),
        **({} if rival is None else {"live": beside(rivals)}),
        "viewers": len(model.viewers),
        "interactions": len(heldout),
    }
