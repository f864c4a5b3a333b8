"""From the graph's snapshot to what is learned from: typed edges, splits in time, histories.

Weights and times stay on the edges, so that every later step can choose what to make of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from torch_geometric.data import HeteroData

from .. import conf, profile
from ..types import FacetKind, Snapshot, engagement

#: A viewer with fewer interactions keeps them all for training.
FEWEST_TO_SPLIT = 5
#: An interest below this is rounding, not interest.
SMALLEST_INTEREST = 1e-3


@dataclass(frozen=True, slots=True)
class Heldout:
    """Interactions kept from training, int64 [T] each; indices as in the snapshot split."""

    viewer: np.ndarray
    item: np.ndarray

    def __len__(self) -> int:
        return len(self.viewer)


def hetero_data(snapshot: Snapshot) -> HeteroData:
    """Return the graph as PyG sees it.

    Nodes: ``viewer``, ``item``, ``facet``. Edges: viewer–watched–item (``weight``: the portion,
    0–1), viewer–liked–item, viewer–dismissed–item (which stands alone), item–<facet kind>–facet,
    viewer–interest–facet (``weight``) and viewer–follows–facet; what viewers did with items bears
    ``time``, seconds since the epoch.
    """
    data = HeteroData()
    data["viewer"].num_nodes = len(snapshot.viewer_keys)
    data["item"].num_nodes = len(snapshot.item_keys)
    data["facet"].num_nodes = len(snapshot.facet_keys)
    pairs = np.stack([snapshot.viewer, snapshot.item])
    welcome = ~snapshot.dismissed
    for relation, chosen in (
        ("watched", welcome & (snapshot.portion > 0)),
        ("liked", welcome & snapshot.liked),
        ("dismissed", snapshot.dismissed),
    ):
        store = data["viewer", relation, "item"]
        store.edge_index = torch.from_numpy(pairs[:, chosen])
        store.time = torch.from_numpy(snapshot.at[chosen])
        if relation == "watched":
            store.weight = torch.from_numpy(snapshot.portion[chosen])
    kind_of = np.asarray(snapshot.facet_kinds, dtype=str)[snapshot.item_facet[1]]
    for kind in FacetKind:
        edges = snapshot.item_facet[:, kind_of == kind.value]
        data["item", kind.value, "facet"].edge_index = torch.from_numpy(edges)
    data["viewer", "interest", "facet"].edge_index = torch.from_numpy(snapshot.interest)
    data["viewer", "interest", "facet"].weight = torch.from_numpy(snapshot.interest_score)
    data["viewer", "follows", "facet"].edge_index = torch.from_numpy(snapshot.follow)
    return data


def engagement_matrix(data: HeteroData) -> sp.csr_array:
    """Return how much each viewer engaged with each item, float32 CSR [viewers, items]."""
    watched, liked = (data["viewer", relation, "item"] for relation in ("watched", "liked"))
    edges = torch.cat([watched.edge_index, liked.edge_index], dim=1).numpy()
    ones = torch.ones(liked.edge_index.shape[1])
    weights = torch.cat([engagement(watched.weight, 0), engagement(0, ones)]).numpy()
    shape = (data["viewer"].num_nodes, data["item"].num_nodes)
    return sp.csr_array((weights, tuple(edges)), shape=shape)  # which adds up what is of one pair


def facet_matrix(data: HeteroData) -> sp.csr_array:
    """Return which facets an item has, of every kind, float32 CSR [items, facets] of ones."""
    edges = torch.cat(
        [data["item", kind.value, "facet"].edge_index for kind in FacetKind], dim=1
    ).numpy()
    shape = (data["item"].num_nodes, data["facet"].num_nodes)
    return sp.csr_array((np.ones(edges.shape[1], dtype=np.float32), tuple(edges)), shape=shape)


def averaging(matrix: sp.csr_array) -> sp.csr_array:
    """Return the matrix with each row divided by its sum; empty rows stay zero."""
    sums = matrix.sum(axis=1)
    inverse = np.divide(1.0, sums, out=np.zeros(len(sums)), where=sums > 0)
    return sp.csr_array(sp.diags_array(inverse) @ matrix).astype(np.float32)


def newest_first(snapshot: Snapshot) -> np.ndarray:
    """Return each interaction's rank, int64 [E]: 0 for its viewer's newest; ties by given order."""
    count = len(snapshot.viewer)
    order = np.lexsort((np.arange(count), snapshot.at, snapshot.viewer))
    viewers = snapshot.viewer[order]
    after_last = np.searchsorted(viewers, viewers, side="right")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = after_last - 1 - np.arange(count)
    return rank


def split_in_time(
    snapshot: Snapshot, fraction: float = 0.2, seed: int = 1
) -> tuple[Snapshot, Heldout]:
    """Return a snapshot without the newest ``fraction`` of each viewer's interactions, and these.

    It is one at least of each viewer who has ``FEWEST_TO_SPLIT``. Where no interaction bears a
    time, those held out are drawn by ``seed``.

    Dismissed items are taken out of the snapshot with the rest, but are nothing a feed should
    find, so they are not held out. What the newest earned in interests is taken back; follows
    bear no time and stay.
    """
    per_viewer = np.bincount(snapshot.viewer, minlength=len(snapshot.viewer_keys))
    share = np.maximum(np.floor(per_viewer * fraction), 1)
    taken = np.where(per_viewer >= FEWEST_TO_SPLIT, share, 0)
    if not is_timed(snapshot):
        drawn = np.random.default_rng(seed).permutation(len(snapshot.viewer)).astype(np.float64)
        late = newest_first(replace(snapshot, at=drawn)) < taken[snapshot.viewer]
    else:
        late = newest_first(snapshot) < taken[snapshot.viewer]
    wanted = late & ~snapshot.dismissed
    known = without_earned_interest(only(snapshot, ~late), snapshot, late)
    return known, Heldout(snapshot.viewer[wanted], snapshot.item[wanted])


def is_timed(snapshot: Snapshot) -> bool:
    """Return whether interactions say when they happened: not all at the same moment."""
    return bool(len(snapshot.at)) and float(np.ptp(snapshot.at)) > 0


def without_earned_interest(known: Snapshot, snapshot: Snapshot, late: np.ndarray) -> Snapshot:
    """Return ``known`` with the interests as they were before the ``late`` interactions, bool [E].

    Scores add up what each interaction earned (``INTEREST_GAIN``), so that can be taken back;
    otherwise they would tell which categories the held-out items are of.
    """
    gain, viewed = conf.settings.INTEREST_GAIN, snapshot.portion >= conf.settings.VIEW_THRESHOLD
    earned = (
        gain["view"] * viewed + gain["like"] * snapshot.liked + gain["dismiss"] * snapshot.dismissed
    )
    is_parent = np.asarray(snapshot.facet_kinds, dtype=str) == FacetKind.PARENT_CATEGORY.value
    item, facet = snapshot.item_facet[:, is_parent[snapshot.item_facet[1]]]
    viewers, items, facets = map(
        len, (snapshot.viewer_keys, snapshot.item_keys, snapshot.facet_keys)
    )
    parents = sp.csr_array((np.ones(len(item)), (item, facet)), shape=(items, facets))
    late_earned = sp.csr_array(
        (earned[late], (snapshot.viewer[late], snapshot.item[late])), shape=(viewers, items)
    )
    back = (late_earned @ parents).tocsr()
    score = snapshot.interest_score - np.asarray(back[tuple(snapshot.interest)]).ravel()
    left = score > SMALLEST_INTEREST
    return replace(
        known,
        interest=snapshot.interest[:, left],
        interest_score=score[left].astype(np.float32),
    )


def only(snapshot: Snapshot, chosen: np.ndarray) -> Snapshot:
    """Return the snapshot with the chosen interactions only, bool [E]."""
    return replace(
        snapshot,
        viewer=snapshot.viewer[chosen],
        item=snapshot.item[chosen],
        portion=snapshot.portion[chosen],
        liked=snapshot.liked[chosen],
        dismissed=snapshot.dismissed[chosen],
        at=snapshot.at[chosen],
    )


def histories(snapshot: Snapshot, half_life: float, length: int) -> sp.csr_array:
    """Return what viewer vectors are sums of, float32 CSR [viewers, items + facets].

    The weights are those of ``profile``; serving reads the ``length`` newest interactions only.
    """
    rank = newest_first(snapshot)
    weights = profile.interaction_weights(
        engagement(snapshot.portion, snapshot.liked), snapshot.dismissed, rank, half_life
    )
    weights[rank >= length] = 0
    items, viewers = len(snapshot.item_keys), len(snapshot.viewer_keys)
    totals = np.bincount(snapshot.interest[0], snapshot.interest_score, minlength=viewers)
    rows = np.concatenate([snapshot.viewer, snapshot.interest[0], snapshot.follow[0]])
    columns = np.concatenate(
        [snapshot.item, snapshot.interest[1] + items, snapshot.follow[1] + items]
    )
    values = np.concatenate(
        [
            weights,
            profile.interest_weights(snapshot.interest_score, totals[snapshot.interest[0]]),
            np.full(snapshot.follow.shape[1], profile.FOLLOW),
        ]
    ).astype(np.float32)
    shape = (viewers, items + len(snapshot.facet_keys))
    history = sp.csr_array((values, (rows, columns)), shape=shape)
    history.eliminate_zeros()
    return history
