from __future__ import annotations

import numpy as np
import pytest

from recommendations_plugin.training import evaluate
from recommendations_plugin.training.dataset import Heldout
from recommendations_plugin.training.scorers import popularity


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
    numbers = evaluate.judge(train, Heldout(np.array([0]), np.array([2])), popularity(train), k=20)
    assert numbers["recall@20"] == 1
    assert numbers["coverage@20"] == pytest.approx(2 / 3)


def test_batches_give_the_same_numbers(communities, monkeypatch):
    heldout = Heldout(np.arange(60), np.arange(60))
    whole = evaluate.judge(communities, heldout, popularity(communities))
    monkeypatch.setattr(evaluate, "BATCH_SCORES", 7 * 122)
    assert evaluate.judge(communities, heldout, popularity(communities)) == whole


def test_nothing_held_out_gives_no_numbers(make_snapshot):
    empty = Heldout(np.empty(0, dtype=int), np.empty(0, dtype=int))
    train = make_snapshot(0, 0, [])
    assert evaluate.judge(train, empty, popularity(train)) == {}


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
