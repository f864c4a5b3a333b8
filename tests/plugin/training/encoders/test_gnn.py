from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from recommendations_plugin import profile
from recommendations_plugin.training.dataset import split_in_time
from recommendations_plugin.training.encoders.gnn import Histories, Training
from recommendations_plugin.training.encoders.spectral import decompose
from recommendations_plugin.training.scene import Scene


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def training(snapshot, **given):
    scene = Scene.of(snapshot)
    matrix = sp.csr_array(sp.vstack([scene.engaged, scene.facets.T]))
    told = {"dimension": 16, "half_life": 0.0, "seed": 1, **given}
    return Training(matrix, scene.histories, decompose(matrix, 16, 0.25), **told)


@pytest.fixture(scope="module")
def eras(make_snapshot):
    """Everybody watches ten of the first thirty items, then ten of the other thirty."""
    rng = np.random.default_rng(3)
    rows = []
    for viewer in range(120):
        halves = [rng.choice(30, 10, replace=False) + half for half in (0, 30)]
        rows += [(viewer, item, 1, 1, 0, at) for at, item in enumerate(np.concatenate(halves))]
    return make_snapshot(120, 60, rows)


def test_it_learns_from_the_order_of_time_what_is_wanted_next(eras):
    """The newest fifth is of the later era, as was what was wanted after each cut before it."""
    known, test = split_in_time(eras)
    network, engaged = training(known), Scene.of(known).engaged

    def found(block):
        scores = block.scores(block.viewers(engaged)).numpy()
        scores[engaged.nonzero()] = -np.inf
        top = (-scores).argsort(axis=1)[:, :20]
        return np.mean(
            [item in top[viewer] for viewer, item in zip(test.viewer, test.item, strict=True)]
        )

    before, after = found(network.until(0)), found(network.until(40))
    assert after > 1.2 * before


def test_a_viewer_made_at_request_time_is_the_viewer_training_made(eras):
    """``profile`` makes the same vector of pulls, one viewer at a time and without torch."""
    block = training(eras).until(3)
    engaged = Scene.of(eras).engaged
    trained = block.viewers(engaged).numpy()
    for viewer in (0, 7):
        own = engaged[[viewer]]
        made = profile.viewer_vector(
            block.pulls.numpy()[own.indices],
            own.data,
            [{"dimension": block.dimension, "alpha": block.alpha}],
        )
        assert made == pytest.approx(trained[viewer], abs=1e-5)


def test_a_node_that_nobody_watched_is_what_its_facets_send_it(communities):
    """Items 120 and 121 have a category only: they are found with those of their category."""
    block = training(communities).until(40)
    vectors = block.items.numpy()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for cold in (120, 121):
        likeness = unit[:120] @ unit[cold]
        assert likeness[cold % 2 :: 2].mean() > likeness[1 - cold % 2 :: 2].mean() + 0.2


def test_what_is_to_be_found_passes_no_message_and_is_later_than_what_does(eras):
    network = training(eras)
    network._begin_epoch()
    assert network.wanted.multiply(network.history).nnz == 0
    messages = network.graph.to_items.to_dense().numpy().T[:120]
    assert not (messages * (network.wanted.toarray() > 0)).any()
    scene = Scene.of(eras)
    ranks = sp.csr_array(
        (scene.histories.rank + 1, (scene.histories.viewer, scene.histories.item)),
        shape=scene.engaged.shape,
    ).toarray()
    for viewer in range(120):
        found, known = (of.toarray()[viewer] > 0 for of in (network.wanted, network.history))
        assert ranks[viewer][found].max() < ranks[viewer][known].min()


def test_the_same_seed_gives_the_same_bits_in_one_go_or_in_two(eras):
    once, twice, other = training(eras), training(eras), training(eras, seed=2)
    twice.until(4)
    first, second = once.until(9), twice.until(9)
    assert torch.equal(first.vectors, second.vectors)
    assert torch.equal(first.found, second.found)
    assert not torch.equal(first.vectors, other.until(9).vectors)


def test_dismissed_items_and_those_nobody_watched_longer_than_nothing_teach_nothing(make_snapshot):
    rows = [(0, 0, 1, 0, 0, 1), (0, 1, 1, 0, 1, 2), (0, 2, 0, 0, 0, 3), (1, 1, 0.5, 1, 0, 4)]
    found = Histories.of(make_snapshot(3, 4, rows))
    assert found.viewers == 3
    assert found.item.tolist() == [0, 1]
    assert found.weight.tolist() == pytest.approx([0.6, 0.7])
    assert found.rank.tolist() == [0, 0]


def test_with_one_interaction_each_there_is_nothing_to_learn_and_no_endless_loop(make_snapshot):
    block = training(make_snapshot(3, 3, [(n, n, 1, 0, 0, n) for n in range(3)])).until(5)
    assert torch.isfinite(block.items).all()


def test_a_large_catalogue_is_compared_with_some_items(eras, monkeypatch):
    monkeypatch.setattr("recommendations_plugin.training.encoders.gnn.COMPARED", 20)
    assert torch.isfinite(training(eras).until(5).items).all()
