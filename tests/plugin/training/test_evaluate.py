from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommendations_plugin import profile
from recommendations_plugin.training import evaluate
from recommendations_plugin.training.dataset import Heldout
from recommendations_plugin.types import Embeddings, FacetKind

HITS = np.array([[True, False, True], [False, False, False]])
RELEVANT = np.array([2, 1])


def test_recall_by_hand():
    assert evaluate.recall(HITS, RELEVANT).tolist() == [1.0, 0.0]
    assert evaluate.recall(HITS, np.array([5, 1])).tolist() == [0.4, 0.0]


def test_ndcg_by_hand():
    best = 1 + 1 / np.log2(3)
    assert evaluate.ndcg(HITS, RELEVANT) == pytest.approx([(1 + 1 / np.log2(4)) / best, 0])


def test_ndcg_of_more_relevant_items_than_places_can_be_one():
    assert evaluate.ndcg(np.ones((1, 3), dtype=bool), np.array([10])) == pytest.approx([1])


def test_coverage_by_hand():
    assert evaluate.coverage(np.array([[0, 1], [1, 2]]), 6) == 0.5
    assert evaluate.coverage(np.empty(0, dtype=int), 0) == 0


def test_novelty_by_hand():
    assert evaluate.novelty(np.array([0, 1]), np.array([4, 1]), 4) == pytest.approx((0 + 2) / 2)
    assert evaluate.novelty(np.empty(0, dtype=int), np.array([4]), 4) == 0


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 30)),
        elements=st.floats(-1, 1, width=32),
    ),
    st.integers(1, 40),
)
def test_best_first_is_what_sorting_gives(scores, k):
    top = evaluate.best_first(scores, k)
    expected = -np.sort(-scores, axis=1)[:, :k]
    assert np.array_equal(np.take_along_axis(scores, top, axis=1), expected)
    assert all(len(set(row)) == len(row) for row in top.tolist())


def test_training_items_are_masked_and_all_others_ranked(make_snapshot):
    train = make_snapshot(2, 4, [(0, 0, 1, 0, 0, 1), (1, 0, 1, 0, 0, 1), (1, 1, 1, 0, 1, 1)])
    heldout = Heldout(np.array([0, 1]), np.array([1, 3]))
    order = np.array([4, 3, 2, 1], dtype=np.float32)
    numbers = evaluate.judge(train, heldout, lambda viewers: np.tile(order, (len(viewers), 1)), k=1)
    assert numbers == pytest.approx(
        {"recall@1": 0.5, "ndcg@1": 0.5, "coverage@1": 0.5, "novelty@1": 1.0}
    )


def test_more_places_than_items_show_each_item_once(make_snapshot):
    train = make_snapshot(1, 3, [(0, 0, 1, 0, 0, 1)])
    numbers = evaluate.judge(
        train, Heldout(np.array([0]), np.array([2])), evaluate.popularity(train), k=20
    )
    assert numbers["recall@20"] == 1
    assert numbers["coverage@20"] == pytest.approx(2 / 3)


def test_batches_give_the_same_numbers(communities, monkeypatch):
    heldout = Heldout(np.arange(60), np.arange(60))
    whole = evaluate.judge(communities, heldout, evaluate.popularity(communities))
    monkeypatch.setattr(evaluate, "BATCH_SCORES", 7 * 122)
    assert evaluate.judge(communities, heldout, evaluate.popularity(communities)) == whole


def test_nothing_held_out_gives_no_numbers(make_snapshot):
    empty = Heldout(np.empty(0, dtype=int), np.empty(0, dtype=int))
    train = make_snapshot(0, 0, [])
    assert evaluate.judge(train, empty, evaluate.popularity(train)) == {}


def test_popularity_counts_viewers_not_dismissals(make_snapshot):
    train = make_snapshot(
        2, 3, [(0, 1, 0, 1, 0, 1), (1, 1, 0.1, 0, 0, 1), (0, 2, 1, 1, 1, 1), (1, 0, 1, 0, 0, 1)]
    )
    assert evaluate.popularity(train)(np.array([0])).tolist() == [[1, 2, 0]]


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
    scores = evaluate.model_scorer(embeddings, snapshot)(np.array([0]))
    assert scores[0] == pytest.approx(items @ vector, abs=1e-4)


