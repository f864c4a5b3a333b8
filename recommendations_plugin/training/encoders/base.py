"""What every encoder gives back, and how viewers are made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import scipy.sparse as sp
import torch
from torch import Tensor
from torch.nn.functional import normalize

from .fold_in import fold_in

#: Vectors shorter than this have no direction.
SHORTEST = 1e-9


@dataclass(frozen=True, slots=True)
class Block:
    """One encoder's vectors; several side by side make a model.

    A viewer's part is what ``pulls`` of their history add up to, scaled to length one (see
    ``profile.shares``); an item's score is its inner product with ``items``. Both are the same
    vectors in other scales, which are kept apart: a large model fits in memory once, not twice.
    """

    vectors: Tensor  # float32 [n, d]
    found: Tensor  # float32 [n], scale of an item where it is ranked
    pulling: Tensor  # float32 [n], scale of an item where it pulls
    response: Tensor  # float32 [d], scale of the numbers of a pull
    #: Confidence of the fold-in; 0: pulls are just added; None: the same for every viewer.
    alpha: float | None = 0.0

    @classmethod
    def plain(cls, vectors: Tensor, alpha: float | None) -> Self:
        """Return a block whose items and pulls are the same."""
        ones = torch.ones(len(vectors))
        return cls(vectors, ones, ones, torch.ones(vectors.shape[1]), alpha)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self.vectors.shape[1]

    @property
    def items(self) -> Tensor:
        """How items are found, float32 [n, d]."""
        return self.vectors * self.found[:, None]

    @property
    def pulls(self) -> Tensor:
        """What an interaction with an item adds to a viewer, float32 [n, d]."""
        return self.vectors * self.pulling[:, None] * self.response

    def scaled(self, factor: float) -> Self:
        """Return the block with all scores multiplied."""
        return replace(self, found=self.found * factor)

    def facets(self, items_of_facet: sp.csr_array) -> Tensor:
        """Return the mean pull of each facet's items, float32 [m, d]; CSR [m, n], averaging."""
        return self._added(items_of_facet)

    def viewers(self, history: sp.csr_array, facets: Tensor | None = None) -> Tensor:
        """Return unit viewer vectors [v, d]; ``history``: CSR [v, items (+ facets)], weights.

        ``facets``: pulls of facets, float32 [m, d], where the history has such columns.
        """
        items = len(self.vectors)
        if self.alpha is None:
            return torch.ones(history.shape[0], self.dimension)
        if self.alpha:
            pulls = self.pulls if facets is None else torch.cat([self.pulls, facets])
            added = fold_in(history, pulls, self.alpha)
        else:
            added = self._added(sp.csr_array(history[:, :items]))
            if facets is not None and history.shape[1] > items:
                added = added + torch.from_numpy(history[:, items:] @ facets.numpy())
        return normalize(added, dim=1, eps=SHORTEST)

    def scores(self, viewers: Tensor) -> Tensor:
        """Return the scores of all items, float32 [v, n]."""
        return (viewers @ self.vectors.T).mul_(self.found)

    def _added(self, history: sp.csr_array) -> Tensor:
        weighted = sp.csr_array(history @ sp.diags_array(self.pulling.numpy()))
        return torch.from_numpy(weighted.astype("float32") @ self.vectors.numpy()) * self.response
