from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations_plugin import conf, profile
from recommendations_plugin.training.dataset import (
    FEWEST_TO_SPLIT,
    engagement_matrix,
    hetero_data,
    histories,
    newest_first,
    only,
    split_in_time,
)
from recommendations_plugin.types import FacetKind, engagement

interactions = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 14)),
    st.tuples(st.floats(0, 1), st.booleans(), st.booleans(), st.integers(0, 5)),
    max_size=60,
)


def flat(rows):
    return [(*pair, *state) for pair, state in rows.items()]


def pairs(viewer, item):
    return set(zip(viewer.tolist(), item.tolist(), strict=True))


@given(rows=interactions)
@settings(deadline=None)
def test_split_takes_the_newest_fifth_of_each_viewer_and_loses_nothing(make_snapshot, rows):
    snapshot = make_snapshot(5, 15, flat(rows))
    train, test = split_in_time(snapshot)
    wanted = pairs(snapshot.viewer[~snapshot.dismissed], snapshot.item[~snapshot.dismissed])
    kept, held = pairs(train.viewer, train.item), pairs(test.viewer, test.item)
    assert not kept & held
    assert wanted <= kept | held
    for viewer in range(5):
        before = np.count_nonzero(snapshot.viewer == viewer)
        after = np.count_nonzero(train.viewer == viewer)
        assert before - after == (before // 5 if before >= FEWEST_TO_SPLIT else 0)
        times = snapshot.at[
            (snapshot.viewer == viewer)
            & np.isin(snapshot.item, [item for who, item in held if who == viewer])
        ]
        if len(times):
            assert times.min() >= train.at[train.viewer == viewer].max()


def test_who_did_five_things_is_asked_for_one_however_small_the_share(make_snapshot):
    snapshot = make_snapshot(2, 5, [(0, item, 1.0, False, False, item + 1) for item in range(5)])
    _train, test = split_in_time(snapshot, 0.1)
    assert pairs(test.viewer, test.item) == {(0, 4)}


@given(rows=interactions, random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_training_snapshot_does_not_depend_on_what_is_held_out(make_snapshot, rows, random):
    """The proof that nothing leaks: other behaviour in the test period, same training data."""
    snapshot = make_snapshot(5, 15, flat(rows))
    train, _test = split_in_time(snapshot)
    late = ~np.isin(snapshot.viewer * 100 + snapshot.item, train.viewer * 100 + train.item)
    for array in (snapshot.portion, snapshot.liked, snapshot.dismissed):
        array[late] = random.random() > 0.5
    snapshot.item[late] = random.randrange(15)
    again, _test = split_in_time(snapshot)
    for name in ("viewer", "item", "portion", "liked", "dismissed", "at"):
        assert np.array_equal(getattr(train, name), getattr(again, name))


def test_interest_earned_by_held_out_interactions_does_not_tell_their_category(make_snapshot):
    """Nine videos of one parent, the tenth of another: the interest in that one is the test's."""
    gain = conf.settings.INTEREST_GAIN
    parents = [FacetKind.PARENT_CATEGORY.value] * 3
    snapshot = make_snapshot(
        1,
        10,
        [(0, item, 0.9, item in (0, 9), 0, item) for item in range(10)],
        parents,
        [(item, int(item >= 8)) for item in range(10)],
        interests=[
            (0, 0, 8 * gain["view"] + gain["like"]),
            (0, 1, 2 * gain["view"] + gain["like"]),
            (0, 2, gain["chosen"]),
        ],
    )
    known, test = split_in_time(snapshot)
    assert test.item.tolist() == [8, 9]
    assert known.interest.tolist() == [[0, 0], [0, 2]]
    assert known.interest_score.tolist() == pytest.approx(
        [8 * gain["view"] + gain["like"], gain["chosen"]]
    )


def test_ties_in_time_are_split_in_the_given_order(make_snapshot):
    rows = [(0, item, 1, 0, 0, 7) for item in range(5)] + [(1, 0, 1, 0, 0, 8)]
    train, test = split_in_time(make_snapshot(2, 5, rows))
    train = only(train, train.viewer == 0)
    assert train.item.tolist() == [0, 1, 2, 3]
    assert test.item.tolist() == [4]


def test_without_times_the_split_is_drawn_and_repeatable(make_snapshot):
    snapshot = make_snapshot(2, 50, [(v, item, 1, 0, 0, 0) for v in (0, 1) for item in range(50)])
    first, again = (split_in_time(snapshot, seed=3)[1] for _ in range(2))
    assert np.array_equal(first.item, again.item)
    assert np.bincount(first.viewer).tolist() == [10, 10]
    assert sorted(first.item[first.viewer == 0]) != list(range(40, 50))
    assert not np.array_equal(first.item, split_in_time(snapshot, seed=4)[1].item)


def test_viewers_with_few_interactions_keep_them_all(make_snapshot):
    snapshot = make_snapshot(1, 4, [(0, item, 1, 0, 0, item) for item in range(4)])
    train, test = split_in_time(snapshot)
    assert len(train.viewer) == 4
    assert len(test) == 0


def test_edges_are_typed_weighted_and_stamped(make_snapshot):
    kinds = [FacetKind.CATEGORY.value, FacetKind.CREATOR.value]
    data = hetero_data(
        make_snapshot(
            2,
            3,
            [(0, 0, 0.5, 1, 0, 10), (0, 1, 0.2, 0, 1, 11), (1, 2, 1, 0, 0, 12)],
            kinds,
            [(0, 0), (0, 1), (2, 1)],
            interests=[(0, 0, 2.0)],
            follows=[(1, 1)],
        )
    )
    watched, liked = (data["viewer", relation, "item"] for relation in ("watched", "liked"))
    assert watched.edge_index.tolist() == [[0, 1], [0, 2]]
    assert watched.weight.tolist() == [0.5, 1]
    assert watched.time.tolist() == [10, 12]
    assert liked.edge_index.tolist() == [[0], [0]]
    assert liked.time.tolist() == [10]
    matrix = engagement_matrix(data)
    assert matrix.nnz == 2
    assert matrix.toarray()[[0, 1], [0, 2]] == pytest.approx([engagement(0.5, 1), engagement(1, 0)])
    assert data["viewer", "dismissed", "item"].edge_index.tolist() == [[0], [1]]
    assert data["item", "category", "facet"].edge_index.tolist() == [[0], [0]]
    assert data["item", "creator", "facet"].edge_index.tolist() == [[0, 2], [1, 1]]
    assert data["item", "tag", "facet"].edge_index.shape == (2, 0)
    assert data["viewer", "interest", "facet"].weight.tolist() == [2.0]
    assert data["viewer", "follows", "facet"].edge_index.tolist() == [[1], [1]]
    assert data.validate()


def test_a_history_is_what_serving_would_add_up(make_snapshot):
    snapshot = make_snapshot(
        1,
        3,
        [(0, 0, 1, 0, 0, 1), (0, 1, 1, 1, 0, 2), (0, 2, 1, 1, 1, 3)],
        [FacetKind.PARENT_CATEGORY.value] * 2,
        interests=[(0, 0, 3.0), (0, 1, 1.0)],
        follows=[(0, 1)],
    )
    row = histories(snapshot, half_life=1, length=200).toarray()[0]
    assert row == pytest.approx(
        [
            0.6 / 4,
            1 / 2,
            profile.DISMISSED,
            profile.INTEREST * 3 / 4,
            profile.INTEREST / 4 + profile.FOLLOW,
        ]
    )


def test_what_is_too_old_to_be_served_weighs_nothing(make_snapshot):
    snapshot = make_snapshot(1, 3, [(0, item, 1, 1, 0, item) for item in range(3)])
    assert histories(snapshot, half_life=0, length=2).toarray().tolist() == [[0, 1, 1]]


def test_newest_interaction_has_rank_zero(make_snapshot):
    rows = [(1, 0, 1, 0, 0, 5), (0, 0, 1, 0, 0, 9), (1, 1, 1, 0, 0, 8), (1, 2, 1, 0, 0, 6)]
    assert newest_first(make_snapshot(2, 3, rows)).tolist() == [2, 0, 0, 1]
