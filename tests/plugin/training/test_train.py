from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from recommendations_plugin import profile
from recommendations_plugin.training import grid, search
from recommendations_plugin.training import train as training
from recommendations_plugin.training.dataset import split_in_time
from recommendations_plugin.training.evaluate import judge
from recommendations_plugin.training.grid import UNCHOSEN
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.scene import Scene
from recommendations_plugin.training.scorers import model_scorer, popularity
from recommendations_plugin.training.search import Search
from recommendations_plugin.training.train import (
    NothingToTrain,
    TrainingFailed,
    choose,
    fit,
    train,
)
from recommendations_plugin.types import FacetKind

#: Most tests leave out the network, which takes longest: ``encoders/test_gnn.py`` is about it.
SMALL = Parameters(dimension=64, network=False)
SETTINGS = {"DIMENSION": 64, "SEED": 1, "NETWORK": False}


@pytest.fixture(scope="module")
def trained(communities):
    return train(communities, SETTINGS)


def directions(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def made_of(embeddings, pulls):
    """The vector of a viewer who did this, as serving makes it."""
    blocks = embeddings.parameters["blocks"]
    return profile.viewer_vector(pulls, np.ones(len(pulls)), blocks, embeddings.projection)


def test_it_finds_planted_communities_far_better_than_popularity(trained):
    _embeddings, metrics = trained
    chance = 20 / (120 - 16)
    assert metrics["viewers"] == 60
    assert metrics["popularity"]["recall@20"] < 1.5 * chance
    assert metrics["recall@20"] > 1.7 * metrics["popularity"]["recall@20"]
    assert metrics["ndcg@20"] > 1.5 * metrics["popularity"]["ndcg@20"]


def test_a_cold_item_ranks_with_the_community_of_its_category(trained, communities):
    embeddings, _metrics = trained
    for community in (0, 1):
        vector = made_of(embeddings, embeddings.pulls[community:20:2])
        own, foreign = embeddings.items[[120 + community, 121 - community]] @ vector
        assert own > foreign


def test_cold_items_are_no_more_popular_than_the_least_known(communities):
    embeddings = fit(communities, UNCHOSEN, SMALL)
    popular = embeddings.items[:, -1]
    assert popular[120:].max() <= np.quantile(popular[:120], 0.2)


def test_an_item_of_which_nothing_is_said_or_known_is_shown_to_nobody(make_snapshot, communities):
    snapshot = replace(communities, facet_keys=[], facet_kinds=[], item_facet=np.zeros((2, 0), int))
    scores = model_scorer(fit(snapshot, UNCHOSEN, SMALL), snapshot)(np.arange(60))
    assert np.abs(scores[:, 120:]).max() < 1e-6
    assert (np.median(scores[:, :120], axis=1) > 0).all()


def test_a_chosen_category_leads_to_its_items(trained):
    embeddings, _metrics = trained
    for facet in (0, 1):
        vector = made_of(embeddings, embeddings.facets[facet][None])
        top = np.argsort(-embeddings.items @ vector)[:20]
        assert (top % 2 == facet).mean() > 0.9


def test_metrics_can_be_stored_and_say_what_was_tried(trained):
    embeddings, metrics = trained
    assert json.loads(json.dumps(metrics, allow_nan=False))["trials"]
    encoders = {trial.get("encoder") for trial in metrics["trials"]}
    assert encoders >= {"popularity", "spectral", "als", "content"}
    assert json.loads(json.dumps(embeddings.parameters)) == embeddings.parameters


def test_vectors_have_the_promised_form(trained, communities):
    embeddings, _metrics = trained
    width = sum(block["dimension"] for block in embeddings.parameters["blocks"])
    assert embeddings.items.shape[0] == 122
    assert embeddings.items.shape[1] <= SMALL.dimension
    assert embeddings.pulls.shape == (122, width)
    assert embeddings.facets.shape == (2, width)
    for vectors in (embeddings.items, embeddings.pulls, embeddings.facets):
        assert vectors.dtype == np.float32
    assert np.linalg.norm(embeddings.items, axis=1).max() == pytest.approx(1)
    assert embeddings.item_keys == communities.item_keys


def test_the_same_snapshot_and_seed_give_the_same_bits(communities):
    recipe = replace(
        UNCHOSEN, parts=(*UNCHOSEN.parts, (grid.candidates(1, 30, 64, False)[-1], 1.0))
    )
    first, second = (fit(communities, recipe, SMALL) for _ in range(2))
    assert np.array_equal(first.items, second.items)
    assert np.array_equal(first.pulls, second.pulls)
    assert choose(communities, SMALL) == choose(communities, SMALL)


def test_nothing_held_out_is_seen_or_chosen_by_before_the_final_fit(communities, monkeypatch):
    held = split_in_time(communities)[1]
    secret = set(zip(held.viewer.tolist(), held.item.tolist(), strict=True))
    fitted, searched = [], []

    def leaked(of):
        return len(set(zip(of.viewer.tolist(), of.item.tolist(), strict=True)) & secret)

    def spy_fit(snapshot, *rest):
        fitted.append(leaked(snapshot))
        return fit(snapshot, *rest)

    class Spy(Search):
        def __init__(self, known, parameters):
            super().__init__(known, parameters)
            searched.extend([leaked(known), leaked(self.seen), leaked(self.heldout)])

    monkeypatch.setattr(training, "fit", spy_fit)
    monkeypatch.setattr(training, "Search", Spy)
    train(communities, SETTINGS)
    assert fitted == [0, len(secret)]
    assert searched == [0, 0, 0]


def test_a_network_is_tried_ends_early_and_is_served_with_the_steps_that_did_best(communities):
    given = replace(SMALL, network=True)
    recipe, trials = choose(communities, given)
    tried = [trial for trial in trials if trial.get("encoder") == "gnn"]
    steps = [trial["steps"] for trial in tried]
    assert steps == list(range(search.CHECKPOINT, steps[-1] + 1, search.CHECKPOINT))
    quality = [trial["recall@20"] * trial["ndcg@20"] for trial in tried]
    best = int(np.argmax(quality))
    assert len(tried) == min(best + 1 + search.PATIENCE, search.MOST_STEPS // search.CHECKPOINT)
    network = {"encoder": "gnn", "normalised": 0.25, "dimension": 8, "half_life": 0.0, "steps": 9}
    mixed = replace(recipe, parts=(*UNCHOSEN.parts, (network, 0.5)))
    embeddings = fit(communities, mixed, given)
    assert embeddings.parameters["blocks"][-1] == {"dimension": 8, "alpha": 0.0}
    assert embeddings.parameters["parts"][-1]["steps"] == 9


def test_a_large_graph_gets_a_network_only_by_a_gpu(communities, monkeypatch):
    found = Search(communities, replace(SMALL, network=True))
    found.scene = Scene.of(found.seen)
    for most, gpu, affords in ((10**6, False, True), (10, False, False), (10, True, True)):
        monkeypatch.setattr(grid, "SMALL", most)
        monkeypatch.setattr(search.torch.cuda, "is_available", lambda gpu=gpu: gpu)
        assert found._affords_network() == affords


def test_what_is_validated_by_is_not_trained_on(communities):
    found = Search(communities, SMALL)
    pairs = [set(zip(of.viewer, of.item, strict=True)) for of in (found.seen, found.heldout)]
    assert pairs[1]
    assert not pairs[0] & pairs[1]


def test_dismissed_items_lose_ground(make_snapshot, communities):
    """The even items, dismissed by a viewer who otherwise did nothing, sink for them."""
    names = ("viewer", "item", "portion", "liked", "dismissed", "at")
    columns = zip(*(getattr(communities, name) for name in names), strict=True)
    rows = [row for row in columns if row[0] != 0]
    rows += [(0, item, 0, 0, 1, 100 + item) for item in range(0, 20, 2)]
    kinds = communities.facet_kinds
    snapshot = make_snapshot(60, 122, rows, kinds, communities.item_facet.T)
    scores = model_scorer(fit(snapshot, UNCHOSEN, SMALL), snapshot)(np.array([0]))[0]
    assert scores[:120:2].mean() < scores[1:120:2].mean()


def test_numbers_that_are_not_finite_are_refused(communities, monkeypatch):
    monkeypatch.setattr(training, "place_cold", lambda _scene, items, *_rest: items.fill(np.nan))
    with pytest.raises(TrainingFailed, match="not finite"):
        fit(communities, UNCHOSEN, SMALL)


@pytest.mark.parametrize("items", [1, 2, 23])
@pytest.mark.parametrize("facets", [0, 2])
@pytest.mark.parametrize("rows", [0, 1, 10])
def test_small_sites_train(make_snapshot, items, facets, rows):
    kinds = [FacetKind.CATEGORY.value] * facets
    pairs = [(item, item % 2) for item in range(items)] if facets else []
    watched = [(0, item, 1, 0, 0, item) for item in range(min(rows, items))]
    snapshot = make_snapshot(min(rows, 1), items, watched, kinds, pairs)
    embeddings, _metrics = train(snapshot, SETTINGS)
    assert embeddings.items.shape[0] == items
    assert embeddings.items.shape[1] >= 1
    assert np.isfinite(embeddings.items).all()


def test_no_item_is_nothing_to_train(make_snapshot):
    with pytest.raises(NothingToTrain, match="no live item"):
        train(make_snapshot(3, 0, []), SETTINGS)


def test_without_behaviour_facets_alone_place_items(make_snapshot):
    kinds = [FacetKind.CATEGORY.value, FacetKind.CREATOR.value] * 2
    pairs = [(item, facet) for item in range(10) for facet in ((0, 1) if item < 5 else (2, 3))]
    embeddings, metrics = train(make_snapshot(0, 10, [], kinds, pairs), SETTINGS)
    similar = directions(embeddings.items) @ directions(embeddings.items).T
    assert similar[:5, :5].min() > 0.9
    assert similar[:5, 5:].max() < 0.5
    assert "recall@20" not in metrics


@pytest.mark.parametrize("seed", range(3))
def test_behaviour_without_any_pattern_is_no_worse_than_popularity(make_snapshot, seed):
    rng = np.random.default_rng(seed)
    likely = 1 / np.arange(1, 101)
    rows = [
        (viewer, item, 1, 0, 0, at)
        for viewer in range(100)
        for at, item in enumerate(rng.choice(100, 20, replace=False, p=likely / likely.sum()))
    ]
    snapshot = make_snapshot(100, 100, rows)
    known, test = split_in_time(snapshot)
    recipe, _trials = choose(known, SMALL)
    found = judge(known, test, model_scorer(fit(known, recipe, SMALL), known))
    baseline = judge(known, test, popularity(known))
    assert recipe.parts == grid.CAUTIOUS
    assert found["recall@20"] >= 0.99 * baseline["recall@20"]


def test_a_large_site_is_searched_by_some_of_its_viewers(communities, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_AT", 600)
    monkeypatch.setattr(grid, "SMALL", 100)
    found = Search(communities, SMALL)
    assert 300 < len(found.seen.viewer) + len(found.heldout) < 900
    assert found.run().parts


def test_progress_only_goes_forward(communities):
    told = []
    train(communities, SETTINGS, progress=lambda what, part: told.append(part))
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] <= 1


def test_a_wrong_setting_is_named():
    with pytest.raises(ValueError, match="DIMENSIONS"):
        train(None, {"DIMENSIONS": 3})
