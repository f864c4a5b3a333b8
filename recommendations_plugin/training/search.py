"""Chooses a recipe on a validation split of the training data, within a budget set by its size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

from ..types import Snapshot
from .combine import Compared, Validation, compare, select, standardised
from .content import side_features
from .dataset import (
    averaging,
    engagement_matrix,
    facet_matrix,
    hetero_data,
    histories,
    is_timed,
    only,
    split_in_time,
)
from .encoders.base import Block
from .encoders.gnn import Histories
from .kept import Kept
from .parameters import Parameters
from .progress import Progress, part, silent
from .recipe import Encoders, Recipe, Spec

#: Shares of each viewer's interactions that are chosen by, on a small site and on a large one. The
#: less is missing, the more the graph is like the one fitted in the end, but chance weighs more.
HELD_OUT = {"small": 0.2, "large": 0.1}
#: With less held out than this nothing can be chosen by validation.
FEWEST_TO_CHOOSE = 50
#: Viewers that are asked, and interactions a search looks at: more would not tell more.
ASKED, LOOKED_AT = 2000, 3_000_000
#: Interactions up to which everything is tried.
SMALL = 300_000
#: Numbers of all encoders together, numbers in all vectors, those of viewers counted too, and
#: singular vectors, at most. Items are found by fewer where the site says so (``project``).
LONGEST, MOST_NUMBERS, MOST_RANK = 1280, 2**27, 896
#: The best of each encoder that go into the combination.
FINALISTS = 4

POPULARITY: Spec = {"encoder": "popularity"}
#: What shared choices are made with, and what small sites get.
PROBE: Spec = {"encoder": "spectral", "normalised": 0.25, "dimension": 64, "ridge": 0.3}
UNCHOSEN = Recipe(parts=((PROBE, 1.0), (POPULARITY, 0.3)), facet_weight=0.3)
#: What is served where nothing is surely better than popularity: that, ties broken by taste.
CAUTIOUS = ((POPULARITY, 1.0), (PROBE, 0.02))

#: Steps after which a network in training is validated, and at most; it ends when twice in a row
#: it was no better than before.
CHECKPOINT, MOST_STEPS, PATIENCE = 40, 400, 2
#: Most numbers of its vectors.
LONGEST_NETWORK = 128

#: Numbers that tell what items are about.
CONTENT = (32, 64)

#: How long the first factors of ALS are, and how its ridge grows with an item's degree.
STARTS = ((0.3, 0.0), (1.0, 0.0), (1.0, 1.0))

HALF_LIVES = (0.0, 10.0, 20.0, 40.0)
FACET_WEIGHTS = (0.0, 0.1, 0.3, 1.0)


def candidates(interactions: int, rank: int, most: int, described: bool) -> list[Spec]:
    """Return what is tried: a grid on a small site, on a large one what is good nearly always.

    ``rank``: most numbers of one encoder; ``most``: of all together; ``described``: whether items
    have side features. A large site decomposes its graph but once for each fit.
    """
    if described:
        content: list[Spec] = [{"encoder": "content", "dimension": d} for d in CONTENT]
        rest = most - max(CONTENT) if interactions > SMALL else most
        return candidates(interactions, min(rank, rest), rest, described=False) + content
    if interactions > SMALL:
        factors = max(1, min(rank, most * 3 // 10))
        dimension = min(rank, most - factors)
        return [
            POPULARITY,
            *(_spectral(0.5, dimension, ridge) for ridge in (0.03, 0.1)),
            _als(factors, 10.0, 15.0, 1.0, 1.0),
        ]
    dimensions = sorted({min(d, rank) for d in (32, 64, 128, 512)})
    lengths = sorted({min(d, rank) for d in (32, 128)})
    strengths = ((5.0, 3.0), (20.0, 10.0), (60.0, 40.0), (150.0, 40.0))
    return [
        POPULARITY,
        *(_spectral(n, d, r) for n in (0.5, 0.25) for d in dimensions for r in (0.1, 0.5)),
        *(_spectral(0.0, rank, r, alone) for r in (0.03, 0.3) for alone in (False, True)),
        *(
            _als(d, *strength, start, nu)
            for d in lengths
            for strength in strengths
            for start, nu in STARTS
        ),
    ]


def _spectral(normalised: float, dimension: int, ridge: float, alone: bool = False) -> Spec:
    return {
        "encoder": "spectral",
        "normalised": normalised,
        "dimension": dimension,
        "ridge": ridge,
        "alone": alone,
    }


def _als(dimension: int, ridge: float, alpha: float, start: float, nu: float) -> Spec:
    return {
        "encoder": "als",
        "dimension": dimension,
        "ridge": ridge,
        "alpha": alpha,
        "start": start,
        "nu": nu,
    }


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


class Search:
    """One search: what was tried, and what was best."""

    def __init__(self, known: Snapshot, parameters: Parameters) -> None:
        self.parameters = parameters
        some = _some_viewers(known, parameters.seed)
        share = HELD_OUT["small" if len(some.viewer) <= SMALL else "large"]
        seen, heldout = split_in_time(some, share, parameters.seed)
        self.seen, self.heldout = seen, heldout
        self.trials: list[dict[str, Any]] = []
        self._made: dict[float, Encoders] = {}

    def run(self, progress: Progress = silent) -> Recipe:
        """Return the best recipe."""
        if len(self.heldout) < FEWEST_TO_CHOOSE:
            return UNCHOSEN
        self.scene = Scene.of(self.seen)
        self.most = most_numbers(len(self.seen.item_keys))
        recipe = self._shared(Recipe(facet_weight=0.0), progress)
        encoders = self._encoders(recipe)
        described = bool(self.scene.facets.nnz) or any(self.seen.item_titles)
        specs = candidates(self.scene.engaged.nnz, encoders.rank, self.most, described)
        blocks: list[Block] = []
        for number, spec in enumerate(specs):
            progress(f"trying {spec['encoder']}", 0.2 + 0.5 * number / len(specs))
            blocks.append(standardised(encoders.make(spec), self.scene.engaged))
        validation = self._validation(recipe)
        compared = self._compare(blocks, specs, validation, recipe)
        finalists = self._finalists(compared, specs)
        made = [(specs[i], blocks[i]) for i in finalists]
        if self._affords_network():
            spec = self._network(recipe, specs, compared)
            made.append(self._trained(spec, encoders, validation, recipe, part(progress, 0.7, 0.9)))
        progress("combining", 0.9)
        final = compared
        if [spec for spec, _block in made] != specs:
            blocks = [block for _spec, block in made]
            final = compare(blocks, validation, self.scene.items_of_facet)
        chosen, target = select(final, [block.dimension for _spec, block in made], self.most)
        parts = tuple((made[position][0], weight) for position, weight in chosen)
        total = np.sum([weight * final.scores[place] for place, weight in chosen], axis=0)
        popular = next(n for n, (spec, _block) in enumerate(made) if spec == POPULARITY)
        if not final.surely_better(total, final.scores[popular]):
            parts = CAUTIOUS
        recipe = replace(recipe, parts=parts)
        self.trials.append({**recipe.as_dict(), "target": target})
        return recipe

    def _shared(self, recipe: Recipe, progress: Progress) -> Recipe:
        """Choose what concerns all encoders, by one of them."""
        if is_timed(self.seen):
            progress("choosing how fast interest fades", 0.0)
            recipe = max((replace(recipe, half_life=h) for h in HALF_LIVES), key=self._probe)
        if self.scene.facets.nnz:
            progress("choosing the weight of facets", 0.1)
            recipe = max((replace(recipe, facet_weight=w) for w in FACET_WEIGHTS), key=self._probe)
        return recipe

    def _probe(self, recipe: Recipe) -> float:
        block = standardised(self._encoders(recipe).make(PROBE), self.scene.engaged)
        compared = self._compare([block], [PROBE], self._validation(recipe), recipe)
        return compared.target(compared.scores[0])

    def _encoders(self, recipe: Recipe) -> Encoders:
        weight = recipe.facet_weight
        if weight not in self._made:
            self._made[weight] = self.scene.encoders(weight, self.most, self.parameters)
        return self._made[weight]

    def _validation(self, recipe: Recipe) -> Validation:
        asked = np.unique(self.heldout.viewer)
        if len(asked) > ASKED:
            rng = np.random.default_rng(self.parameters.seed)
            asked = np.sort(rng.choice(asked, ASKED, replace=False))
        history = histories(self.seen, recipe.half_life, self.parameters.history)
        shape = (len(self.seen.viewer_keys), len(self.seen.item_keys))
        seen, wanted = (
            sp.csr_array((np.ones(len(of.viewer), dtype=bool), (of.viewer, of.item)), shape=shape)
            for of in (self.seen, self.heldout)
        )
        return Validation(*(sp.csr_array(rows[asked]) for rows in (history, seen, wanted)))

    def _compare(
        self, blocks: list[Block], specs: list[Spec], validation: Validation, recipe: Recipe
    ) -> Compared:
        """Compare and write down what each block does alone."""
        compared = compare(blocks, validation, self.scene.items_of_facet)
        for spec, scores in zip(specs, compared.scores, strict=True):
            shared = {"half_life": recipe.half_life, "facet_weight": recipe.facet_weight}
            self.trials.append({**shared, **spec, **compared.quality(scores)})
        return compared

    def _network(self, recipe: Recipe, specs: list[Spec], compared: Compared) -> Spec:
        """Return a network's spec: it starts from the spectrum that did best."""
        best = max(
            (compared.target(scores), position)
            for position, scores in enumerate(compared.scores)
            if specs[position]["encoder"] == "spectral"
        )
        start = specs[best[1]]
        return {
            "encoder": "gnn",
            "normalised": start["normalised"],
            "dimension": min(start["dimension"], LONGEST_NETWORK),
            "half_life": recipe.half_life,
        }

    def _affords_network(self) -> bool:
        """Return whether a network is trained: each step passes over the whole graph."""
        small = self.scene.engaged.nnz <= SMALL or torch.cuda.is_available()
        return self.parameters.network and small

    def _trained(
        self,
        spec: Spec,
        encoders: Encoders,
        validation: Validation,
        recipe: Recipe,
        progress: Progress,
    ) -> tuple[Spec, Block]:
        """Train a network until it gets no better; return it as it was best."""
        tried: list[tuple[float, Spec, Block]] = []
        best = 0
        for steps in range(CHECKPOINT, MOST_STEPS + 1, CHECKPOINT):
            progress("training a network", steps / MOST_STEPS)
            now = {**spec, "steps": steps}
            block = standardised(encoders.make(now), self.scene.engaged)
            compared = self._compare([block], [now], validation, recipe)
            tried.append((compared.target(compared.scores[0]), now, block))
            best = max(range(len(tried)), key=lambda position: tried[position][0])
            if len(tried) > best + PATIENCE:
                break
        return tried[best][1:]

    def _finalists(self, compared: Compared, specs: list[Spec]) -> list[int]:
        """Return the positions of the best of each encoder and normalisation."""
        by_kind: dict[Any, list[tuple[float, int]]] = {}
        for position, (spec, scores) in enumerate(zip(specs, compared.scores, strict=True)):
            kind = (spec["encoder"], spec.get("normalised"))
            by_kind.setdefault(kind, []).append((-compared.target(scores), position))
        return sorted(
            position
            for found in by_kind.values()
            for _target, position in sorted(found)[:FINALISTS]
        )


def _some_viewers(snapshot: Snapshot, seed: int) -> Snapshot:
    """Return a snapshot with at most about ``LOOKED_AT`` interactions, of viewers as they are."""
    share = LOOKED_AT / max(len(snapshot.viewer), 1)
    if share >= 1:
        return snapshot
    kept = np.random.default_rng(seed).random(len(snapshot.viewer_keys)) < share
    return only(snapshot, kept[snapshot.viewer])
