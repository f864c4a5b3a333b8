"""The graph's low frequencies: a spectral filter, solved in closed form.

Shen et al., "How Powerful is Graph Convolution for Recommendation?", CIKM 2021: what LightGCN
learns is mostly a low-pass filter of the normalised graph. Here the filter is the ridge response
``σ² / (σ² + ridge)``: with 0 the ideal low-pass, growing it fades the higher frequencies. Dividing
an item's score by one minus its leverage keeps it from predicting itself; at full rank, on the
unnormalised graph, this is exactly EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse
Data", WWW 2019) on items that are not in the history.

Beside another encoder the low frequencies are what both find. Divided by ``σ^sharpness`` the filter
tells more of the higher ones, which a short factorisation lacks; with 2 it is ``1 / (σ² + ridge)``,
items' inverse covariance.
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
SMALLEST = 1e-3
#: Side up to which the decomposition is exact.
EXACT = 1024
#: Numbers in the Krylov space for each one wanted, and blocks it is made of.
OVERSAMPLED, STEPS = 2.0, 6


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
) -> Spectrum:
    """Return the spectrum of a weighted graph, CSR [viewers (and other rows), items].

    ``normalised``: exponent of the degrees on both sides; 0 leaves the graph as it is.
    """
    rows, columns = (_power(matrix.sum(axis=axis), -normalised) for axis in (1, 0))
    balanced = sp.csr_array(sp.diags_array(rows) @ matrix @ sp.diags_array(columns))
    vectors, values = krylov_svd(balanced, rank, seed)
    scale = torch.from_numpy(_power(matrix.sum(axis=0), normalised).astype(np.float32))
    return Spectrum(vectors, values / values[:1].clamp_min(1e-12), scale)


def graph_filter(
    spectrum: Spectrum,
    dimension: int,
    ridge: float = 0.0,
    alone: bool = False,
    sharpness: float = 0.0,
) -> Block:
    """Return the filter's vectors: ``pulls · items = D^-n V h Vᵀ D^n``; ``alone``: by leverage."""
    vectors, values = spectrum.vectors[:, :dimension], spectrum.values[:dimension]
    response = values**2 / (values**2 + ridge).clamp_min(1e-12)
    found, pulling = spectrum.scale, 1 / torch.where(spectrum.scale > 0, spectrum.scale, 1.0)
    if alone:
        leverage = (vectors**2 * response).sum(dim=1)
        found = found / (1 - leverage).clamp_min(LEAST_UNEXPLAINED)
    return Block(vectors, found, pulling, response * values.clamp_min(SMALLEST) ** -sharpness)


def krylov_svd(matrix: Any, rank: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return leading right singular vectors, float32 [columns, r ≤ rank], and values [r].

    Musco and Musco, "Randomized Block Krylov Methods for Stronger and Faster Approximate Singular
    Value Decomposition", NeurIPS 2015, on the shorter side; exact where that is small. Values that
    are mere rounding are left out.
    """
    by_rows = matrix.shape[0] <= matrix.shape[1]
    short = sp.csr_array(matrix if by_rows else matrix.T)
    width = min(short.shape[0], int(OVERSAMPLED * rank))
    if short.shape[0] <= max(EXACT, width):
        gram = torch.from_numpy((short @ short.T).toarray()).double()
        basis = torch.eye(len(gram))
    else:
        basis, gram = _krylov(short, width, seed)
    squares, rotation = torch.linalg.eigh(gram)
    found = squares > squares[-1:].clamp_min(1e-30) * SMALLEST**2
    values = squares[found].flip(0)[:rank].sqrt().float()
    left = basis @ rotation[:, found].flip(1)[:, :rank].float()
    del basis  # the largest of all
    if not by_rows:
        return left, values
    # Not by torch, which holds the product twice.
    return torch.from_numpy(short.T.astype(np.float32) @ left.div_(values).numpy()), values


def _krylov(short: sp.csr_array, width: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return an orthonormal basis Q, float32 [rows, width], and QᵀAAᵀQ, float64."""
    forward, backward = torch_csr(short), torch_csr(short.T)
    basis, gram = torch.empty(short.shape[0], width), torch.empty(width, width)
    generator = torch.Generator().manual_seed(seed)
    step = -(-width // STEPS)
    block = forward @ torch.randn(short.shape[1], step, generator=generator)
    for start in range(0, width, step):
        stop = min(start + step, width)
        basis[:, start:stop] = orthonormal(block[:, : stop - start], basis[:, :start])
        block = forward @ (backward @ basis[:, start:stop])
        along = basis[:, :stop].T @ block
        gram[:stop, start:stop], gram[start:stop, :stop] = along, along.T
        block -= basis[:, :stop] @ along
    return basis, gram.double()


def orthonormal(block: Tensor, basis: Tensor) -> Tensor:
    """Return orthonormal columns that span the same, without what rounding left of ``basis``."""
    block = torch.linalg.qr(block).Q
    return torch.linalg.qr(block - basis @ (basis.T @ block)).Q


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
