"""Viewers' vectors from their histories, for many viewers at once.

The regularised least squares of one viewer against fixed item vectors, in its dual form: what is
solved is as large as the history, not as the vectors, and ``w`` says what each interaction counts
once those that say the same are counted together. ``profile.shares`` is the same for one viewer.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

#: Histories are padded to these lengths and solved together.
LENGTHS = (2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
#: Most numbers gathered at once.
BATCH = 2**21


def fold_in(history: sp.csr_array, pulls: Tensor, alpha: float) -> Tensor:
    """Return ``Pᵀ w`` for every row, float32 [v, d].

    ``history``: CSR [v, n], signed weights r; ``pulls``: P, float32 [n, d]. For ``alpha`` 0 ``w``
    is r; else, with ``D = |r|`` and ``K = P Pᵀ`` of the row's items,
    ``w = D^½ (I + alpha D^½ K D^½)⁻¹ D^½ sign(r)``. Histories longer than d are solved by d × d.
    """
    if alpha == 0 or pulls.shape[1] == 0:
        return torch.from_numpy(np.asarray(history @ pulls.numpy(), dtype=np.float32))
    lengths = np.diff(history.indptr)
    out = torch.zeros(history.shape[0], pulls.shape[1])
    shortest, d = 0, pulls.shape[1]
    for length in (*(n for n in LENGTHS if n < d), d):
        rows = np.flatnonzero((lengths > shortest) & (lengths <= length))
        size = max(1, BATCH // (length * d))
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            positions, weights = _padded(history, batch, length)
            out[torch.from_numpy(batch)] = _dual(pulls[positions], weights, alpha)
        shortest = length
    for row in np.flatnonzero(lengths > d):
        own = slice(history.indptr[row], history.indptr[row + 1])
        weights = torch.from_numpy(history.data[own].astype(np.float32))
        out[row] = _primal(pulls[history.indices[own].astype(np.int64)], weights, alpha)
    return out


def _padded(history: sp.csr_array, rows: np.ndarray, length: int) -> tuple[Tensor, Tensor]:
    """Return positions, int64 [v, length], and weights, float32; any and 0 behind them."""
    offsets = history.indptr[rows][:, None] + np.arange(length)
    inside = offsets < history.indptr[rows + 1][:, None]
    offsets = np.minimum(offsets, history.nnz - 1)
    positions = history.indices[offsets].astype(np.int64)
    weights = np.where(inside, history.data[offsets], 0.0).astype(np.float32)
    return torch.from_numpy(positions), torch.from_numpy(weights)


def _dual(pulls: Tensor, weights: Tensor, alpha: float) -> Tensor:
    """Solve by history × history; ``pulls``: [v, k, d], ``weights``: [v, k]."""
    root = weights.abs().sqrt()
    scaled = pulls * root[:, :, None]
    kernel = alpha * (scaled @ scaled.transpose(1, 2))
    kernel.diagonal(dim1=1, dim2=2).add_(1.0)
    target = (root * weights.sign())[:, :, None]
    solved = torch.cholesky_solve(target, torch.linalg.cholesky(kernel))
    return (solved.transpose(1, 2) @ scaled)[:, 0]


def _primal(pulls: Tensor, weights: Tensor, alpha: float) -> Tensor:
    """Solve by d × d; ``pulls``: [k, d], ``weights``: [k]."""
    gram = alpha * (pulls.T @ (pulls * weights.abs()[:, None]))
    gram.diagonal().add_(1.0)
    target = (pulls.T @ weights)[:, None]
    return torch.cholesky_solve(target, torch.linalg.cholesky(gram))[:, 0]
