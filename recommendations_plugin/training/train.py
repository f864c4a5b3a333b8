"""The entry point: choose on validation, measure on the test split, then fit to everything."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..types import Embeddings, Snapshot
from .dataset import Heldout, split_in_time
from .evaluate import evaluate, report
from .fit import TARGET, Progress, fit, silent
from .parameters import Parameters

#: With less held out than this nothing can be chosen or stopped by validation.
FEWEST_TO_CHOOSE = 50

#: What is tried, one name after the other, on the spectral start alone.
CHOICES: Mapping[str, Sequence[Any]] = {
    "half_life": (0.0, 10.0, 20.0, 40.0),
    "power": (0.5, 1.0),
    "popularity": (0.2, 0.35, 0.5, 1.0),
}


def train(
    snapshot: Snapshot, parameters: Mapping[str, Any], progress: Progress = silent
) -> tuple[Embeddings, dict[str, Any]]:
    """Return the vectors to serve and how good ones made in the same way are on unseen behaviour.

    ``parameters``: ``RECOMMENDATIONS["MODEL"]``. The metrics are those of ``evaluate.report`` on
    each viewer's newest fifth, by a model that saw neither it nor chose by it; ``trials`` lists
    what was tried on validation. Raises ``NothingToTrain`` and ``TrainingFailed``.
    """
    began = time.monotonic()
    first = Parameters.from_settings(parameters)
    known, test = split_in_time(snapshot)
    chosen, trials = choose(known, first, _part(progress, 0.0, 0.5))
    metrics: dict[str, Any] = {}
    if len(test):
        metrics = report(fit(known, None, chosen, _part(progress, 0.5, 0.7)), known, test)
    embeddings = fit(snapshot, None, chosen, _part(progress, 0.7, 1.0))
    metrics |= {"trials": trials, "seconds": round(time.monotonic() - began, 1)}
    return embeddings, metrics


def choose(
    known: Snapshot, first: Parameters, progress: Progress = silent
) -> tuple[Parameters, list[dict[str, Any]]]:
    """Return the best parameters on a validation split of ``known``, and all that were tried.

    Where there is too little to validate with, the spectral start is taken as it is: nothing
    could tell whether training does it good.
    """
    seen, validation = split_in_time(known)
    if len(validation) < FEWEST_TO_CHOOSE:
        return replace(first, epochs=0), []
    best = replace(first, epochs=0)
    trials = [_try(best, seen, validation)]
    result = trials[0]
    for name, values in CHOICES.items():
        others = [value for value in values if value != getattr(best, name)]
        for value in others:
            trials.append(_try(replace(best, **{name: value}), seen, validation))
            if trials[-1][TARGET] > result[TARGET]:
                best, result = replace(best, **{name: value}), trials[-1]
        progress(f"chose {name} {getattr(best, name)}", 0.0)
    trained = fit(seen, validation, replace(best, epochs=first.epochs), progress)
    trials.append(_result(trained, seen, validation))
    return replace(best, epochs=trained.parameters["epochs"]), trials


def _try(parameters: Parameters, seen: Snapshot, validation: Heldout) -> dict[str, Any]:
    return _result(fit(seen, None, parameters), seen, validation)


def _result(embeddings: Embeddings, seen: Snapshot, validation: Heldout) -> dict[str, Any]:
    names = (*CHOICES, "epochs")
    tried = {name: embeddings.parameters[name] for name in names}
    return {**tried, **evaluate(embeddings, seen, validation)}


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress callable for one part of the work."""
    return lambda message, fraction: progress(message, start + (end - start) * fraction)
