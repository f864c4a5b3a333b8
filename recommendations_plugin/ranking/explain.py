"""Gives each card a reason that is true: what really brought it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .. import profile
from ..events import state
from ..events.state import Facts
from ..types import Reason, Recommendation, Step
from .context import Context

#: Pulls that may be given as a reason; a follow is told before, and only for its own creator.
NAMED = {"watched", "liked", "interest"}


def explain(
    context: Context, recommendations: Sequence[Recommendation], facts: Mapping[str, Facts]
) -> None:
    """Set the reason of each recommendation."""
    titles = state.titles(past.item for past in context.history) if context.history else {}
    for recommendation in recommendations:
        recommendation.reason = _reason(
            context, recommendation, facts.get(recommendation.key, Facts()), titles
        )


def _reason(
    context: Context, recommendation: Recommendation, facts: Facts, titles: Mapping[str, str]
) -> Reason:
    followed = facts.creators.keys() & context.follows.keys()
    if followed:
        return Reason("follow", context.follows[min(followed)])
    if recommendation.step in (Step.MODEL, Step.LAST_GOOD):
        return _strongest_pull(context, recommendation.key, facts, titles)
    if recommendation.step == Step.CATEGORIES:
        name = _shared_interest(context, facts)
        return Reason("popular_in", name) if name else Reason("similar")
    return Reason(recommendation.step.value)


def _strongest_pull(context: Context, key: str, facts: Facts, titles: Mapping[str, str]) -> Reason:
    """Return what moved the viewer's vector towards this item the most.

    An interest is named only where the item is really in that category.
    """
    vector = context.artifact.item_vector(key)
    if vector is None or not context.signals:
        return Reason("similar")
    directions = profile.directions(np.array([pull.vector for pull in context.signals]))
    names = {**titles, **facts.parents}
    strengths = (directions @ vector) * [pull.weight for pull in context.signals]
    for position in np.argsort(-strengths, kind="stable"):
        pull = context.signals[position]
        if strengths[position] > 0 and pull.code in NAMED and names.get(pull.key):
            return Reason(pull.code, names[pull.key])
    return Reason("similar")


def _shared_interest(context: Context, facts: Facts) -> str:
    """Return the name of the viewer's strongest interest that the item belongs to."""
    if context.within is not None and context.within.key in facts.parents:
        return context.within.name
    return next((i.name for i in context.interests if i.key in facts.parents), "")
