from __future__ import annotations

import numpy as np
import pytest

from recommendations_plugin import profile
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.project import projected
from recommendations_plugin.training.recipe import Recipe
from recommendations_plugin.training.scorers import model_scorer
from recommendations_plugin.training.train import fit

SPECTRAL = {"encoder": "spectral", "normalised": 0.5, "dimension": 30, "ridge": 0.1}
ALS = {"encoder": "als", "dimension": 20, "ridge": 5.0, "alpha": 10.0, "start": 1.0}


@pytest.fixture(scope="module")
def whole(communities):
    recipe = Recipe(parts=((SPECTRAL, 1.0), (ALS, 1.0), ({"encoder": "popularity"}, 0.3)))
    return fit(communities, recipe, Parameters())


def scores(model, snapshot):
    return model_scorer(model, snapshot)(np.arange(len(snapshot.viewer_keys)))


def test_no_shorter_vectors_give_scores_closer_to_the_whole_ones(whole, communities):
    expected = scores(whole, communities)
    short = projected(whole, communities, 12)
    assert short.items.shape == (122, 12)
    assert short.projection.shape == (51, 12)
    left, values, right = np.linalg.svd(expected)
    best = (left[:, :12] * values[:12]) @ right[:12]
    found = np.linalg.norm(scores(short, communities) - expected)
    assert found == pytest.approx(np.linalg.norm(best - expected), rel=1e-3)


def test_a_model_that_is_short_enough_stays_as_it_is(whole, communities):
    assert projected(whole, communities, 51) is whole


def test_serving_makes_the_same_viewer_and_shares_add_up_to_it(whole, communities):
    short = projected(whole, communities, 12)
    own = communities.viewer == 7
    weights = profile.interaction_weights(
        0.6 * communities.portion[own], communities.dismissed[own], np.zeros(own.sum())
    )
    told = (short.pulls[communities.item[own]], weights, short.parameters["blocks"])
    vector = profile.viewer_vector(*told, short.projection)
    assert short.items @ vector == pytest.approx(scores(short, communities)[7], abs=1e-4)
    assert profile.shares(*told, short.projection).sum(axis=0) == pytest.approx(vector, abs=1e-5)