def test_the_interval_holds_the_mean_and_narrows_with_more_viewers():
    rng = np.random.default_rng(2)
    few, many = rng.random(40), rng.random(4000)
    for values in (few, many):
        low, high = evaluate.interval(values)
        assert low < values.mean() < high
    assert np.ptp(evaluate.interval(many)) < np.ptp(evaluate.interval(few)) / 3
    assert evaluate.interval(np.full(9, 0.25)) == pytest.approx((0.25, 0.25))


def test_a_report_tells_new_casual_and_heavy_viewers_apart(make_snapshot):
    rows = [(0, 0, 1, 0, 0, 1), *((1, item, 1, 0, 0, item) for item in range(10))]
    train = make_snapshot(2, 70, rows)
    heldout = Heldout(np.array([0, 1]), np.array([1, 60]))
    order = -np.arange(70, dtype=np.float32)
    judged = evaluate.shown_to(train, heldout, lambda viewers: np.tile(order, (len(viewers), 1)))
    assert evaluate.by_segment(train, judged) == {
        "new": {"viewers": 1, "recall": 1.0, "ndcg": pytest.approx(1.0)},
        "casual": {"viewers": 1, "recall": 0.0, "ndcg": 0.0},
    }


def test_reciprocal_rank_by_hand():
    hits = np.array([[False, True, True], [True, False, False], [False, False, False]])
    assert evaluate.reciprocal_rank(hits).tolist() == [0.5, 1.0, 0.0]


def test_diversity_by_hand():
    """Two items of one facet are alike, of two facets not; a list of one item tells nothing."""
    facets = sp.csr_array(np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]]))
    assert evaluate.diversity(np.array([[0, 1, -1]]), facets) == pytest.approx(0)
    assert evaluate.diversity(np.array([[0, 2]]), facets) == pytest.approx(1)
    assert evaluate.diversity(np.array([[0, 1, 2]]), facets) == pytest.approx(2 / 3)
    assert evaluate.diversity(np.array([[0, 3]]), facets) == pytest.approx(1)
    assert evaluate.diversity(np.array([[0, -1]]), facets) == 0


def test_lists_in_the_proportions_of_a_viewers_interests_are_calibrated():
    categories = sp.csr_array(np.array([[1.0, 0], [1, 0], [0, 1], [0, 1], [0, 0]]))
    history = sp.csr_array(np.array([[1.0, 0, 1, 0, 1]]))
    even, lopsided = (
        evaluate.miscalibration(np.array([top]), history, categories) for top in ([1, 3], [1, 0])
    )
    assert even == pytest.approx(0)
    assert lopsided == pytest.approx(0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005))
    assert evaluate.miscalibration(np.array([[4]]), history, categories) == 0


def test_a_report_tells_new_tail_and_head_items_apart(make_snapshot):
    """Item 0 is known by all, 1 to 10 by three viewers each, the rest by nobody."""
    rows = [(viewer, 0, 1, 0, 0, 1) for viewer in range(9)]
    rows += [(viewer, item, 1, 0, 0, 2) for viewer in range(3) for item in range(1, 11)]
    train = make_snapshot(10, 20, rows)
    heldout = Heldout(np.array([9, 9, 9]), np.array([0, 1, 15]))
    order = np.where(np.arange(20) == 1, -1.0, np.arange(20)[::-1]).astype(np.float32)
    judged = evaluate.shown_to(train, heldout, lambda v: np.tile(order, (len(v), 1)), k=12)
    found = evaluate.by_item(train, heldout, judged)
    assert {name: (of["items"], of["recall"]) for name, of in found.items()} == {
        "new": (9, 0.0),
        "tail": (10, 0.0),
        "head": (1, 1.0),
    }
