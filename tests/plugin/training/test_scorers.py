from __future__ import annotations

import numpy as np
import pytest

from recommendations_plugin import profile
from recommendations_plugin.training import scorers
from recommendations_plugin.types import Embeddings, FacetKind


def test_popularity_counts_viewers_not_dismissals(make_snapshot):
    train = make_snapshot(
        2, 3, [(0, 1, 0, 1, 0, 1), (1, 1, 0.1, 0, 0, 1), (0, 2, 1, 1, 1, 1), (1, 0, 1, 0, 0, 1)]
    )
    assert scorers.popularity(train)(np.array([0])).tolist() == [[1, 2, 0]]


def test_evaluation_scores_as_serving_does(make_snapshot):
    rng = np.random.default_rng(3)
    snapshot = make_snapshot(
        1,
        5,
        [(0, 0, 1, 0, 0, 1), (0, 3, 0.5, 1, 0, 2), (0, 4, 0.2, 0, 1, 3)],
        [FacetKind.PARENT_CATEGORY.value] * 2,
        interests=[(0, 0, 2.0), (0, 1, 6.0)],
        follows=[(0, 1)],
    )
    items, pulls, facets = (rng.normal(size=(n, 8)).astype(np.float32) for n in (5, 5, 2))
    blocks = [
        {"dimension": 3, "alpha": 0.0},
        {"dimension": 4, "alpha": 5.0},
        {"dimension": 1, "alpha": None},
    ]
    served = {"half_life": 2.0, "history": 200, "blocks": blocks}
    embeddings = Embeddings(
        snapshot.item_keys, items, snapshot.facet_keys, facets, pulls, facets, served
    )
    weights = [
        *profile.interaction_weights([0.6, 0.7, 0], [False, False, True], [2, 1, 0], 2.0),
        *profile.interest_weights(np.array([2.0, 6.0]), 8.0),
        profile.FOLLOW,
    ]
    rows = np.concatenate([pulls[[0, 3, 4]], facets, facets[1:]])
    # The second facet is followed and an interest: training adds these, serving has both.
    weights = [*weights[:4], weights[4] + weights[5]]
    vector = profile.viewer_vector(rows[:5], np.array(weights), blocks)
    scores = scorers.model_scorer(embeddings, snapshot)(np.array([0]))
    assert scores[0] == pytest.approx(items @ vector, abs=1e-4)
