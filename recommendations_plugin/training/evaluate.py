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

from ..types import Embeddings, FacetKind, Snapshot
from .dataset import Heldout, averaging, facet_matrix, hetero_data, histories
from .encoders.base import Block

#: Scores, float32 [v, items], for int64 [v] viewers.
Scorer = Callable[[np.ndarray], np.ndarray]

#: Kinds of viewers: from how many known interactions, and below how many.
SEGMENTS = {"new": (0, 10), "casual": (10, 50), "heavy": (50, 2**62)}
#: An item that at most so many viewers know is new.
NEW = 2
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


def reciprocal_rank(hits: np.ndarray) -> np.ndarray:
    """Return one over the place of each viewer's first hit, 0 where there is none, float64.

    Its mean is the MRR (Voorhees, "The TREC-8 Question Answering Track Report", 1999).
    """
    return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)


def diversity(top: np.ndarray, facets: sp.csr_array) -> float:
    """Return how unlike the items of a list are: one less the mean cosine of their facets.

    Ziegler et al., "Improving Recommendation Lists Through Topic Diversification", WWW 2005.
    ``top``: int64 [v, k], -1 where there is no more; ``facets``: CSR [items, facets].
    """
    lengths = np.sqrt((facets * facets).sum(axis=1))
    inverse = np.divide(1.0, lengths, out=np.zeros(len(lengths)), where=lengths > 0)
    unit = sp.csr_array(sp.diags_array(inverse) @ facets)
    lists = _listed(top, facets.shape[0])
    together = lists @ unit
    own = lists @ (inverse > 0).astype(np.float64)
    number = lists.sum(axis=1)
    pairs = number * (number - 1)
    alike = np.asarray((together * together).sum(axis=1)) - own
    return float(1 - (alike[pairs > 0] / pairs[pairs > 0]).mean()) if (pairs > 0).any() else 0.0


def miscalibration(
    top: np.ndarray, history: sp.csr_array, categories: sp.csr_array, smoothing: float = 0.01
) -> float:
    """Return how far what viewers are shown is from their interests: a mean divergence, 0 is best.

    Steck, "Calibrated Recommendations", RecSys 2018. ``top``: int64 [v, k]; ``history``: CSR [v,
    items], what they engaged with; ``categories``: CSR [items, c], each item's sum to one or zero.
    """
    wanted, shown = (
        np.asarray((rows @ categories).todense(), dtype=np.float64)
        for rows in (history, _listed(top, categories.shape[0]))
    )
    known = (wanted.sum(axis=1) > 0) & (shown.sum(axis=1) > 0)
    if not known.any():
        return 0.0
    wanted, shown = (of[known] / of[known].sum(axis=1, keepdims=True) for of in (wanted, shown))
    shown = (1 - smoothing) * shown + smoothing * wanted
    ratio = np.divide(wanted, shown, out=np.ones_like(wanted), where=wanted > 0)
    return float((wanted * np.log(ratio)).sum(axis=1).mean())


def _listed(top: np.ndarray, items: int) -> sp.csr_array:
    """Return lists, int64 [v, k], as CSR [v, items] of ones."""
    rows, _columns = np.nonzero(top >= 0)
    shape = (len(top), items)
    return sp.csr_array((np.ones(len(rows)), (rows, top[top >= 0])), shape=shape)


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


def evaluate(
    embeddings: Embeddings, train: Snapshot, heldout: Heldout, k: int = 20
) -> dict[str, float]:
    """Return the metrics of the model on what was held out (see ``judge``)."""
    return judge(train, heldout, model_scorer(embeddings, train), k)


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
