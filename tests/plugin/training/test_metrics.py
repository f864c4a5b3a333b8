from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommendations_plugin.training import metrics

HITS = np.array([[True, False, True], [False, False, False]])
RELEVANT = np.array([2, 1])


def test_recall_by_hand():
    assert metrics.recall(HITS, RELEVANT).tolist() == [1.0, 0.0]
    assert metrics.recall(HITS, np.array([5, 1])).tolist() == [0.4, 0.0]


def test_ndcg_by_hand():
    best = 1 + 1 / np.log2(3)
    assert metrics.ndcg(HITS, RELEVANT) == pytest.approx([(1 + 1 / np.log2(4)) / best, 0])


def test_ndcg_of_more_relevant_items_than_places_can_be_one():
    assert metrics.ndcg(np.ones((1, 3), dtype=bool), np.array([10])) == pytest.approx([1])


def test_coverage_by_hand():
    assert metrics.coverage(np.array([[0, 1], [1, 2]]), 6) == 0.5
    assert metrics.coverage(np.empty(0, dtype=int), 0) == 0


def test_novelty_by_hand():
    assert metrics.novelty(np.array([0, 1]), np.array([4, 1]), 4) == pytest.approx((0 + 2) / 2)
    assert metrics.novelty(np.empty(0, dtype=int), np.array([4]), 4) == 0


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 30)),
        elements=st.floats(-1, 1, width=32),
    ),
    st.integers(1, 40),
)
def test_best_first_is_what_sorting_gives(scores, k):
    top = metrics.best_first(scores, k)
    expected = -np.sort(-scores, axis=1)[:, :k]
    assert np.array_equal(np.take_along_axis(scores, top, axis=1), expected)
    assert all(len(set(row)) == len(row) for row in top.tolist())


def test_the_interval_holds_the_mean_and_narrows_with_more_viewers():
    rng = np.random.default_rng(2)
    few, many = rng.random(40), rng.random(4000)
    for values in (few, many):
        low, high = metrics.interval(values)
        assert low < values.mean() < high
    assert np.ptp(metrics.interval(many)) < np.ptp(metrics.interval(few)) / 3
    assert metrics.interval(np.full(9, 0.25)) == pytest.approx((0.25, 0.25))


def test_reciprocal_rank_by_hand():
    hits = np.array([[False, True, True], [True, False, False], [False, False, False]])
    assert metrics.reciprocal_rank(hits).tolist() == [0.5, 1.0, 0.0]


def test_diversity_by_hand():
    """Two items of one facet are alike, of two facets not; a list of one item tells nothing."""
    facets = sp.csr_array(np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]]))
    assert metrics.diversity(np.array([[0, 1, -1]]), facets) == pytest.approx(0)
    assert metrics.diversity(np.array([[0, 2]]), facets) == pytest.approx(1)
    assert metrics.diversity(np.array([[0, 1, 2]]), facets) == pytest.approx(2 / 3)
    assert metrics.diversity(np.array([[0, 3]]), facets) == pytest.approx(1)
    assert metrics.diversity(np.array([[0, -1]]), facets) == 0


def test_lists_in_the_proportions_of_a_viewers_interests_are_calibrated():
    categories = sp.csr_array(np.array([[1.0, 0], [1, 0], [0, 1], [0, 1], [0, 0]]))
    history = sp.csr_array(np.array([[1.0, 0, 1, 0, 1]]))
    even, lopsided = (
        metrics.miscalibration(np.array([top]), history, categories) for top in ([1, 3], [1, 0])
    )
    assert even == pytest.approx(0)
    assert lopsided == pytest.approx(0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005))
    assert metrics.miscalibration(np.array([[4]]), history, categories) == 0
