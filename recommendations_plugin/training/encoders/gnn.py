"""A trained graph network: what closed forms leave on the table, above all the order of time.

Message passing of the LightGCN family (He et al., SIGIR 2020) over the whole typed graph. Only
items have vectors of their own; a viewer, a category or a creator is what its items send it, so
one that came after training has a vector at once (Wu et al., "INMO: A Model-Agnostic and Scalable
Module for Inductive Collaborative Filtering", SIGIR 2022). At each step every viewer's history is
cut: what comes before the cut passes messages and makes the viewer, as serving will, and what comes
after is to be found among all items, by softmax (Wu et al., "On the Effectiveness of Sampled
Softmax Loss for Item Recommendation", TOIS 2024). Some items lose their own vector, so that what
their neighbours send must do (Volkovs et al., "DropoutNet", NeurIPS 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, normalize
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch_geometric.nn import LGConv

from ...types import Snapshot, engagement
from ..dataset import is_timed, newest_first, only
from .base import SHORTEST, Block
from .spectral import Spectrum, torch_csr

#: Viewers in a step, and items that each of their wanted ones is compared with.
BATCH, COMPARED = 512, 8192
#: Largest share of a viewer's history that is to be found; without times, the share itself.
WANTED = 0.6
#: Share of items that lose their own vector in a step.
DROPPED = 0.5
LAYERS, RATE, SCALE_RATE = 1, 3e-3, 1e-2
#: How much of the average stays at each step.
DECAY = 0.95
#: Score of what a viewer knows already.
IMPOSSIBLE = -1e4
#: Weight of what a layer's messages add, at first.
MESSAGES = 0.3


@dataclass(frozen=True, slots=True)
class Histories:
    """Who engaged with what, in any order."""

    viewers: int
    viewer: np.ndarray  # int64 [E]
    item: np.ndarray  # int64 [E]
    weight: np.ndarray  # float32 [E], above 0
    rank: np.ndarray | None  # int64 [E], 0 for a viewer's newest; None where nothing bears a time

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Return what a snapshot says, without what was dismissed."""
        worth = engagement(snapshot.portion, snapshot.liked).astype(np.float32)
        engaged = ~snapshot.dismissed & (worth > 0)
        kept = only(snapshot, engaged)
        rank = newest_first(kept) if is_timed(kept) else None
        return cls(len(kept.viewer_keys), kept.viewer, kept.item, worth[engaged], rank)

    def cut(self, rng: np.random.Generator, half_life: float) -> tuple[np.ndarray, np.ndarray]:
        """Return which are to be found, bool [E], and what the others count for their viewer."""
        number = np.bincount(self.viewer, minlength=self.viewers)
        if self.rank is None:
            wanted = rng.random(len(self.viewer)) < WANTED
            return wanted, np.where(wanted, 0.0, self.weight)
        cut = np.ceil(rng.uniform(0, WANTED, len(number)) * number).clip(1)[self.viewer]
        wanted = self.rank < cut
        faded = np.exp2(-(self.rank - cut) / half_life) if half_life else 1.0
        return wanted, np.where(wanted, 0.0, self.weight * faded)


class Graph:
    """A bipartite graph, CSR [viewers and facets, items], normalised by degrees on both sides."""

    def __init__(self, matrix: sp.csr_array, device: torch.device) -> None:
        inverse = [_inverse_root(matrix.sum(axis=axis)) for axis in (1, 0)]
        balanced = sp.diags_array(inverse[0]) @ matrix @ sp.diags_array(inverse[1])
        self.to_rows = torch_csr(balanced).to(device)
        self.to_items = torch_csr(balanced.T).to(device)


class Convolution(LGConv):
    """PyG's LightGCN layer by CSR, whose backward pass multiplies by the transpose it is given."""

    def __init__(self) -> None:
        super().__init__(normalize=False)

    def forward(self, x: Tensor, adjacency: Tensor, transposed: Tensor) -> Tensor:
        return self.propagate(adjacency, x=(x, transposed), edge_weight=None)

    def message_and_aggregate(self, adj_t: Tensor, x: tuple[Tensor, Tensor]) -> Tensor:
        return _Product.apply(adj_t, x[1], x[0])


class _Product(torch.autograd.Function):
    """Sparse × dense: torch would transpose the sparse matrix at every backward pass."""

    @staticmethod
    def forward(context: Any, adjacency: Tensor, transposed: Tensor, x: Tensor) -> Tensor:
        context.transposed = transposed
        return adjacency @ x

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[None, None, Tensor]:
        return None, None, context.transposed @ gradient


class Network(nn.Module):
    """Item vectors, and how much of each layer's messages is added to them."""

    def __init__(self, start: Tensor, found: Tensor) -> None:
        """``start``: float32 [n, d]; ``found``: float32 [n], logarithm of items' scales."""
        super().__init__()
        self.vectors = nn.Parameter(start.clone())
        self.found = nn.Parameter(found.clone())
        self.pulling = nn.Parameter(-found)
        self.layers = nn.Parameter(torch.tensor([1.0, *[MESSAGES] * LAYERS]))
        self.convolution = Convolution()

    def forward(self, graph: Graph, kept: Tensor | None = None) -> Tensor:
        """Return all items' vectors, float32 [n, d]; ``kept``: which have one of their own."""
        x = self.vectors if kept is None else self.vectors * kept
        out = self.layers[0] * x
        for weight in self.layers[1:]:
            rows = self.convolution(x, graph.to_rows, graph.to_items)
            x = self.convolution(rows, graph.to_items, graph.to_rows)
            out = out + weight * x
        return out


