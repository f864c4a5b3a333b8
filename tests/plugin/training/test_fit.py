from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from recommendations_plugin.profile import directions
from recommendations_plugin.training import fit as fitting
from recommendations_plugin.training import train as training
from recommendations_plugin.training.dataset import hetero_data, histories, split_in_time
from recommendations_plugin.training.evaluate import evaluate, judge, model_scorer, popularity
from recommendations_plugin.training.fit import NothingToTrain, TrainingFailed, fit
from recommendations_plugin.training.model import (
    Propagation,
    Recommender,
    engagement_matrix,
    randomised_svd,
    softmax_loss,
)
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.train import train
from recommendations_plugin.types import FacetKind

SMALL = Parameters(dimension=16, epochs=5)
SETTINGS = {"DIMENSION": 16, "EPOCHS": 10, "SEED": 1}


@pytest.fixture(scope="module")
def trained(communities):
    return train(communities, SETTINGS)


def test_it_finds_planted_communities_far_better_than_popularity(trained, communities):
    _embeddings, metrics = trained
    chance = 20 / (120 - 16)
    assert metrics["viewers"] == 60
    assert metrics["popularity"]["recall@20"] < 1.5 * chance
    assert metrics["recall@20"] > 1.7 * metrics["popularity"]["recall@20"]
    assert metrics["ndcg@20"] > 1.5 * metrics["popularity"]["ndcg@20"]


def test_a_cold_item_ranks_with_the_community_of_its_category(trained):
    items = directions(trained[0].items)
    for cold in (120, 121):
        near = items[:120] @ items[cold]
        assert near[cold % 2 :: 2].min() > near[1 - cold % 2 :: 2].max()


def test_a_chosen_category_leads_to_its_items(trained):
    embeddings, _metrics = trained
    for facet in (0, 1):
        top = np.argsort(-embeddings.items @ embeddings.facets[facet])[:20]
        assert (top % 2 == facet).mean() > 0.9


def test_metrics_can_be_stored_and_say_what_was_tried(trained):
    _embeddings, metrics = trained
    assert json.loads(json.dumps(metrics, allow_nan=False))["trials"]
    assert metrics["trials"][0].keys() >= {"half_life", "power", "popularity", "epochs", "ndcg@20"}


def test_vectors_have_the_promised_form(trained, communities):
    embeddings, _metrics = trained
    assert embeddings.items.dtype == embeddings.facets.dtype == np.float32
    assert embeddings.items.shape == (122, 16)
    assert embeddings.facets.shape == (2, 16)
    assert np.linalg.norm(embeddings.items, axis=1).max() == pytest.approx(1)
    assert np.linalg.norm(embeddings.facets, axis=1) == pytest.approx([1, 1])
    assert embeddings.item_keys == communities.item_keys


def test_the_same_seed_gives_the_same_bits(communities):
    first, second = fit(communities, None, SMALL), fit(communities, None, SMALL)
    assert np.array_equal(first.items, second.items)
    assert np.array_equal(first.facets, second.facets)
    other = fit(communities, None, replace(SMALL, seed=2))
    assert not np.array_equal(first.items, other.items)


def test_nothing_held_out_is_seen_or_chosen_by_before_the_final_fit(communities, monkeypatch):
    held = split_in_time(communities)[1]
    secret = set(zip(held.viewer.tolist(), held.item.tolist(), strict=True))
    fitted, chosen_by = [], []

    def leaked(of):
        return len(set(zip(of.viewer.tolist(), of.item.tolist(), strict=True)) & secret)

    def spy_fit(snapshot, validation, *rest):
        fitted.append(leaked(snapshot))
        chosen_by.append(leaked(validation) if validation else 0)
        return fit(snapshot, validation, *rest)

    def spy_evaluate(embeddings, snapshot, heldout):
        chosen_by.append(leaked(heldout))
        return evaluate(embeddings, snapshot, heldout)

    monkeypatch.setattr(training, "fit", spy_fit)
    monkeypatch.setattr(training, "evaluate", spy_evaluate)
    train(communities, {"DIMENSION": 8, "EPOCHS": 1})
    assert len(fitted) > 2
    assert fitted == [0] * (len(fitted) - 1) + [len(secret)]
    assert not any(chosen_by)


def test_hidden_items_never_help_to_find_themselves(communities):
    engaged = engagement_matrix(hetero_data(communities))
    history = histories(communities, 10, 200)
    hidden = engaged.copy()
    hidden.data[::3] = 0
    hidden.eliminate_zeros()
    kept = fitting.without(history, hidden)
    assert (kept[:, : engaged.shape[1]] * hidden).nnz == 0
    assert kept.nnz + hidden.nnz == history.nnz


