from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations_plugin import profile

ADDED, FOLDED, CONSTANT = (
    {"dimension": 4, "alpha": 0.0},
    {"dimension": 4, "alpha": 8.0},
    {"dimension": 1, "alpha": None},
)
BLOCKS = [ADDED, FOLDED, CONSTANT]


def pulls_of(count, seed=1):
    return np.random.default_rng(seed).normal(size=(count, 9)).astype(np.float32)


@given(count=st.integers(1, 12), seed=st.integers(0, 99))
def test_shares_add_up_to_the_viewer_and_each_block_has_length_one(count, seed):
    pulls = pulls_of(count, seed)
    weights = np.random.default_rng(seed).uniform(0.1, 1, count)
    vector = profile.viewer_vector(pulls, weights, BLOCKS)
    assert profile.shares(pulls, weights, BLOCKS).sum(axis=0) == pytest.approx(vector, abs=1e-5)
    for part in (vector[:4], vector[4:8], vector[8:]):
        assert np.linalg.norm(part) == pytest.approx(1, abs=1e-4)


def test_folding_in_is_the_least_squares_that_als_solves():
    pulls, weights = pulls_of(6)[:, :4], np.array([1, 0.5, 0.2, -0.5, 1, 1])
    normal = np.eye(4) + 8 * (pulls.T * np.abs(weights)) @ pulls
    expected = np.linalg.solve(normal, pulls.T @ weights)
    assert profile.fold_in(pulls, weights, 8.0) @ pulls == pytest.approx(expected, abs=1e-4)


def test_watching_twins_counts_less_than_twice():
    one, other = np.eye(4, dtype=np.float32)[:2]
    weights = profile.fold_in(np.array([one, one, other]), np.ones(3), 8.0)
    assert weights[0] == pytest.approx(weights[1])
    assert weights[2] < weights[0] + weights[1] < 2 * weights[2]


def test_a_dismissal_pulls_away():
    pulls = np.eye(4, dtype=np.float32)[:2]
    for block in (ADDED, FOLDED):
        vector = profile.viewer_vector(pulls, np.array([1, profile.DISMISSED]), [block])
        assert vector[0] > 0 > vector[1]


def test_nothing_that_counts_points_nowhere():
    assert profile.viewer_vector(np.zeros((0, 9)), np.zeros(0), BLOCKS) is None
    assert profile.viewer_vector(pulls_of(2), np.zeros(2), BLOCKS) is None
    assert profile.viewer_vector(np.zeros((2, 4)), np.ones(2), [ADDED]) is None


def test_older_interactions_fade_by_half_each_half_life():
    weights = profile.interaction_weights([1, 1, 0.4], [False, False, True], [0, 10, 20], 10)
    assert weights.tolist() == pytest.approx([1, 0.5, profile.DISMISSED / 4])
