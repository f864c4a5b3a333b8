from __future__ import annotations

import numpy as np
import pytest

from recommendations_plugin.types import FacetKind, Snapshot


def snapshot_of(viewers, items, rows, facets=(), item_facet=(), interests=(), follows=()):
    """Build a snapshot; ``rows``: (viewer, item, portion, liked, dismissed, at)."""
    columns = np.array(rows, dtype=np.float64).reshape(-1, 6).T

    def pairs(of):
        return np.array(of, dtype=np.int64).reshape(-1, 2).T

    return Snapshot(
        viewer_keys=[f"user:{n}" for n in range(viewers)],
        item_keys=[f"item:{n}" for n in range(items)],
        facet_keys=[f"facet:{n}" for n in range(len(facets))],
        facet_kinds=list(facets),
        item_titles=[""] * items,
        item_texts=[""] * items,
        published_at=np.zeros(items),
        viewer=columns[0].astype(np.int64),
        item=columns[1].astype(np.int64),
        portion=columns[2].astype(np.float32),
        liked=columns[3] > 0,
        dismissed=columns[4] > 0,
        at=columns[5],
        item_facet=pairs(item_facet),
        interest=pairs([row[:2] for row in interests]),
        interest_score=np.array([row[2] for row in interests], dtype=np.float32),
        follow=pairs(follows),
    )


@pytest.fixture(scope="session")
def make_snapshot():
    return snapshot_of


@pytest.fixture(scope="session")
def communities():
    """Two communities that share nothing: even viewers watch even items, odd ones odd items.

    The last two items, 120 and 121, have a category and were never watched.
    """
    rng = np.random.default_rng(5)
    rows = []
    for viewer in range(60):
        own = rng.choice(np.arange(viewer % 2, 120, 2), 20, replace=False)
        rows += [(viewer, item, rng.uniform(0.3, 1), 0, 0, t) for t, item in enumerate(own)]
    categories = [FacetKind.CATEGORY.value] * 2
    return snapshot_of(60, 122, rows, categories, [(item, item % 2) for item in range(122)])
