"""Several encoders' blocks side by side: chosen greedily on validation, then one set of vectors.

Forward selection of a weighted ensemble, after Caruana et al., "Ensemble Selection from Libraries
of Models", ICML 2004. Unlike methods err in unlike ways: their sum finds what neither does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch

from .encoders.base import SHORTEST, Block
from .metrics import best_first, ndcg, recall

#: Weights that a further block is tried with, the first one's being 1.
WEIGHTS = (0.15, 0.3, 0.5, 0.75, 1.0, 1.5)
#: Blocks in a model, and the share by which a further one must raise the target: each costs memory
#: and time of search.
MOST_BLOCKS, LEAST_GAIN = 6, 0.003
#: Items of each viewer that blocks are compared on, at least: all that any block shows, then those
#: that one of them nearly does.
COMPARED, SHOWN = 400, 20
#: Standard errors that a gain over popularity must exceed: the best of many trials gains by chance.
SURE = 2.0
#: Scores held at once: few viewers at a time read all vectors for little.
BATCH_SCORES = 2**23
#: Viewers that a block's scores are standardised on, and how many of them at once.
SCALED_ON, SCALED_AT_ONCE = 500, 100


@dataclass(frozen=True, slots=True)
class Validation:
    """Viewers to choose by: what is known of them, and what they did next."""

    history: sp.csr_array  # [v, items + facets], weights as serving makes them
    seen: sp.csr_array  # [v, items]
    wanted: sp.csr_array  # [v, items]


def standardised(block: Block, history: sp.csr_array) -> Block:
    """Return the block with scores that spread by 1 over the items of a typical viewer.

    ``history``: CSR [viewers, items], what anybody engaged with.
    """
    busy = np.flatnonzero(np.diff(history.indptr) > 0)
    some = busy[:: max(1, len(busy) // SCALED_ON)]
    if not len(some):
        return block
    spreads = [
        block.scores(viewers).std(dim=1, correction=0)
        for viewers in block.viewers(sp.csr_array(history[some])).split(SCALED_AT_ONCE)
    ]
    spread = float(torch.cat(spreads).median())
    return block.scaled(1 / spread) if spread > SHORTEST else block


@dataclass(slots=True)
class Compared:
    """Blocks' scores of each viewer's most promising items."""

    scores: list[np.ndarray]  # a block: float32 [v, c]
    wanted: np.ndarray  # bool [v, c]
    counts: np.ndarray  # int64 [v]

    def quality(self, scores: np.ndarray, k: int = SHOWN) -> dict[str, float]:
        """Return recall and NDCG at ``k`` of scores, float32 [v, c]."""
        hits = np.take_along_axis(self.wanted, best_first(scores, k), axis=1)
        return {
            f"recall@{k}": float(recall(hits, self.counts).mean()),
            f"ndcg@{k}": float(ndcg(hits, self.counts).mean()),
        }

    def target(self, scores: np.ndarray) -> float:
        """Return what is maximised: the geometric mean of recall and NDCG."""
        return float(np.prod(list(self.quality(scores).values())) ** 0.5)

    def surely_better(self, scores: np.ndarray, than: np.ndarray) -> bool:
        """Return whether recall of scores, float32 [v, c], is higher by more than chance gives."""
        found = [
            recall(np.take_along_axis(self.wanted, best_first(of, SHOWN), axis=1), self.counts)
            for of in (scores, than)
        ]
        gained = found[0] - found[1]
        return bool(gained.mean() > SURE * gained.std() / len(gained) ** 0.5)


def compare(
    blocks: Sequence[Block], validation: Validation, items_of_facet: sp.csr_array
) -> Compared:
    """Score every viewer of the validation by every block."""
    viewers, items = validation.seen.shape
    width = min(max(COMPARED, SHOWN * len(blocks)), items)
    compared = Compared(
        [np.empty((viewers, width), dtype=np.float32) for _ in blocks],
        np.empty((viewers, width), dtype=bool),
        np.diff(validation.wanted.indptr),
    )
    facets = [block.facets(items_of_facet) for block in blocks]
    step = max(1, BATCH_SCORES // (items * len(blocks)))
    for start in range(0, viewers, step):
        rows = slice(start, start + step)
        history = sp.csr_array(validation.history[rows])
        scores = [
            block.scores(block.viewers(history, pulls)).numpy()
            for block, pulls in zip(blocks, facets, strict=True)
        ]
        seen = validation.seen[rows].nonzero()
        for scored in scores:
            scored[seen] = -np.inf
        promising = scores[0] - _least_shown(scores[0])
        for scored in scores[1:]:
            np.maximum(promising, scored - _least_shown(scored), out=promising)
        top = np.argpartition(-promising, width - 1, axis=1)[:, :width]
        for kept, scored in zip(compared.scores, scores, strict=True):
            kept[rows] = np.take_along_axis(scored, top, axis=1)
        wanted = validation.wanted[rows].toarray() > 0
        compared.wanted[rows] = np.take_along_axis(wanted, top, axis=1)
    return compared


def _least_shown(scores: np.ndarray) -> np.ndarray:
    """Return the score that each viewer's last item shown has, float32 [v, 1]; 0 if all are."""
    k = min(SHOWN, scores.shape[1])
    least = np.partition(scores, -k, axis=1)[:, -k, None]
    return np.where(np.isfinite(least), least, 0)


def select(
    compared: Compared, dimensions: Sequence[int], most: int
) -> tuple[list[tuple[int, float]], float]:
    """Return the chosen blocks as (position, weight), the first weighing 1, and their target.

    ``dimensions``: of each block; their sum stays within ``most``.
    """
    chosen: list[tuple[int, float]] = []
    total, best = np.zeros_like(compared.scores[0]), 0.0
    while len(chosen) < MOST_BLOCKS:
        room = most - sum(dimensions[position] for position, _weight in chosen)
        taken = {position for position, _weight in chosen}
        tried = [
            (compared.target(total + weight * scores), position, weight)
            for position, scores in enumerate(compared.scores)
            if position not in taken and dimensions[position] <= room
            for weight in (WEIGHTS if chosen else (1.0,))
        ]
        target, position, weight = max(tried, default=(0.0, 0, 0.0))
        if (chosen and target < best * (1 + LEAST_GAIN)) or not tried:
            break
        chosen.append((position, weight))
        total, best = total + weight * compared.scores[position], target
    return chosen, best
