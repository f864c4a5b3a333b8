"""How a viewer's vector is made from what they did.

Training, evaluation and serving all call this, so that what is learned is what is served.
A row's direction says what it is about; its length says how well an item does with everybody and
counts only when items are ranked. So a viewer is the sum of directions: one widely liked item in
their history weighs no more than an obscure one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Weight of a dismissed item; a watched one weighs its engagement, 0–1.
DISMISSED = -0.5
#: Weight of a followed creator or category.
FOLLOW = 0.5
#: Weight of all interests together, shared out by their scores.
INTEREST = 0.3


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


def directions(vectors: np.ndarray) -> np.ndarray:
    """Return the rows, float32 [k, d], scaled to length one; a zero row stays zero."""
    vectors = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 1e-9)


def viewer_vector(vectors: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """Return the unit vector of a viewer, float32 [d], or None where nothing points anywhere.

    ``vectors``: float32 [k, d], rows of items, categories and creators they engaged with.
    ``weights``: float32 [k], see ``interaction_weights``, ``interest_weights``, ``FOLLOW``.
    """
    if len(vectors) == 0:
        return None
    total = np.asarray(weights, dtype=np.float32) @ directions(vectors)
    norm = float(np.linalg.norm(total))
    if not np.isfinite(norm) or norm < 1e-6:
        return None
    return (total / norm).astype(np.float32)