class Training:
    """A network in training; it goes on from where it was, so that longer ones cost the rest."""

    def __init__(
        self,
        matrix: sp.csr_array,
        histories: Histories,
        start: Spectrum,
        dimension: int,
        half_life: float,
        seed: int,
    ) -> None:
        """``matrix``: CSR [viewers (first) and facets, items]; ``start``: its spectrum."""
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.matrix, self.histories, self.half_life = matrix, histories, half_life
        self.steps = 0
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        vectors = start.vectors[:, :dimension] * start.values[:dimension] ** 0.5
        vectors = vectors / vectors.norm(dim=1).mean().clamp_min(SHORTEST)
        known = start.scale > 0
        found = torch.where(known, start.scale, 1.0).log()
        self.network = Network(vectors, found - found[known].mean()).to(self.device)
        #: Averaged over the last steps, which finds more than the last one and depends less on when
        #: training ends (Polyak and Juditsky, SIAM Journal on Control and Optimization 1992).
        self.averaged = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(DECAY))
        scales = [self.network.found, self.network.pulling]
        vectors_and_layers = [self.network.vectors, self.network.layers]
        self.optimizer = torch.optim.Adam(
            [{"params": vectors_and_layers, "lr": RATE}, {"params": scales, "lr": SCALE_RATE}]
        )
        self.waiting = np.zeros(0, dtype=np.int64)

    def until(self, steps: int) -> Block:
        """Train until so many steps are done and return the vectors then."""
        while self.steps < steps:
            if not len(self.waiting):
                self._begin_epoch()
            if not len(self.waiting):
                break  # nobody did two things
            batch, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
            self.optimizer.zero_grad()
            self._loss(batch).backward()
            self.optimizer.step()
            self.averaged.update_parameters(self.network)
            self.steps += 1
        with torch.no_grad():
            network = cast(Network, self.averaged.module)
            vectors = network(Graph(self.matrix, self.device)).cpu()
            scales = (network.found.exp().cpu(), network.pulling.exp().cpu())
        return Block(vectors, *scales, torch.ones(vectors.shape[1]), alpha=0.0)

    def _begin_epoch(self) -> None:
        """Cut every history anew: what is to be found passes no messages."""
        own = self.histories.weight
        wanted, weight = self.histories.cut(self.rng, self.half_life)
        self.wanted, messages = self._matrix(wanted, own), self._matrix(~wanted, own)
        self.history = self._matrix(~wanted, weight)
        matrix = sp.vstack([messages, self.matrix[self.histories.viewers :]])
        self.graph = Graph(sp.csr_array(matrix), self.device)
        busy = (np.diff(self.wanted.indptr) > 0) & (np.diff(self.history.indptr) > 0)
        self.waiting = self.rng.permutation(np.flatnonzero(busy))

    def _matrix(self, chosen: np.ndarray, values: np.ndarray) -> sp.csr_array:
        given = self.histories
        return sp.csr_array(
            (values[chosen].astype(np.float32), (given.viewer[chosen], given.item[chosen])),
            shape=(self.histories.viewers, self.matrix.shape[1]),
        )

    def _loss(self, batch: np.ndarray) -> Tensor:
        """Return how surprising what viewers are to be found is; ``batch``: int64 [v]."""
        network, history, wanted = self.network, self.history[batch], self.wanted[batch]
        items = self.matrix.shape[1]
        kept = torch.rand(items, 1, generator=self.generator) >= DROPPED
        vectors = network(self.graph, kept.to(self.device))
        pulls = vectors * network.pulling.exp()[:, None]
        added = _Product.apply(*(torch_csr(m).to(self.device) for m in (history, history.T)), pulls)
        found = vectors * network.found.exp()[:, None]
        if items > COMPARED:
            drawn = self.rng.integers(items, size=COMPARED)
            columns = np.unique(np.concatenate([wanted.indices, drawn]))
            history, wanted = history[:, columns], wanted[:, columns]
            found = found[torch.from_numpy(columns).to(self.device)]
        known = torch.from_numpy(history.toarray() != 0).to(self.device)
        worth = torch.from_numpy(wanted.toarray()).to(self.device)
        scores = (normalize(added, dim=1, eps=SHORTEST) @ found.T).masked_fill(known, IMPOSSIBLE)
        total = worth.sum(dim=1)
        return -((worth * log_softmax(scores, dim=1)).sum(dim=1) / total.sqrt()).mean()


def _inverse_root(sums: Any) -> np.ndarray:
    # The same floor as the spectrum's: a barely touched item weighs no more than any other.
    return np.where(sums > 0, np.maximum(sums, 0.1) ** -0.5, 0.0)
