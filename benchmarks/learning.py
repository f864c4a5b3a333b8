"""How much a feed learns between trainings: vectors made at request time beside frozen ones.

    nice -n 15 python benchmarks/learning.py [--viewers 2000] [--recipe RECIPE.json]

On the shared catalogue, split in time. Each viewer's held-out interactions are replayed one by one,
oldest first; before each, all items not seen yet are ranked and NDCG@20 of the next one is taken:

    frozen   by the vector as it was when the model was trained
    live     by the vector of all up to this moment, as ``profile`` makes it for a request

Then the recall@20 of all held-out items: of the viewer as they are known, and of somebody new who
did the viewer's first 1, 3, 5 … things of those. A number is the mean of viewers; ± two standard
errors of the mean difference.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from catalogue import load

from recommendations_plugin import profile
from recommendations_plugin.training.dataset import Snapshot, split_in_time
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.recipe import Recipe
from recommendations_plugin.training.train import choose, fit
from recommendations_plugin.types import Embeddings, engagement

#: Places looked at, and interactions of somebody new.
K, FEW = 20, (1, 2, 3, 5, 10, 20)


class Replay:
    """All interactions of the catalogue by viewer, oldest first, and a model of the older ones."""

    def __init__(self, snapshot: Snapshot, model: Embeddings, history: int) -> None:
        self.model, self.history = model, history
        order = np.lexsort((snapshot.at, snapshot.viewer))
        self.item = snapshot.item[order]
        self.worth = engagement(snapshot.portion, snapshot.liked)[order]
        self.start = np.searchsorted(snapshot.viewer[order], np.arange(len(snapshot.viewer_keys)))
        self.end = np.append(self.start[1:], len(order))

    def vector(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the vector of somebody who did these things, oldest first, float32 [d]."""
        rows = rows[-self.history :]
        weights = profile.interaction_weights(
            self.worth[rows],
            dismissed=np.zeros(len(rows), dtype=bool),
            rank=np.arange(len(rows))[::-1],
            half_life=float(self.model.parameters.get("half_life", 0.0)),
        )
        pulls = self.model.pulls[self.item[rows]]
        return profile.viewer_vector(pulls, weights, self.model.parameters["blocks"])

    def scores(self, vectors: list[np.ndarray | None]) -> np.ndarray:
        """Return the scores of all items for each vector, float32 [v, n]."""
        nothing = np.zeros(self.model.items.shape[1], dtype=np.float32)
        return np.stack([nothing if v is None else v for v in vectors]) @ self.model.items.T


def gain(scores: np.ndarray, wanted: int) -> float:
    """Return NDCG@K of one wanted item."""
    place = int(np.count_nonzero(scores > scores[wanted]))
    return float(1 / np.log2(place + 2)) if place < K else 0.0


def recall(scores: np.ndarray, wanted: np.ndarray) -> float:
    """Return the share of the wanted items that are among the best K."""
    best = np.argpartition(-scores, K)[:K]
    return float(np.isin(wanted, best).mean())


def next_watch(replay: Replay, viewer: int, known: int) -> tuple[float, float]:
    """Return the NDCG of the viewer's next items by frozen and live vectors.

    ``known``: how many of their interactions the model knows.
    """
    rows = np.arange(replay.start[viewer], replay.end[viewer])
    live = [replay.vector(rows[:done]) for done in range(known, len(rows))]
    frozen, *moving = replay.scores([live[0], *live])
    gains = []
    for done, scores in zip(range(known, len(rows)), moving, strict=True):
        seen, wanted = replay.item[rows[:done]], int(replay.item[rows[done]])
        frozen[seen] = scores[seen] = -np.inf
        gains.append([gain(frozen, wanted), gain(scores, wanted)])
    return tuple(np.mean(gains, axis=0))


def newcomer(replay: Replay, viewer: int, known: int) -> list[float]:
    """Return recall by all that is known of a viewer, then by their latest ``FEW`` things."""
    rows = np.arange(replay.start[viewer], replay.end[viewer])
    seen, wanted = replay.item[rows[:known]], replay.item[rows[known:]]
    told = [rows[:known], *(rows[max(0, known - few) : known] for few in FEW)]
    scores = replay.scores([replay.vector(each) for each in told])
    scores[:, seen] = -np.inf
    return [recall(each, wanted) for each in scores]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viewers", type=int, default=2000, help="most viewers to replay")
    parser.add_argument(
        "--recipe", type=Path, help="kept here, so that the next run need not choose"
    )
    options = parser.parse_args()
    snapshot, parameters = load(), Parameters(network=False)
    known, heldout = split_in_time(snapshot)
    began = time.monotonic()
    if options.recipe and options.recipe.exists():
        recipe = Recipe.from_dict(json.loads(options.recipe.read_text()))
    else:
        recipe, _trials = choose(known, parameters)
        if options.recipe:
            options.recipe.write_text(json.dumps(recipe.as_dict()))
    model = fit(known, recipe, parameters)
    print(f"trained in {time.monotonic() - began:.0f} s: {recipe.as_dict()}", flush=True)
    counts = np.bincount(known.viewer, minlength=len(snapshot.viewer_keys))
    viewers = np.unique(heldout.viewer)
    viewers = np.random.default_rng(1).permutation(viewers)[: options.viewers].tolist()
    replay = Replay(snapshot, model, parameters.history)
    gains = np.array([next_watch(replay, viewer, counts[viewer]) for viewer in viewers])
    frozen, live = gains.mean(axis=0)
    error = 2 * (gains[:, 1] - gains[:, 0]).std() / np.sqrt(len(gains))
    print(f"{len(viewers)} viewers, NDCG@{K} of the next one: frozen {frozen:.4f}, live {live:.4f}")
    print(f"  live / frozen {live / frozen:.3f}; live - frozen {live - frozen:.4f} ± {error:.4f}")
    full, *few = np.mean([newcomer(replay, viewer, counts[viewer]) for viewer in viewers], axis=0)
    print(f"recall@{K} of what is held out: known viewer {full:.4f}")
    for number, value in zip(FEW, few, strict=True):
        print(f"  somebody new after {number:2} interactions {value:.4f}: {value / full:.0%}")


if __name__ == "__main__":
    sys.exit(main())
