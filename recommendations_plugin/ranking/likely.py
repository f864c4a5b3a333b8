"""Which categories things are likely of, as the model tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ..index.artifacts import Artifact
from .context import Context


def of_item(artifact: Artifact, key: str, facets: Iterable[str]) -> dict[str, float]:
    """Return category → confidence of an item.

    ``facets``: what speaks for an item that the model has not seen, its creator and tags.
    """
    own = artifact.likely(key)
    return own or _mean([(found, 1.0) for found in map(artifact.likely, facets) if found])


def of_viewer(context: Context) -> dict[str, float]:
    """Return category → share of what a viewer engaged with that is likely of it."""
    if context.model is None:
        return {}
    artifact = context.model[0]
    drawn = [(artifact.likely(pull.key), pull.weight) for pull in context.signals]
    return _mean([(found, weight) for found, weight in drawn if found and weight > 0])


def _mean(weighted: list[tuple[dict[str, float], float]]) -> dict[str, float]:
    total = sum(weight for _found, weight in weighted)
    mean: dict[str, float] = defaultdict(float)
    for found, weight in weighted:
        for key, confidence in found.items():
            mean[key] += confidence * weight / total
    return dict(mean)
