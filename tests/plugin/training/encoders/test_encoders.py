from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from recommendations_plugin import profile
from recommendations_plugin.training.encoders import fold_in as folding
from recommendations_plugin.training.encoders import spectral
from recommendations_plugin.training.encoders.als import alternating_least_squares
from recommendations_plugin.training.encoders.content import content
from recommendations_plugin.training.encoders.fold_in import fold_in
from recommendations_plugin.training.encoders.popularity import popularity
from recommendations_plugin.training.encoders.spectral import (
    decompose,
    graph_filter,
    krylov_svd,
    orthonormal,
    torch_csr,
)


@pytest.fixture(scope="module")
def graph():
    rng = np.random.default_rng(4)
    tastes = rng.random((40, 3)) @ rng.random((3, 30))
    return sp.csr_array((tastes > np.quantile(tastes, 0.8)).astype(np.float32))


@pytest.mark.parametrize("exact", [0, 100])
def test_singular_vectors_match_the_exact_ones(monkeypatch, exact):
    monkeypatch.setattr(spectral, "EXACT", exact)
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(30, 8)) @ np.diag(2.0 ** -np.arange(8)) @ rng.normal(size=(8, 20))
    vectors, values = krylov_svd(sp.csr_array(matrix), 5, seed=1)
    _left, expected, right = np.linalg.svd(matrix)
    assert values.numpy() == pytest.approx(expected[:5], rel=1e-3)
    assert np.abs((vectors.numpy() * right[:5].T).sum(axis=0)) == pytest.approx([1] * 5, abs=1e-2)


@pytest.mark.parametrize("exact", [0, 100])
def test_more_rank_than_there_is_gives_what_there_is(monkeypatch, exact):
    monkeypatch.setattr(spectral, "EXACT", exact)
    vectors, values = krylov_svd(sp.csr_array(np.ones((6, 9))), 5, seed=1)
    assert vectors.shape == (9, 1)
    assert values.numpy() == pytest.approx([54**0.5], rel=1e-4)


def test_columns_become_orthonormal_and_orthogonal_to_those_before():
    generator = torch.Generator().manual_seed(1)
    basis = orthonormal(torch.randn(50, 7, generator=generator), torch.zeros(50, 0))
    block = torch.randn(50, 5, generator=generator) + 9 * basis[:, :1]
    whole = torch.cat([basis, orthonormal(block, basis)], dim=1)
    assert torch.allclose(whole.T @ whole, torch.eye(12), atol=1e-5)


def test_sparse_multiplication_is_that_of_the_dense_matrix(graph):
    x = torch.randn(30, 3)
    assert torch.allclose(torch_csr(graph) @ x, torch.from_numpy(graph.toarray()) @ x, atol=1e-5)


