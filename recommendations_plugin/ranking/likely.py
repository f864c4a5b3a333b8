"""Which categories things are likely of, as the model tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

from django.db.models import Model

from ..events import facets
from ..index.artifacts import Artifact
from ..registry import adapter_for
from ..types import FacetKind, Suggestion, key_of
from .context import Context, usable_artifact

#: What speaks for the categories of an item that the model has not seen.
SPEAKING = (FacetKind.CREATOR, FacetKind.TAG)
#: A category that is less likely than this is not suggested.
UNLIKELY = 0.1


def suggested(obj: Model, limit: int) -> list[Suggestion]:
    """Return categories that an object probably belongs to and is not in, the likeliest first."""
    adapter, found = adapter_for(obj), usable_artifact()
    if adapter is None or found is None:
        return []
    own = {facet.key: facet for facet in adapter.describe(obj).facets}
    told = [key for key, facet in own.items() if facet.kind in SPEAKING]
    return suggestions(of_item(found[0], key_of(obj), told), limit, without=own)


def suggestions(
    found: Mapping[str, float], limit: int, without: Container[str] = ()
) -> list[Suggestion]:
    """Return the likeliest of some categories, named; none that is less than `UNLIKELY`."""
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    wanted = [(key, value) for key, value in ranked if key not in without and value >= UNLIKELY]
    names = facets.named(key for key, _value in wanted)
    return [Suggestion(names[key], value) for key, value in wanted if key in names][:limit]


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
