"""Chooses a recipe on a validation split of the training data, within a budget set by its size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

from ..types import Snapshot
from . import grid
from .combine import Compared, Validation, compare, select, standardised
from .dataset import histories, is_timed, only, split_in_time
from .encoders.base import Block
from .parameters import Parameters
from .progress import Progress, part, silent
from .recipe import Encoders, Recipe, Spec
from .scene import Scene, most_numbers

#: Shares of each viewer's interactions that are chosen by, on a small site and on a large one. The
#: less is missing, the more the graph is like the one fitted in the end, but chance weighs more.
HELD_OUT = {"small": 0.2, "large": 0.1}
#: With less held out than this nothing can be chosen by validation.
FEWEST_TO_CHOOSE = 50
#: Viewers that are asked, and interactions a search looks at: more would not tell more.
ASKED, LOOKED_AT = 2000, 3_000_000
#: The best of each encoder that go into the combination.
FINALISTS = 4

#: Steps after which a network in training is validated, and at most; it ends when twice in a row
#: it was no better than before.
CHECKPOINT, MOST_STEPS, PATIENCE = 40, 400, 2
#: Most numbers of its vectors.
LONGEST_NETWORK = 128


class Search:
    """One search: what was tried, and what was best."""

    def __init__(self, known: Snapshot, parameters: Parameters) -> None:
        self.parameters = parameters
        some = _some_viewers(known, parameters.seed)
        share = HELD_OUT["small" if len(some.viewer) <= grid.SMALL else "large"]
        seen, heldout = split_in_time(some, share, parameters.seed)
        self.seen, self.heldout = seen, heldout
        self.trials: list[dict[str, Any]] = []
        self._made: dict[float, Encoders] = {}

    def run(self, progress: Progress = silent) -> Recipe:
        """Return the best recipe."""
        if len(self.heldout) < FEWEST_TO_CHOOSE:
            return grid.UNCHOSEN
        self.scene = Scene.of(self.seen)
        self.most = most_numbers(len(self.seen.item_keys))
        recipe = self._shared(Recipe(facet_weight=0.0), progress)
        encoders = self._encoders(recipe)
        described = bool(self.scene.facets.nnz) or any(self.seen.item_titles)
        specs = grid.candidates(self.scene.engaged.nnz, encoders.rank, self.most, described)
        blocks: list[Block] = []
        for number, spec in enumerate(specs):
            progress(f"trying {spec['encoder']}", 0.2 + 0.5 * number / len(specs))
            blocks.append(standardised(encoders.make(spec), self.scene.engaged))
        validation = self.validation(recipe)
        compared = self.compare(blocks, specs, validation, recipe)
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
        popular = next(n for n, (spec, _block) in enumerate(made) if spec == grid.POPULARITY)
        if not final.surely_better(total, final.scores[popular]):
            parts = grid.CAUTIOUS
        recipe = replace(recipe, parts=parts)
        self.trials.append({**recipe.as_dict(), "target": target})
        return recipe

    def _shared(self, recipe: Recipe, progress: Progress) -> Recipe:
        """Choose what concerns all encoders, by one of them."""
        if is_timed(self.seen):
            progress("choosing how fast interest fades", 0.0)
            recipe = max((replace(recipe, half_life=h) for h in grid.HALF_LIVES), key=self._probe)
        if self.scene.facets.nnz:
            progress("choosing the weight of facets", 0.1)
            recipe = max(
                (replace(recipe, facet_weight=w) for w in grid.FACET_WEIGHTS), key=self._probe
            )
        return recipe

    def _probe(self, recipe: Recipe) -> float:
        block = standardised(self._encoders(recipe).make(grid.PROBE), self.scene.engaged)
        compared = self.compare([block], [grid.PROBE], self.validation(recipe), recipe)
        return compared.target(compared.scores[0])

    def _encoders(self, recipe: Recipe) -> Encoders:
        weight = recipe.facet_weight
        if weight not in self._made:
            self._made[weight] = self.scene.encoders(weight, self.most, self.parameters)
        return self._made[weight]

    def validation(self, recipe: Recipe) -> Validation:
        """Return viewers to choose by, with the histories that a recipe makes of them."""
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

    def compare(
        self, blocks: list[Block], specs: list[Spec], validation: Validation, recipe: Recipe
    ) -> Compared:
        """Compare and write down what each block does alone."""
        compared = compare(blocks, validation, self.scene.items_of_facet)
        for spec, scores in zip(specs, compared.scores, strict=True):
            shared = {"half_life": recipe.half_life, "facet_weight": recipe.facet_weight}
            self.trials.append({**shared, **spec, **compared.quality(scores)})
        return compared

    def _network(self, recipe: Recipe, specs: list[Spec], compared: Compared) -> Spec:
        """Return a network's spec: it starts from the filter that did best, of those no longer."""
        _short, _target, best = max(
            (spec["dimension"] <= LONGEST_NETWORK, compared.target(scores), position)
            for position, (spec, scores) in enumerate(zip(specs, compared.scores, strict=True))
            if spec["encoder"] == "spectral"
        )
        start = specs[best]
        return {
            "encoder": "gnn",
            "normalised": start["normalised"],
            "dimension": min(start["dimension"], LONGEST_NETWORK),
            "half_life": recipe.half_life,
        }

    def _affords_network(self) -> bool:
        """Return whether a network is trained: each step passes over the whole graph."""
        small = self.scene.engaged.nnz <= grid.SMALL or torch.cuda.is_available()
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
            compared = self.compare([block], [now], validation, recipe)
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