def test_the_ideal_filter_is_one_propagation_over_the_low_frequencies(graph):
    block = graph_filter(decompose(graph, 5), 5)
    scale = np.sqrt(np.maximum(graph.sum(axis=0), 0.1))
    rows = np.sqrt(graph.sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        balanced = np.nan_to_num(graph.toarray() / rows[:, None] / scale)
    right = np.linalg.svd(balanced)[2][:5]
    expected = graph.toarray() / scale @ right.T @ right * scale
    assert block.pulls.numpy() @ block.items.numpy().T == pytest.approx(
        (right.T @ right) / scale[:, None] * scale, abs=1e-2
    )
    assert graph @ block.pulls.numpy() @ block.items.numpy().T == pytest.approx(expected, abs=0.05)


def test_at_full_rank_without_normalising_it_is_ease(graph):
    """Steck 2019: B = I - P / diag(P), P = (XᵀX + λ)⁻¹; the same scores of every unseen item."""
    graph = sp.csr_array(graph[:, np.flatnonzero(graph.sum(axis=0) > 0)])
    dense = graph.toarray().astype(np.float64)
    items = dense.shape[1]
    largest = np.linalg.svd(dense)[1][0]
    inverse = np.linalg.inv(dense.T @ dense + 0.1 * largest**2 * np.eye(items))
    ease = dense @ (np.eye(items) - inverse / np.diag(inverse))
    block = graph_filter(decompose(graph, items, 0.0), items, ridge=0.1, alone=True)
    ours = graph @ block.pulls.numpy() @ block.items.numpy().T
    unseen = dense == 0
    assert ours[unseen] == pytest.approx(ease[unseen], abs=1e-3)
    assert np.abs(ease[unseen]).max() > 0.05


def test_at_full_rank_twice_sharpened_it_is_the_inverse_covariance(graph):
    graph = sp.csr_array(graph[:, np.flatnonzero(graph.sum(axis=0) > 0)])
    dense = graph.toarray().astype(np.float64)
    items = dense.shape[1]
    covariance = dense.T @ dense / np.linalg.svd(dense)[1][0] ** 2
    block = graph_filter(decompose(graph, items, 0.0), items, ridge=0.1, sharpness=2.0)
    ours = block.pulls.numpy() @ block.items.numpy().T
    inverse = np.linalg.inv(covariance + 0.1 * np.eye(items))
    # What no viewer tells apart the filter has no numbers for.
    assert covariance @ ours == pytest.approx(covariance @ inverse, abs=1e-3)


def test_als_lowers_its_own_objective(graph):
    """The weighted squared error plus ridge of Hu, Koren and Volinsky; each round makes it less."""
    start = torch.randn(30, 4, generator=torch.Generator().manual_seed(2))
    seen = torch.from_numpy(graph.toarray())

    def error(rounds):
        block = alternating_least_squares(graph, start, ridge=1.0, alpha=10.0, rounds=rounds)
        viewers = 10.0 * fold_in(graph, block.pulls, 10.0)
        scores = viewers @ block.items.T
        return float((10 * seen * (1 - scores) ** 2 + scores**2).sum())

    assert error(8) < error(3) < error(1)


def test_als_solves_viewers_as_the_normal_equations_do(graph):
    block = alternating_least_squares(graph, torch.eye(30)[:, :4] + 0.1, ridge=2.0, alpha=5.0)
    row = graph.toarray()[3]
    items = block.pulls.numpy().astype(np.float64)
    expected = np.linalg.solve(np.eye(4) + 5 * (items.T * row) @ items, items.T @ row)
    assert fold_in(graph, block.pulls, 5.0)[3].numpy() == pytest.approx(expected, abs=1e-4)


def test_als_shrinks_an_item_by_its_degree():
    """Degrees of 2, 4 (the median) and 8: solved with half, once and twice the ridge."""
    dense = np.zeros((8, 3), dtype=np.float32)
    for item, degree in enumerate((2, 4, 8)):
        dense[:degree, item] = 1
    start = torch.randn(3, 2, generator=torch.Generator().manual_seed(4))

    def solved(rows, other, ridges):
        gram = other.T @ other
        return np.stack(
            [
                np.linalg.solve(
                    gram + r * np.eye(2) + 5 * (other.T * row) @ other, 5 * other.T @ row
                )
                for row, r in zip(rows, ridges, strict=True)
            ]
        )

    viewers = solved(dense, start.double().numpy(), np.full(8, 3.0))
    items = solved(dense.T, viewers, (1.5, 3.0, 6.0))
    expected = items @ np.linalg.inv(items.T @ items + 3 * np.eye(2)) @ items.T
    graph = sp.csr_array(dense)
    block = alternating_least_squares(graph, start, ridge=3.0, alpha=5.0, nu=1.0, rounds=1)
    assert (block.items @ block.pulls.T).numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("batch", [2**23, 64])
@pytest.mark.parametrize("alpha", [0.0, 6.0])
def test_many_viewers_are_folded_in_as_one_is(alpha, batch, monkeypatch):
    monkeypatch.setattr(folding, "BATCH", batch)
    rng = np.random.default_rng(3)
    dense = rng.normal(size=(20, 40)) * (rng.random((20, 40)) < rng.random((20, 1)))
    dense[0] = 0
    history = sp.csr_array(dense.astype(np.float32))
    pulls = rng.normal(size=(40, 12)).astype(np.float32)
    folded = fold_in(history, torch.from_numpy(pulls), alpha).numpy()
    for row in range(20):
        own = history[[row]]
        expected = profile.fold_in(pulls[own.indices], own.data, alpha) @ pulls[own.indices]
        assert folded[row] == pytest.approx(expected, abs=1e-3)


def test_content_leads_to_what_is_about_the_same_and_what_all_have_tells_nothing():
    features = np.zeros((6, 4), dtype=np.float32)
    features[:3, 0] = features[3:, 1] = 1  # two subjects
    features[[0, 3], 2] = 0.1
    features[:, 3] = 9  # what all are about
    block = content(sp.csr_array(features), 3, seed=1)
    history = sp.csr_array(np.eye(6, dtype=np.float32)[[1, 4]])
    scores = block.scores(block.viewers(history)).numpy()
    assert scores[0, :3].min() > 10 * np.abs(scores[0, 3:]).max()
    assert scores[1, 3:].min() > 10 * np.abs(scores[1, :3]).max()


def test_content_of_items_that_nothing_is_known_of_has_no_numbers():
    block = content(sp.csr_array(np.ones((5, 1), dtype=np.float32)), 8, seed=1)
    assert block.items.shape == (5, 0)
    assert block.viewers(sp.csr_array(np.eye(5, dtype=np.float32))).shape == (5, 0)


def test_popularity_is_the_same_for_everybody(graph):
    block = popularity(graph)
    scores = (block.viewers(graph) @ block.items.T).numpy()
    assert (scores == scores[0]).all()
    assert np.array_equal(np.argsort(scores[0]), np.argsort(block.items[:, 0].numpy()))
    most = graph.sum(axis=0).argmax()
    assert scores[0].argmax() == most
