from __future__ import annotations

import numpy as np
import pytest

from recommendations_plugin.types import Embeddings


def embeddings_of(items: int = 23, facets: int = 4, dimension: int = 8, seed: int = 1):
    rng = np.random.default_rng(seed)

    def unit(count):
        vectors = rng.normal(size=(count, dimension)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    return Embeddings(
        item_keys=[f"app.video:{n}" for n in range(items)],
        items=unit(items) * rng.random((items, 1), dtype=np.float32),
        facet_keys=[f"app.category:{n}" for n in range(facets)],
        facets=unit(facets),
        pulls=unit(items),
        facet_items=unit(facets),
        parameters={"half_life": 10.0, "blocks": [{"dimension": dimension, "alpha": 0.0}]},
    )


@pytest.fixture(scope="session")
def make_embeddings():
    return embeddings_of
