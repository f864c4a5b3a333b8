"""The rungs of the ladder: where candidates come from, best source first.

Each rung is a function from a context to item keys with a similarity, or with 0 where the source
knows none. The pipeline goes on to the next rung only while the page is not full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .. import conf
from ..events import state
from ..types import Step
from .context import Context

#: The widest search, in multiples of ``CANDIDATES``; the next rung fills what it leaves open.
WIDEST = 20

Candidates = dict[str, float]
Rung = Callable[[Context, int], Candidates]


def from_model(context: Context, wanted: int) -> Candidates:
    """Items whose vectors point the viewer's way, kept to the wanted facets.

    Searches wider until enough remain or the index is exhausted.
    """
    if context.vector is None:
        return {}
    artifact = context.artifact
    size = min(len(artifact.index), WIDEST * conf.settings.CANDIDATES)
    k = min(size, conf.settings.CANDIDATES + wanted + len(context.seen))
    while True:
        positions, scores = artifact.index.search(context.vector, k)
        keys = [artifact.item_keys[position] for position in positions]
        found = {
            key: float(score)
            for key, score in zip(keys, scores, strict=True)
            if key not in context.seen
        }
        kept = _keep_wanted(context, found)
        if len(kept) >= wanted or k >= size:
            return kept
        k = min(size, k * 4)


def _keep_wanted(context: Context, found: Candidates) -> Candidates:
    facets = context.wanted_facets
    if facets is None:
        return found
    members = state.members(facets, found)
    return {key: score for key, score in found.items() if key in members}


def from_categories(context: Context, wanted: int) -> Candidates:
    """What is most engaging in the wanted facets."""
    facets = context.wanted_facets
    if facets is None:
        return {}
    keys = state.popular_within(facets, exclude=context.seen, limit=wanted)
    return dict.fromkeys(keys, 0.0)


def from_popular(context: Context, wanted: int) -> Candidates:
    """What is most engaging anywhere."""
    if context.within is not None:
        return {}
    return dict.fromkeys(state.popular(exclude=context.seen, limit=wanted), 0.0)


def from_latest(context: Context, wanted: int) -> Candidates:
    """What is newest."""
    if context.within is not None:
        return {}
    return dict.fromkeys(state.latest(exclude=context.seen, limit=wanted), 0.0)


def ladder(context: Context) -> Iterator[tuple[Step, Rung]]:
    """Return the rungs for a context, best first."""
    if context.model is not None and context.vector is not None:
        yield context.model[1], from_model
    yield Step.CATEGORIES, from_categories
    yield Step.POPULAR, from_popular
    yield Step.LATEST, from_latest


def similar_to(context: Context, item: str, wanted: int) -> Candidates:
    """Items nearest to an item's vector; empty where the model does not know it."""
    vector = context.artifact.item_vector(item) if context.model else None
    if vector is None:
        return {}
    artifact = context.artifact
    k = min(len(artifact.index), wanted + len(context.seen) + 1)
    positions, scores = artifact.index.search(vector, k)
    found = {
        artifact.item_keys[position]: float(score)
        for position, score in zip(positions, scores, strict=True)
    }
    return {key: score for key, score in found.items() if key not in context.seen}


def sharing_with(context: Context, item: str, wanted: int) -> Candidates:
    """Items with the same categories, creator or tags."""
    return {
        key: float(shared)
        for key, shared in state.sharing(item, exclude=context.seen, limit=wanted).items()
    }
