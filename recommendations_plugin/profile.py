"""How a viewer's vector is made from what they did.

Training, evaluation and serving all do the same, so that what is learned is what is served. A
model's vectors are blocks side by side, one of each encoder. In a block a viewer is the sum of the
pulls of what they did, each counted by its fold-in weight, scaled to length one: one encoder never
drowns another. Which numbers form a block and how it folds in travels with the model, in
``Embeddings.parameters["blocks"]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

#: Weight of a dismissed item; a watched one weighs its engagement, 0–1.
DISMISSED = -0.5
#: Weight of a followed creator or category.
FOLLOW = 0.5
#: Weight of all interests together, shared out by their scores.
INTEREST = 0.3
#: A sum shorter than this points nowhere.
SHORTEST = 1e-9

#: ``dimension``: how many numbers of a vector. ``alpha``: confidence of the fold-in; 0 just adds,
#: None is a constant that is the same for every viewer.
Block = Mapping[str, Any]


def interaction_weights(
    engagement: Any, dismissed: Any, rank: Any, half_life: float = 0.0
) -> np.ndarray:
    """Return what each interaction counts in its viewer's vector, float32 [k].

    ``rank``: 0 for a viewer's newest interaction, 1 for the one before …
    ``half_life``: interactions after which one counts half; 0 means that none fades. It is chosen
    in training and travels with the model (``Embeddings.parameters["half_life"]``).
    """
    weights = np.where(dismissed, DISMISSED, np.asarray(engagement, dtype=np.float64))
    if half_life > 0:
        weights = weights * np.exp2(-np.asarray(rank, dtype=np.float64) / half_life)
    return weights.astype(np.float32)


def interest_weights(scores: np.ndarray, total: Any) -> np.ndarray:
    """Return what each interest counts, float32 [k]; ``total``: the sum of its viewer's scores."""
    weights = INTEREST * np.asarray(scores) / np.where(np.asarray(total) > 0, total, 1.0)
    return weights.astype(np.float32)


def fold_in(pulls: np.ndarray, weights: np.ndarray, alpha: float) -> np.ndarray:
    """Return what each pull counts once those that say the same are counted together, float32 [k].

    The dual of a regularised least squares (Hu, Koren and Volinsky, "Collaborative Filtering for
    Implicit Feedback Datasets", ICDM 2008) with confidence ``alpha`` × |weight|: what ALS would
    learn for this viewer, solved by k × k. With ``alpha`` 0 these are the weights as they are.
    """
    if alpha == 0:
        return np.asarray(weights, dtype=np.float32)
    root = np.sqrt(np.abs(weights))
    scaled = pulls * (np.sqrt(alpha) * root[:, None]).astype(np.float32)
    kernel = scaled @ scaled.T
    kernel[np.diag_indices_from(kernel)] += 1
    return (root * np.linalg.solve(kernel, root * np.sign(weights))).astype(np.float32)


def shares(
    pulls: np.ndarray,
    weights: np.ndarray,
    blocks: Sequence[Block],
    projection: np.ndarray | None = None,
) -> np.ndarray:
    """Return what each pull contributes to its viewer's vector, float32 [k, d]: they add up to it.

    So ``shares @ items[i]`` is how much of item i's score each interaction explains.
    ``pulls``: float32 [k, D], rows of items, categories and creators they engaged with.
    ``weights``: float32 [k], see ``interaction_weights``, ``interest_weights``, ``FOLLOW``.
    ``projection``: float32 [D, d], where items' vectors are shorter than pulls.
    """
    pulls = np.asarray(pulls, dtype=np.float32)
    weights = np.asarray(weights, dtype=np.float32)
    out = np.zeros_like(pulls)
    start = 0
    for block in blocks:
        own = slice(start, start + block["dimension"])
        start = own.stop
        if block["alpha"] is None:
            out[:, own] = 1 / len(pulls)
            continue
        counts = fold_in(pulls[:, own], weights, block["alpha"])
        length = float(np.linalg.norm(counts @ pulls[:, own]))
        if np.isfinite(length) and length > SHORTEST:
            np.multiply(pulls[:, own], (counts / length)[:, None], out=out[:, own])
    return out if projection is None else out @ projection


def directions(vectors: np.ndarray) -> np.ndarray:
    """Return the rows, float32 [k, d], scaled to length one; a zero row stays zero."""
    vectors = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > SHORTEST)


def viewer_vector(
    pulls: np.ndarray,
    weights: np.ndarray,
    blocks: Sequence[Block],
    projection: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return a viewer's vector, float32 [d], or None where nothing points anywhere.

    Before it is projected each block of it has length one. Arguments as for ``shares``.
    """
    if len(pulls) == 0 or not np.any(weights):
        return None
    vector = shares(pulls, weights, blocks, projection).sum(axis=0)
    return vector if np.any(vector) else None
