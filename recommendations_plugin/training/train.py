"""The entry point: choose on validation, measure on the test split, then fit to everything."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ..types import Embeddings, Snapshot
from .affinity import affinity
from .combine import standardised
from .content import described, from_content, words_of
from .dataset import split_in_time
from .encoders.base import Block
from .evaluate import report
from .parameters import Parameters
from .progress import Progress, part, silent
from .project import projected
from .recipe import POPULAR, Recipe
from .scene import Scene, most_numbers
from .search import Search

#: New items are as long as the share of known items that fewest engaged with.
COLD_AS = 0.1


class TrainingFailed(Exception):
    """Training gave numbers that must not be served; the message says which."""


class NothingToTrain(Exception):
    """There is no live item to learn a vector for."""


def train(
    snapshot: Snapshot, parameters: Mapping[str, Any], progress: Progress = silent
) -> tuple[Embeddings, dict[str, Any]]:
    """Return the vectors to serve and how good ones made in the same way are on unseen behaviour.

    ``parameters``: ``RECOMMENDATIONS["MODEL"]``. The metrics are those of ``evaluate.report`` on
    each viewer's newest fifth, by a model that saw neither it nor chose by it; ``trials`` lists
    what was tried on validation. Raises ``NothingToTrain`` and ``TrainingFailed``.
    """
    began = time.monotonic()
    given = Parameters.from_settings(parameters)
    known, test = split_in_time(snapshot, seed=given.seed)
    recipe, trials = choose(known, given, part(progress, 0.0, 0.6))
    metrics: dict[str, Any] = {}
    if len(test):
        measured = fit(known, recipe, given, part(progress, 0.6, 0.8))
        rival = measured_rival(known, recipe, measured, given)
        metrics = report(measured, known, test, rival=rival)
    embeddings = fit(snapshot, recipe, given, part(progress, 0.8, 1.0))
    progress("learning what items are about", 1.0)
    likely, metrics["categories"] = affinity(snapshot, given.seed)
    engaged = Scene.of(snapshot).engaged.sum(axis=0)
    words = words_of(snapshot, embeddings, engaged)
    embeddings = replace(embeddings, affinity=likely, words=words)
    metrics |= {"trials": trials, "seconds": round(time.monotonic() - began, 1)}
    return embeddings, metrics


def choose(
    known: Snapshot, parameters: Parameters, progress: Progress = silent
) -> tuple[Recipe, list[dict[str, Any]]]:
    """Return the best recipe on a validation split of ``known``, and all that was tried.

    Where the parameters say what an earlier training chose, that is it.
    """
    _begin(known, parameters)
    if parameters.recipe:
        return Recipe.from_dict(parameters.recipe), []
    search = Search(known, parameters)
    return search.run(progress), search.trials


def measured_rival(
    known: Snapshot, recipe: Recipe, measured: Embeddings, parameters: Parameters
) -> Embeddings | None:
    """Return the live model's recipe fitted to ``known``: the same vectors for the same recipe."""
    if parameters.live is None:
        return None
    rival = Recipe.from_dict(parameters.live)
    return measured if rival == recipe else fit(known, rival, parameters)


def fit(
    snapshot: Snapshot,
    recipe: Recipe,
    parameters: Parameters,
    progress: Progress = silent,
) -> Embeddings:
    """Return the vectors of a snapshot; the same for the same arguments on the same machine.

    Where nobody engaged with anything, vectors come from facets alone. Raises ``NothingToTrain``
    and ``TrainingFailed``.
    """
    _begin(snapshot, parameters)
    scene = Scene.of(snapshot)
    most = most_numbers(len(snapshot.item_keys))
    encoders = scene.encoders(recipe.facet_weight, most, parameters)
    parts = recipe.parts if encoders.matrix.nnz else POPULAR.parts
    blocks: list[Block] = []
    for number, (spec, weight) in enumerate(parts):
        progress(f"fitting {spec['encoder']}", number / len(parts))
        blocks.append(standardised(encoders.make(spec), scene.engaged).scaled(weight))
    del encoders  # the blocks are all that is needed of it
    _give_back()
    told = [{"dimension": block.dimension, "alpha": block.alpha} for block in blocks]
    dimensions = [block.dimension for block in blocks]
    items, pulls = side_by_side(blocks)
    place_cold(scene, items, pulls, dimensions)
    facet_items, facets = (scene.items_of_facet @ vectors for vectors in (items, pulls))
    for vectors in (items, pulls, facets, facet_items):
        if not np.isfinite(lengths(vectors)).all():
            raise TrainingFailed("Some vectors are not finite numbers.")
    served = {
        **recipe.as_dict(),
        "blocks": told,
        "history": parameters.history,
        "seed": parameters.seed,
    }
    whole = Embeddings(
        item_keys=snapshot.item_keys,
        items=items,
        facet_keys=snapshot.facet_keys,
        facets=facets,
        pulls=pulls,
        facet_items=facet_items,
        parameters=served,
    )
    short = projected(whole, snapshot, parameters.dimension)
    longest = max(lengths(short.items).max(), np.float32(1e-9))
    for vectors in (short.items, short.facet_items):
        vectors /= longest
    return short


def side_by_side(blocks: list[Block]) -> tuple[np.ndarray, np.ndarray]:
    """Return the blocks' items and pulls, float32 [n, d] each.

    It empties the list, so that a large model is not in memory a third time.
    """
    size = len(blocks[0].vectors), sum(block.dimension for block in blocks)
    items, pulls = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.float32)
    scales: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    start = 0
    while blocks:
        block = blocks.pop(0)
        pulls[:, start : start + block.dimension] = block.vectors.numpy()
        start += block.dimension
        scales.append((block.found.numpy(), block.pulling.numpy(), block.response.numpy()))
        del block
    start = 0
    for found, pulling, response in scales:
        own = slice(start, start + len(response))
        start = own.stop
        np.multiply(pulls[:, own], found[:, None], out=items[:, own])
        pulls[:, own] *= pulling[:, None]
        pulls[:, own] *= response
    return items, pulls


def place_cold(
    scene: Scene, items: np.ndarray, pulls: np.ndarray, dimensions: Sequence[int]
) -> None:
    """Overwrite the rows of items that nobody engaged with by what side features say.

    They are ranked by what they are about; how well they do with everybody nobody knows, so each
    encoder finds them no sooner than the items that fewest engaged with. An item of which no more
    is said than of all others stays as it is.
    """
    engaged = scene.engaged.sum(axis=0)
    cold = (engaged <= 0) & described(scene.side)
    known = engaged > 0
    if not cold.any() or not known.any():
        return
    for vectors in (items, pulls):
        vectors[cold] = from_content(scene.side, engaged, vectors, cold)
    least = known & (engaged <= np.quantile(engaged[known], COLD_AS))
    start = 0
    for dimension in dimensions:
        own = slice(start, start + dimension)
        start = own.stop
        typical = np.median(lengths(items[cold, own]))
        if typical > 0:
            items[cold, own] *= np.median(lengths(items[least, own])) / typical


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Return the rows' lengths, float32 [n], without a copy of them all."""
    return np.sqrt(np.einsum("nd,nd->n", vectors, vectors))


def _begin(snapshot: Snapshot, parameters: Parameters) -> None:
    if len(snapshot.item_keys) == 0:
        raise NothingToTrain("There is no live item, so there is nothing to train on.")
    torch.set_num_threads(parameters.threads)
    torch.manual_seed(parameters.seed)
    _give_back()


def _give_back() -> None:
    """Let the system have what an earlier step freed; glibc would keep much of it, in pieces."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
