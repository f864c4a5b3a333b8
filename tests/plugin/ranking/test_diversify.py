"""Choosing a page: pure, over tables made here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations_plugin.events.shelf import row_of
from recommendations_plugin.placements import Placement
from recommendations_plugin.ranking.diversify import diversify
from recommendations_plugin.ranking.table import table_of


def table(scores, vectors=None, creators=None, categories=None, tiers=None):
    """A table of items by their scores, best first unless said otherwise."""
    n = len(scores)
    found = table_of((item(row, creators, categories), "fresh") for row in range(n))
    found.score = np.array(scores, dtype=np.float64)
    found.vectors = np.array(vectors if vectors is not None else np.zeros((n, 2)), np.float32)
    found.tier = np.array(tiers or [0] * n)
    return found


def item(row, creators, categories):
    facets = {
        "creator": [creators[row]] if creators else [],
        "category": [categories[row]] if categories else [],
    }
    return row_of(row, str(row), True, "", 0.0, 0.0, None, 0, 0, facets)


def choose(found, limit, explorable=(), **wants):
    settings = {"diversity": 0.0, "per_creator": 0, "per_category": 0, "explore": 0.0, **wants}
    may = np.isin(np.arange(len(found)), list(explorable))
    return diversify(found, Placement(**settings), limit, may)


def test_without_diversity_the_best_scores_are_shown_in_order():
    assert choose(table([0.1, 0.9, 0.5]), 2) == [1, 2]


def test_an_item_much_like_one_above_it_gives_way_to_a_different_one():
    found = table([1.0, 0.95, 0.9], vectors=[[1, 0], [1, 0.01], [0, 1]])
    assert choose(found, 3) == [0, 1, 2]
    assert choose(found, 3, diversity=0.3) == [0, 2, 1]


def test_a_creator_waits_when_their_share_of_the_page_is_full():
    found = table([0.9, 0.8, 0.7, 0.1], creators=["a", "a", "a", "b"])
    assert choose(found, 3, per_creator=2) == [0, 1, 3]


def test_a_category_waits_when_its_share_of_the_page_is_full():
    found = table([0.9, 0.8, 0.1], categories=["jazz", "jazz", "soup"])
    assert choose(found, 2, per_category=1) == [0, 2]


def test_a_cap_never_leaves_a_place_empty():
    found = table([0.9, 0.8, 0.7], creators=["a", "a", "a"])
    assert choose(found, 3, per_creator=1) == [0, 1, 2]


def test_what_the_viewer_chose_comes_before_everything_else_whatever_the_caps():
    found = table([0.1, 0.1, 0.9], tiers=[0, 0, 1], creators=["a", "a", "b"])
    assert choose(found, 3, per_creator=1, diversity=0.5) == [0, 1, 2]


def test_every_fourth_place_goes_to_something_new():
    found = table([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    chosen = choose(found, 8, explorable=[7, 8], explore=0.25)
    assert chosen == [0, 1, 2, 7, 3, 4, 5, 8]


def test_places_for_new_items_are_filled_when_there_are_none():
    assert choose(table([0.9, 0.8, 0.7, 0.6]), 4, explore=0.5) == [0, 1, 2, 3]


@given(
    scores=st.lists(st.floats(0, 2), max_size=30),
    limit=st.integers(1, 40),
    diversity=st.floats(0, 1),
    cap=st.integers(0, 3),
    explore=st.floats(0, 1),
)
def test_a_page_is_full_and_shows_nothing_twice(scores, limit, diversity, cap, explore):
    n = len(scores)
    rng = np.random.default_rng(n)
    found = table(
        scores,
        vectors=rng.normal(size=(n, 4)),
        creators=[str(row % 3) for row in range(n)],
        tiers=[row % 2 for row in range(n)],
    )
    chosen = choose(
        found, limit, range(0, n, 2), diversity=diversity, per_creator=cap, explore=explore
    )
    assert len(chosen) == len(set(chosen)) == min(limit, n)


@pytest.mark.parametrize("limit", [1, 24])
def test_an_empty_table_gives_an_empty_page(limit):
    assert choose(table([]), limit, diversity=0.5, per_creator=1, explore=0.5) == []