def test_the_model_makes_viewers_as_serving_does(communities):
    model = Recommender(hetero_data(communities), SMALL).eval()
    embeddings = fitting.embeddings_of(model, communities, SMALL, 0)
    history = histories(communities, SMALL.half_life, SMALL.history)
    with torch.no_grad():
        vectors = model.viewers(history, *model()).numpy()
    unit = np.concatenate([directions(embeddings.items), directions(embeddings.facets)])
    assert vectors == pytest.approx(directions(history @ unit), abs=1e-5)


def test_dismissed_items_lose_ground(make_snapshot, communities):
    """The odd viewers' items, all dismissed by somebody, sink for who did so."""
    rows = [(0, item, 0, 0, 1, 100 + item) for item in range(0, 20, 2)]
    columns = zip(
        *(
            getattr(communities, name)
            for name in ("viewer", "item", "portion", "liked", "dismissed", "at")
        ),
        strict=True,
    )
    watched = [row for row in columns if row[0] != 0]
    kinds = communities.facet_kinds
    snapshot = make_snapshot(60, 122, watched + rows, kinds, communities.item_facet.T)
    scores = model_scorer(fit(snapshot, None, SMALL), snapshot)(np.array([0]))[0]
    assert scores[:120:2].mean() < scores[1:120:2].mean()


@pytest.mark.parametrize("where", ["loss", "vectors"])
def test_numbers_that_are_not_finite_are_refused(communities, monkeypatch, where):
    if where == "loss":
        monkeypatch.setattr(fitting, "softmax_loss", lambda *of: softmax_loss(*of) * torch.nan)
    else:
        broken = lambda self: (torch.full((122, 16), torch.inf), torch.zeros(2, 16))  # noqa: E731
        monkeypatch.setattr(Recommender, "forward", broken)
    with pytest.raises(TrainingFailed, match=r"nan|not finite"):
        fit(communities, None, SMALL)


@pytest.mark.parametrize("items", [1, 23])
@pytest.mark.parametrize("facets", [0, 2])
@pytest.mark.parametrize("rows", [0, 1, 10])
def test_small_sites_train(make_snapshot, items, facets, rows):
    kinds = [FacetKind.CATEGORY.value] * facets
    pairs = [(item, item % 2) for item in range(items)] if facets else []
    watched = [(0, item, 1, 0, 0, item) for item in range(min(rows, items))]
    snapshot = make_snapshot(min(rows, 1), items, watched, kinds, pairs)
    embeddings, _metrics = train(snapshot, SETTINGS)
    assert embeddings.items.shape == (items, 16)
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


def test_large_catalogues_are_sampled_and_still_learnt(communities, monkeypatch):
    monkeypatch.setattr(fitting, "MOST_CANDIDATES", 30)
    known, test = split_in_time(communities)
    scorer = model_scorer(fit(known, None, SMALL), known)
    baseline = judge(known, test, popularity(known))["recall@20"]
    assert judge(known, test, scorer)["recall@20"] > 1.5 * baseline


def test_validation_stops_at_the_best_epoch(communities):
    seen, validation = split_in_time(communities)
    messages = []
    embeddings = fit(
        seen, validation, replace(SMALL, epochs=60), lambda *report: messages.append(report)
    )
    assert embeddings.parameters["epochs"] <= 60
    fractions = [fraction for _message, fraction in messages]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] <= 1


def test_sparse_multiplication_has_the_gradient_of_a_dense_one():
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(4, 6)) * (rng.random((4, 6)) < 0.5)
    x = torch.randn(6, 3, requires_grad=True)
    expected = torch.autograd.grad((torch.tensor(matrix).float() @ x).pow(2).sum(), x)[0]
    actual = torch.autograd.grad(Propagation(matrix)(x).pow(2).sum(), x)[0]
    assert torch.allclose(expected, actual, atol=1e-5)


def test_singular_vectors_match_the_exact_ones():
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(30, 8)) @ np.diag(2.0 ** -np.arange(8)) @ rng.normal(size=(8, 20))
    vectors, values = randomised_svd(matrix, 5, seed=1)
    _left, exact, right = np.linalg.svd(matrix)
    assert values.numpy() == pytest.approx(exact[:5], rel=1e-3)
    assert np.abs((vectors.numpy() * right[:5].T).sum(axis=0)) == pytest.approx([1] * 5, abs=1e-2)


def test_a_wrong_setting_is_named():
    with pytest.raises(ValueError, match="DIMENSIONS"):
        train(None, {"DIMENSIONS": 3})
