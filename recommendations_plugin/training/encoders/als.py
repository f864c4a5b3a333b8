"""Weighted matrix factorisation of the graph by alternating least squares.

Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, with
the objective as in Rendle et al., "Revisiting the Performance of iALS on Item Recommendation
Benchmarks", RecSys 2022: an edge of weight r pulls to 1 with confidence ``alpha · r``, and every
pair weakly to 0. An item's ridge may grow with its degree, to the power ``nu`` (there ν; with 1 as
in Zhou et al., "Large-Scale Parallel Collaborative Filtering for the Netflix Prize", AAIM 2008).
Viewers and items are solved exactly by ``fold_in``. Starting from the graph's singular vectors,
three rounds do what takes fifteen from a random start.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from .base import Block
from .fold_in import fold_in

#: Rounds of solving viewers, then items.
ROUNDS = 3
#: Items are solved together whose degrees differ by less than this factor: they share a ridge.
ALIKE = 2**0.5


def alternating_least_squares(
    matrix: sp.csr_array,
    start: Tensor,
    ridge: float,
    alpha: float,
    nu: float = 0.0,
    rounds: int = ROUNDS,
) -> Block:
    """Return the factors of a weighted graph, CSR [viewers, items].

    ``start``: float32 [n, d], first item factors; ``ridge``: of viewers, and of an item of median
    degree. In the basis returned, items and pulls are the same vectors, and a viewer is the fold-in
    that training itself solves. Factors that are not needed any more are let go at once: they are
    the most that training holds.
    """
    transposed = sp.csr_array(matrix.T)
    ridges = list(_ridges(transposed, ridge, nu))
    everybody = [(np.arange(matrix.shape[0]), ridge)]
    items = start
    del start
    for _ in range(rounds):
        viewers = _solve(matrix, items, everybody, alpha)
        del items
        items = _solve(transposed, viewers, ridges, alpha)
        del viewers
    squares, rotation = _gram(items)
    return Block.plain((items @ rotation).mul_((squares + ridge) ** -0.5), alpha)


def _ridges(rows: sp.csr_array, ridge: float, nu: float) -> Iterator[tuple[np.ndarray, float]]:
    """Yield rows, int64 [k], and the ridge they share."""
    degree = np.asarray(rows.sum(axis=1))
    known = degree > 0
    if nu == 0 or not known.any():
        yield np.arange(rows.shape[0]), ridge
        return
    relative = degree[known] / np.median(degree[known])
    steps = np.round(np.log(relative) / np.log(ALIKE)).astype(np.int64)
    for step in np.unique(steps):
        yield np.flatnonzero(known)[steps == step], ridge * float(ALIKE ** (nu * step))


def _solve(
    matrix: sp.csr_array, other: Tensor, ridges: list[tuple[np.ndarray, float]], alpha: float
) -> Tensor:
    """Return each row's factors, float32 [rows, d], in a basis of their own.

    ``other``: float32 [columns, d]; the basis is that of the eigenvectors of its Gram matrix.
    """
    squares, rotation = _gram(other)
    whitened, last = other @ rotation, torch.ones(len(squares))
    # Where all rows share a ridge, what is solved is what is returned: a copy is as large again.
    shared = len(ridges[0][0]) == matrix.shape[0]
    out = torch.zeros(0 if shared else matrix.shape[0], other.shape[1])
    for rows, ridge in ridges:
        # With ``(FᵀF + ridge)^-½``, here a diagonal, each fold-in has a plain identity.
        whitening = (squares + ridge) ** -0.5
        whitened *= whitening / last
        last = whitening
        solved = fold_in(sp.csr_array(matrix[rows]), whitened, alpha).mul_(alpha * whitening)
        if shared:
            return solved
        out[torch.from_numpy(rows)] = solved
    return out


def _gram(factors: Tensor) -> tuple[Tensor, Tensor]:
    """Return the eigenvalues [d] and eigenvectors [d, d] of ``FᵀF``, float32."""
    squares, rotation = torch.linalg.eigh((factors.T @ factors).double())
    return squares.clamp_min(0).float(), rotation.float()
