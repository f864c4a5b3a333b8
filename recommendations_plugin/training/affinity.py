"""What items are about, as far as the graph tells: categories of those that nobody put into any.

Semi-supervised: few items bear labels, the graph of viewers, creators, tags and words carries them
to the others. Propagating labels over a graph (Zhou et al., "Learning with Local and Global
Consistency", NIPS 2004) fades its high frequencies; here labels are fitted to its low ones, in
closed form (Belkin and Niyogi, "Semi-Supervised Learning on Riemannian Manifolds", Machine Learning
2004). What a score means is learned from items whose labels were hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import isotonic_regression

from ..types import Affinity, FacetKind, Snapshot
from .content import side_features
from .dataset import averaging, engagement_matrix, facet_matrix, hetero_data
from .encoders.spectral import decompose

#: Low frequencies, weight of side features beside a typical engagement, strength of the ridge.
FREQUENCIES, NORMALISED, SIDE, RIDGE = 256, 0.25, 0.3, 1.0
#: Parts that labels are hidden in, one after another; labels of an item or facet that are kept.
FOLDS, KEPT = 5, 8
#: With fewer labelled items nothing is learned; more of them would not tell more.
FEWEST, MOST = 20, 50_000
#: Numbers held at once: of more labels than fit, those that most items bear are learned.
CELLS = 2**25
#: Pairs of an item and a label that the meaning of scores is learned from.
PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Labels:
    """The facets that are carried over: categories, or parent categories where there are none."""

    facets: np.ndarray  # int64 [m], positions of facets
    given: np.ndarray  # float32 [n, m], 1 where an item bears the label


def labels_of(snapshot: Snapshot) -> Labels | None:
    """Return the labels of a snapshot, or None where too few items bear any."""
    kinds = np.asarray(snapshot.facet_kinds, dtype=str)
    matrix = facet_matrix(hetero_data(snapshot))
    borne = matrix.sum(axis=0)
    for kind in (FacetKind.CATEGORY, FacetKind.PARENT_CATEGORY):
        facets = np.flatnonzero((kinds == kind.value) & (borne > 0))
        fit = max(2, CELLS // max(len(snapshot.item_keys), 1))
        facets = np.sort(facets[np.argsort(-borne[facets], kind="stable")[:fit]])
        given = sp.csr_array(matrix[:, facets]).toarray()
        if len(facets) > 1 and np.count_nonzero(given.any(axis=1)) >= FEWEST:
            return Labels(facets, given)
    return None


def low_frequencies(snapshot: Snapshot, seed: int) -> np.ndarray:
    """Return items' coordinates, float32 [n, d + 1], of length one and a constant.

    The graph is that of viewers, creators, tags and words, without any category: so an item with
    categories and one without are known in the same way.
    """
    named = np.isin(
        np.asarray(snapshot.facet_kinds, dtype=str)[snapshot.item_facet[1]],
        [FacetKind.CATEGORY.value, FacetKind.PARENT_CATEGORY.value],
    )
    bare = replace(snapshot, item_facet=snapshot.item_facet[:, ~named])
    engaged = engagement_matrix(hetero_data(bare))
    side = side_features(bare) * np.float32(SIDE * (engaged.data.mean() if engaged.nnz else 1.0))
    matrix = sp.csr_array(sp.vstack([engaged, side.T]))
    spectrum = decompose(matrix, min(FREQUENCIES, *matrix.shape), NORMALISED, seed)
    vectors = (spectrum.vectors * spectrum.values**0.5).numpy()
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return np.hstack([vectors, np.ones((len(vectors), 1), dtype=np.float32)])


def fitted(vectors: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return the map from coordinates to scores of labels, float32 [d, m]: a ridge regression."""
    gram = (vectors.T @ vectors).astype(np.float64)
    gram[np.diag_indices_from(gram)] += RIDGE
    return cho_solve(cho_factor(gram), vectors.T @ given).astype(np.float32)


def affinity(snapshot: Snapshot, seed: int) -> tuple[Affinity | None, dict[str, Any]]:
    """Return how likely items and facets are of each label, and how well hidden labels are found.

    ``found``: of items whose labels were hidden, the share whose likeliest label is theirs;
    ``commonest``: the same for the label that most items bear. Empty where there are too few.
    """
    labels = labels_of(snapshot)
    if labels is None:
        return None, {}
    rng = np.random.default_rng(seed)
    vectors = low_frequencies(snapshot, seed)
    known = rng.permutation(np.flatnonzero(labels.given.any(axis=1)))[:MOST]
    hidden = np.empty((len(known), len(labels.facets)), dtype=np.float32)
    for fold in range(FOLDS):
        asked = np.arange(len(known)) % FOLDS == fold
        taught = known[~asked]
        hidden[asked] = vectors[known[asked]] @ fitted(vectors[taught], labels.given[taught])
    truth = labels.given[known]
    pairs = rng.choice(truth.size, min(truth.size, PAIRS), replace=False)
    scores, likely = meaning(hidden.ravel()[pairs], truth.ravel()[pairs])
    everything = vectors @ fitted(vectors[known], truth)
    items = np.interp(everything, scores, likely).astype(np.float32)
    others = averaging(sp.csr_array(facet_matrix(hetero_data(snapshot)).T)) @ items
    rows = np.concatenate([items, np.asarray(others, dtype=np.float32)])
    order = np.argsort(-rows, axis=1, kind="stable")[:, :KEPT]
    found = np.take_along_axis(truth, hidden.argmax(axis=1)[:, None], axis=1).mean()
    report = {
        "found": float(found),
        "commonest": float(truth.mean(axis=0).max()),
        "items": len(known),
        "labels": len(labels.facets),
    }
    confidence = np.take_along_axis(rows, order, axis=1).clip(0, 1)  # but for rounding, it is
    return Affinity(labels.facets[order].astype(np.int32), confidence), report


def meaning(scores: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return scores, ascending, and how often a label with such a score is right, both [k].

    The more, the likelier: isotonic regression (Zadrozny and Elkan, KDD 2002).
    """
    order = np.argsort(scores, kind="stable")
    return scores[order], isotonic_regression(truth[order]).x
