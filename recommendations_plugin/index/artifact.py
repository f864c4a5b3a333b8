"""A version in a reader's hands: its vectors by key, its index and its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..types import Affinity, Embeddings, Words
from .base import Index
from .keys import Keys


@dataclass(frozen=True, slots=True, eq=False)
class Artifact:
    """A verified version, its vectors memory-mapped."""

    version: str
    item_keys: Keys
    items: np.ndarray  # float32 [n, d], how items are found
    pulls: np.ndarray  # float32 [n, D], what they add to a viewer (``profile.shares``)
    facet_keys: Keys
    facets: np.ndarray  # float32 [m, D], what they add to a viewer
    facet_items: np.ndarray  # float32 [m, d], how their items are found on average
    projection: np.ndarray | None  # float32 [D, d], of viewers to items
    affinity: Affinity | None
    words: Words | None
    index: Index
    manifest: Mapping[str, Any]

    @property
    def half_life(self) -> float:
        """What ``profile.interaction_weights`` is to be told for this model."""
        return float(self.manifest["parameters"].get("half_life", 0.0))

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """What ``profile.shares`` is to be told for this model."""
        return self.manifest["parameters"]["blocks"]

    @property
    def as_of(self) -> int | None:
        """The version of items up to which it knows all; None where it does not say."""
        return self.manifest["parameters"].get("as_of")

    def places(self, keys: Iterable[str]) -> np.ndarray:
        """Return where each of the items is, int64; -1 for one that the model does not know."""
        return self.item_keys.places(keys)

    def facet_places(self, keys: Iterable[str]) -> np.ndarray:
        """Return where each of the facets is, int64; -1 for one that the model does not know."""
        return self.facet_keys.places(keys)

    def positions(self, keys: Iterable[str]) -> np.ndarray:
        """Return where those of the items are that the model knows, int64."""
        found = self.places(keys)
        return found[found >= 0]

    @property
    def embeddings(self) -> Embeddings:
        """What was published."""
        return Embeddings(
            item_keys=self.item_keys,
            items=self.items,
            facet_keys=self.facet_keys,
            facets=self.facets,
            pulls=self.pulls,
            facet_items=self.facet_items,
            parameters=self.manifest["parameters"],
            affinity=self.affinity,
            projection=self.projection,
            words=self.words,
        )

    def likely(self, key: str) -> dict[str, float]:
        """Return which categories an item, creator or tag is likely of: facet key → confidence."""
        row, facet = self.item_keys.get(key), self.facet_keys.get(key)
        if row is None and facet is not None:
            row = len(self.item_keys) + facet
        if row is None or self.affinity is None:
            return {}
        names = (self.facet_keys[position] for position in self.affinity.labels[row])
        return dict(zip(names, self.affinity.confidence[row].tolist(), strict=True))

    def item_pull(self, key: str) -> np.ndarray | None:
        """Return what an item adds to a viewer, float32 [d], or None for one after training."""
        position = self.item_keys.get(key)
        return None if position is None else self.pulls[position]

    def item_vector(self, key: str) -> np.ndarray | None:
        """Return how an item is found, float32 [d], or None for one that came after training."""
        position = self.item_keys.get(key)
        return None if position is None else self.items[position]

    def facet_vector(self, key: str) -> np.ndarray | None:
        """Return what a facet adds to a viewer, float32 [d], or None if training knew it not."""
        position = self.facet_keys.get(key)
        return None if position is None else self.facets[position]

    def facet_item(self, key: str) -> np.ndarray | None:
        """Return how a facet's items are found, float32 [d], or None if training knew it not."""
        position = self.facet_keys.get(key)
        return None if position is None else self.facet_items[position]
