"""Metrics of lists, as pure functions over arrays.

``hits`` is bool [viewers, k]: whether the viewer's k-th recommendation is one of their held-out
items; ``relevant`` is int64 [viewers], how many of these there are.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


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


def interval(values: np.ndarray, seed: int = 1, rounds: int = 1000) -> tuple[float, float]:
    """Return the 95 % confidence interval of a mean, by bootstrap over viewers.

    Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 1979.
    """
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(rounds)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
