"""The graph's low frequencies: a spectral filter, solved in closed form.

Shen et al., "How Powerful is Graph Convolution for Recommendation?", CIKM 2021: what LightGCN
learns is mostly a low-pass filter of the normalised graph. Here the filter is the ridge response
``σ² / (σ² + ridge)``: with 0 the ideal low-pass, growing it fades the higher frequencies. Dividing
an item's score by one minus its leverage keeps it from predicting itself; at full rank, on the
unnormalised graph, this is exactly EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse
Data", WWW 2019) on items that are not in the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from .base import Block

#: An item whose leverage is higher keeps this of what is not explained by itself.
LEAST_UNEXPLAINED = 0.05
#: Singular values below this share of the largest are rounding.
SMALLEST = 1e-4
#: Rows up to which the decomposition is exact.
EXACT = 1024
#: Vectors iterated beyond those wanted, and iterations: what Halko et al. recommend, and more.
OVERSAMPLED, ITERATIONS = 32, 3


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Leading right singular vectors of ``D_v^-normalised · A · D_i^-normalised``."""

    vectors: Tensor  # float32 [n, r], orthonormal columns
    values: Tensor  # float32 [r], the largest is 1
    scale: Tensor  # float32 [n], D_i^normalised


def decompose(
    matrix: sp.csr_array,
    rank: int,
    normalised: float = 0.5,
    seed: int = 1,
    start: Tensor | None = None,
) -> Spectrum:
    """Return the spectrum of a weighted graph, CSR [viewers (and other rows), items].

    ``normalised``: exponent of the degrees on both sides; 0 leaves the graph as it is.
    ``start``: vectors of a similar graph, which save iterations.
    """
    rows, columns = (_power(matrix.sum(axis=axis), -normalised) for axis in (1, 0))
    balanced = sp.csr_array(sp.diags_array(rows) @ matrix @ sp.diags_array(columns))
    vectors, values = randomised_svd(balanced, rank, seed, start)
    scale = torch.from_numpy(_power(matrix.sum(axis=0), normalised).astype(np.float32))
    return Spectrum(vectors, values / values[:1].clamp_min(1e-12), scale)


def graph_filter(
    spectrum: Spectrum, dimension: int, ridge: float = 0.0, alone: bool = False
) -> Block:
    """Return the filter's vectors: ``pulls · items = D^-n V h Vᵀ D^n``; ``alone``: by leverage."""
    vectors, values = spectrum.vectors[:, :dimension], spectrum.values[:dimension]
    response = values**2 / (values**2 + ridge).clamp_min(1e-12)
    found, pulling = spectrum.scale, 1 / torch.where(spectrum.scale > 0, spectrum.scale, 1.0)
    if alone:
        leverage = (vectors**2 * response).sum(dim=1)
        found = found / (1 - leverage).clamp_min(LEAST_UNEXPLAINED)
    return Block(vectors, found, pulling, response)


def randomised_svd(
    matrix: Any, rank: int, seed: int, start: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return leading right singular vectors, float32 [columns, r ≤ rank], and values [r].

    Block power iteration (Halko, Martinsson and Tropp, "Finding Structure with Randomness", SIAM
    Review 2011); exact where one side is small. Values that are mere rounding are left out.
    """
    if matrix.shape[0] <= EXACT:
        gram = torch.from_numpy((matrix @ matrix.T).toarray()).double()
        squares, left = torch.linalg.eigh(gram)
        found = squares > squares[-1:].clamp_min(1e-30) * SMALLEST**2
        left, values = left[:, found].flip(1)[:, :rank], squares[found].flip(0)[:rank].sqrt()
        vectors = np.asarray(matrix.T @ (left / values).float().numpy(), dtype=np.float32)
        return torch.from_numpy(vectors), values.float()
    forward, backward = torch_csr(matrix), torch_csr(matrix.T)
    width = min(rank + OVERSAMPLED, *matrix.shape)
    generator = torch.Generator().manual_seed(seed)
    basis = torch.randn(matrix.shape[1], width, generator=generator)
    iterations = ITERATIONS
    if start is not None:
        kept = min(width, start.shape[1])
        basis[:, :kept] = start[:, :kept]
        basis[:, kept:] /= matrix.shape[1] ** 0.5
        iterations = ITERATIONS - 1
    for _ in range(iterations):
        basis = orthonormal(basis)
        image = backward @ (forward @ basis)
        small = (basis.T @ image).double()
        basis, previous = image, basis
    squares, rotation = torch.linalg.eigh((small + small.T) / 2)
    squares, rotation = squares.flip(0)[:rank], rotation.flip(1)[:, :rank]
    found = squares > squares[:1].clamp_min(1e-30) * SMALLEST**2
    return previous @ rotation[:, found].float(), squares[found].sqrt().float()


def orthonormal(matrix: Tensor) -> Tensor:
    """Return orthonormal columns that span the same, by the Gram matrix: fast for tall matrices."""
    squares, rotation = torch.linalg.eigh((matrix.T @ matrix).double())
    found = squares > squares[-1:].clamp_min(1e-30) * 1e-10
    return matrix @ (rotation[:, found] / squares[found].sqrt()).float()


def torch_csr(matrix: Any) -> Tensor:
    """Return a sparse matrix as torch multiplies it: by CSR, ten times faster than by edges."""
    matrix = sp.csr_array(matrix)
    matrix.sum_duplicates()  # which also sorts, as torch expects
    return torch.sparse_csr_tensor(
        torch.from_numpy(matrix.indptr.astype(np.int64)),
        torch.from_numpy(matrix.indices.astype(np.int64)),
        torch.from_numpy(matrix.data.astype(np.float32)),
        size=matrix.shape,
        check_invariants=True,
    )


def _power(sums: np.ndarray, exponent: float) -> np.ndarray:
    # The floor keeps an item that one viewer barely touched from weighing more than any other.
    return np.where(sums > 0, np.maximum(sums, 0.1) ** exponent, 0.0)
