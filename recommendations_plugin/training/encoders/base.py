"""What every encoder gives back, and how viewers are made of it."""

from __future__ import annotations

from dataclasses import dataclass

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
    ``profile.shares``); an item's score is its inner product with ``items``.
    """

    items: Tensor  # float32 [n, d], how an item is found
    pulls: Tensor  # float32 [n, d], what an interaction with it adds to a viewer
    #: Confidence of the fold-in; 0: pulls are just added; None: the same for every viewer.
    alpha: float | None = 0.0

    def viewers(self, history: sp.csr_array, facets: Tensor | None = None) -> Tensor:
        """Return unit viewer vectors [v, d]; ``history``: CSR [v, items (+ facets)], weights.

        ``facets``: pulls of facets, float32 [m, d], where the history has such columns.
        """
        if self.alpha is None:
            return torch.ones(history.shape[0], self.items.shape[1])
        pulls = self.pulls if facets is None else torch.cat([self.pulls, facets])
        return normalize(fold_in(history, pulls, self.alpha), dim=1, eps=SHORTEST)
