"""A graph to encode, and how much of it fits in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from ..types import Snapshot
from .content import side_features
from .dataset import averaging, engagement_matrix, facet_matrix, hetero_data
from .encoders.gnn import Histories
from .kept import Kept
from .parameters import Parameters
from .recipe import Encoders

#: Numbers of all encoders together, numbers in all vectors, those of viewers counted too, and
#: singular vectors, at most. Items are found by fewer where the site says so (``project``).
LONGEST, MOST_NUMBERS, MOST_RANK = 1280, 2**27, 896


def most_numbers(items: int) -> int:
    """Return how many numbers a pull may have: less where the catalogue is huge."""
    return max(32, min(LONGEST, MOST_NUMBERS // max(items, 1)))


@dataclass
class Scene:
    """A graph to encode: viewers and, weighted, facets over items."""

    snapshot: Snapshot
    engaged: sp.csr_array
    facets: sp.csr_array
    typical: float
    histories: Histories

    @classmethod
    def of(cls, snapshot: Snapshot) -> Scene:
        """Return the scene of a snapshot."""
        data = hetero_data(snapshot)
        engaged = engagement_matrix(data)
        typical = float(engaged.data.mean()) if engaged.nnz else 1.0
        return cls(snapshot, engaged, facet_matrix(data), typical, Histories.of(snapshot))

    @cached_property
    def side(self) -> sp.csr_array:
        """What is known of items without viewers, CSR [items, features]."""
        return side_features(self.snapshot)

    @property
    def items_of_facet(self) -> sp.csr_array:
        """Return the averaging matrix, CSR [facets, items]."""
        return averaging(sp.csr_array(self.facets.T))

    def encoders(self, facet_weight: float, most: int, parameters: Parameters) -> Encoders:
        """Return encoders of the graph."""
        matrix = self.engaged
        if facet_weight and self.facets.nnz:
            rows = sp.csr_array(self.facets.T * np.float32(facet_weight * self.typical))
            matrix = sp.csr_array(sp.vstack([self.engaged, rows]))
        room = MOST_NUMBERS // sum(matrix.shape)
        rank = max(1, min(MOST_RANK, room, most - 1, *(size - 1 for size in matrix.shape)))
        kept = Kept(parameters.kept)
        return Encoders(
            matrix,
            rank,
            parameters.seed,
            self.histories,
            lambda: self.side,
            self.typical,
            kept=kept,
        )
