"""The live model beside popularity, on behaviour that neither has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..types import Embeddings, Snapshot
from .dataset import Heldout, only, split_in_time, without_earned_interest
from .evaluate import report
from .parameters import Parameters
from .progress import Progress, part, silent
from .train import choose, fit

#: With less held out than this a figure would mean nothing.
FEWEST = 50


def beside(
    snapshot: Snapshot,
    parameters: Mapping[str, Any],
    live: tuple[Embeddings, float] | None,
    progress: Progress = silent,
    again: bool = False,
) -> dict[str, dict[str, Any]]:
    """Return reports (``evaluate.report``) by what was measured.

    ``live``: the served model and when it was made, seconds since the epoch. Its recipe is fitted
    to all but each viewer's newest fifth; ``again``: encoders are chosen anew for that too. The
    model as it is served is measured on what came after it was made.
    """
    given = Parameters.from_settings(parameters)
    known, test = split_in_time(snapshot, seed=given.seed)
    reports: dict[str, dict[str, Any]] = {}
    ways: dict[str, Mapping[str, Any] | None] = {}
    if live:
        ways["the live model's recipe"] = live[0].parameters
    if again or not live:
        ways["chosen now"] = None
    for number, (name, recipe) in enumerate(ways.items()):
        if len(test) < FEWEST:
            break
        own = part(progress, number / len(ways), (number + 1) / len(ways))
        chosen, _trials = choose(known, replace(given, recipe=recipe), part(own, 0.0, 0.7))
        reports[name] = report(fit(known, chosen, given, part(own, 0.7, 1.0)), known, test)
    if live:
        before, after = split_at(snapshot, live[1])
        served = aligned(live[0], snapshot)
        known_items = np.isin(snapshot.item_keys, live[0].item_keys)
        after = Heldout(*(of[known_items[after.item]] for of in (after.viewer, after.item)))
        if len(after) >= FEWEST:
            reports["the live model, on what came after it"] = report(served, before, after)
    return reports


def split_at(snapshot: Snapshot, moment: float) -> tuple[Snapshot, Heldout]:
    """Return what was known at a moment, and what viewers did after it."""
    late = snapshot.at > moment
    wanted = late & ~snapshot.dismissed
    known = without_earned_interest(only(snapshot, ~late), snapshot, late)
    return known, Heldout(snapshot.viewer[wanted], snapshot.item[wanted])


def aligned(embeddings: Embeddings, snapshot: Snapshot) -> Embeddings:
    """Return a model's vectors in the order of a snapshot; zero for what it does not know."""

    def ordered(vectors: np.ndarray, own: Any, wanted: Any) -> np.ndarray:
        position = {key: row for row, key in enumerate(own)}
        rows = np.array([position.get(key, -1) for key in wanted], dtype=np.int64)
        out = np.zeros((len(rows), vectors.shape[1]), dtype=np.float32)
        out[rows >= 0] = vectors[rows[rows >= 0]]
        return out

    items = embeddings.item_keys, snapshot.item_keys
    facets = embeddings.facet_keys, snapshot.facet_keys
    return replace(
        embeddings,
        item_keys=snapshot.item_keys,
        items=ordered(embeddings.items, *items),
        pulls=ordered(embeddings.pulls, *items),
        facet_keys=snapshot.facet_keys,
        facets=ordered(embeddings.facets, *facets),
        facet_items=ordered(embeddings.facet_items, *facets),
        affinity=None,
    )
