"""The model: item and facet vectors such that a viewer's history points to what comes next.

A member of the LightGCN family (He et al., "LightGCN: Simplifying and Powering Graph Convolution
Network for Recommendation", SIGIR 2020): linear propagation of embeddings, no transformation
between layers. Three things differ.

* Viewers have no embedding. A viewer is one propagation of the items they engaged with, which is
  what serving computes from their newest interactions (``profile.viewer_vector``).
* Embeddings start from a spectral solution of the graph (Shen et al., "How Powerful is Graph
  Convolution for Recommendation?", CIKM 2021), by randomised SVD (Halko, Martinsson and Tropp,
  "Finding Structure with Randomness", SIAM Review 2011).
* An item adds the mean of its facets' embeddings to its own; its own is left out at random in
  training (Volkovs et al., "DropoutNet: Addressing Cold Start in Recommender Systems", NIPS 2017),
  so a new item that has facets only gets a useful vector.

Propagation multiplies by sparse CSR matrices: ten times faster on a CPU than by ``edge_index``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch_geometric.data import HeteroData

from ..types import FacetKind
from .parameters import Parameters

#: Vectors shorter than this have no direction.
SHORTEST = 1e-6


class Propagation:
    """Multiplication by a fixed sparse matrix [rows, columns], with its gradient."""

    def __init__(self, matrix: Any) -> None:
        self.forward = _torch_csr(matrix)
        self.backward = _torch_csr(matrix.T)

    def __call__(self, x: Tensor) -> Tensor:
        """Return ``matrix @ x``, float32 [rows, d]."""
        return _Multiply.apply(self.forward, self.backward, x)


class _Multiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, matrix: Tensor, transposed: Tensor, x: Tensor) -> Tensor:
        ctx.transposed = transposed
        return matrix @ x

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, None, Tensor]:
        return None, None, ctx.transposed @ gradient


def _torch_csr(matrix: Any) -> Tensor:
    matrix = sp.csr_array(matrix)
    matrix.sum_duplicates()  # which also sorts, as torch expects
    return torch.sparse_csr_tensor(
        torch.from_numpy(matrix.indptr.astype(np.int64)),
        torch.from_numpy(matrix.indices.astype(np.int64)),
        torch.from_numpy(matrix.data.astype(np.float32)),
        size=matrix.shape,
        check_invariants=True,
    )


def engagement_matrix(data: HeteroData) -> sp.csr_array:
    """Return how much each viewer engaged with each item, float32 CSR [viewers, items]."""
    edges = data["viewer", "engaged", "item"]
    shape = (data["viewer"].num_nodes, data["item"].num_nodes)
    return sp.csr_array((edges.weight.numpy(), tuple(edges.edge_index.numpy())), shape=shape)


def facet_matrix(data: HeteroData) -> sp.csr_array:
    """Return which facets an item has, of every kind, float32 CSR [items, facets] of ones."""
    edges = torch.cat(
        [data["item", kind.value, "facet"].edge_index for kind in FacetKind], dim=1
    ).numpy()
    shape = (data["item"].num_nodes, data["facet"].num_nodes)
    return sp.csr_array((np.ones(edges.shape[1], dtype=np.float32), tuple(edges)), shape=shape)


def balanced(matrix: sp.csr_array) -> sp.csr_array:
    """Return ``D_r^-½ A D_c^-½`` for the row and column sums D; what is empty stays zero."""
    rows, columns = (_power(matrix.sum(axis=axis), -0.5) for axis in (1, 0))
    return sp.csr_array(sp.diags_array(rows) @ matrix @ sp.diags_array(columns))


def averaging(matrix: sp.csr_array) -> sp.csr_array:
    """Return the matrix with each row divided by its sum; empty rows stay zero."""
    return sp.csr_array(sp.diags_array(_power(matrix.sum(axis=1), -1.0)) @ matrix)


def _power(sums: np.ndarray, exponent: float) -> np.ndarray:
    # The floor keeps an item that one viewer barely touched from weighing more than any other.
    return np.where(sums > 0, np.maximum(sums, 0.1) ** exponent, 0.0)


def randomised_svd(matrix: Any, rank: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the leading right singular vectors [columns, rank] and values [rank].

    Where the matrix has fewer than ``rank`` rows or columns, what is missing is zero.
    """
    found = min(rank, *matrix.shape)
    vectors, values = torch.zeros(matrix.shape[1], rank), torch.zeros(rank)
    if found == 0:
        return vectors, values
    forward, backward = _torch_csr(matrix), _torch_csr(matrix.T)
    generator = torch.Generator().manual_seed(seed)
    width = min(found + 16, *matrix.shape)
    basis = torch.randn(matrix.shape[0], width, generator=generator)
    for _ in range(5):
        basis, _r = torch.linalg.qr(forward @ torch.linalg.qr(backward @ basis)[0])
    left, sigma, _v = torch.linalg.svd((backward @ basis), full_matrices=False)
    vectors[:, :found], values[:found] = left[:, :found], sigma[:found]
    return vectors, values


def spectral_items(data: HeteroData, parameters: Parameters) -> Tensor:
    """Return the items' first vectors, float32 [items, d], the longest of length ``scale``.

    The graph's low frequencies: singular vectors of viewers and facets stacked over items. The
    direction comes from these, the length from how much viewers engaged with the item.
    """
    engaged, facets = engagement_matrix(data), facet_matrix(data)
    stacked = sp.vstack([balanced(engaged), parameters.facet_weight * balanced(facets).T])
    vectors, values = randomised_svd(stacked, parameters.dimension, parameters.seed)
    shaped = normalize(vectors * values**parameters.power, dim=1, eps=SHORTEST)
    summed = torch.from_numpy(np.maximum(engaged.sum(axis=0), 0.3) ** parameters.popularity)
    longest = summed.max() if len(summed) else 1.0
    return shaped * (parameters.scale * summed / longest).float()[:, None]


class Recommender(nn.Module):
    """Item vectors from own and facet embeddings, viewers as sums of their directions."""

    def __init__(self, data: HeteroData, parameters: Parameters) -> None:
        super().__init__()
        engaged, facets = engagement_matrix(data), facet_matrix(data)
        self.facets_of_item = Propagation(averaging(facets))
        self.items_of_facet = Propagation(averaging(facets.T.tocsr()))
        self.known = torch.from_numpy(engaged.sum(axis=0) > 0)
        self.id_dropout = parameters.id_dropout
        start = spectral_items(data, parameters)
        facet_start = self.items_of_facet(start)
        self.facet = nn.Parameter(facet_start)
        self.own = nn.Parameter(start - self.facets_of_item(facet_start))

    def forward(self) -> tuple[Tensor, Tensor]:
        """Return item vectors [items, d] and unit facet vectors [facets, d].

        An item nobody engaged with has nothing to learn its own embedding from: it goes without.
        """
        keep = self.known
        if self.training:
            keep = keep & (torch.rand(len(keep)) >= self.id_dropout)
        items = self.own * keep[:, None] + self.facets_of_item(self.facet)
        return items, normalize(self.facet, dim=1, eps=SHORTEST)

    def viewers(self, history: Any, items: Tensor, facets: Tensor) -> Tensor:
        """Return unit viewer vectors [v, d] of histories, CSR [v, items + facets]."""
        unit = torch.cat([normalize(items, dim=1, eps=SHORTEST), facets])
        return normalize(Propagation(history)(unit), dim=1, eps=SHORTEST)


def softmax_loss(scores: Tensor, wanted: Tensor) -> Tensor:
    """Return the softmax cross-entropy of the wanted items, weighted by engagement.

    ``scores``: [v, c], minus infinity for items of the history. ``wanted``: [v, c], 0–1.
    Sampled where ``c`` is not all items (Wu et al., "On the Effectiveness of Sampled Softmax Loss
    for Item Recommendation", TOIS 2024).
    """
    logs = torch.log_softmax(scores, dim=1)
    return -(wanted * logs.masked_fill(wanted == 0, 0.0)).sum() / wanted.sum()
