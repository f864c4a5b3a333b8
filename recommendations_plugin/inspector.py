"""Feeds as somebody would see them: somebody real, or only imagined; with rules not yet published.

Nothing is recorded, and no model learns from it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from . import ranking
from .events import learning, state
from .events.steering import Rule, Rules
from .types import Facet, Learning, Viewer, key_of

__all__ = ["Persona", "is_closed", "look"]


@dataclass(frozen=True, slots=True)
class Persona:
    """Whose feed is looked at: an account's, or a newcomer's with interests and a past."""

    user: Any = None
    interests: Sequence[Facet] = ()
    #: Keys of items watched to the end and liked, the latest first.
    history: Sequence[str] = ()

    @property
    def viewer(self) -> Viewer:
        """The account's viewer; nobody for those who are imagined."""
        return Viewer(key_of(self.user), self.user) if self.user else Viewer("")


def is_closed(user: Any) -> bool:
    """Return whether somebody has switched learning off: then nothing of them is looked at."""
    return learning.of(key_of(user)) is Learning.OFF


def look(
    persona: Persona,
    placement: str,
    *,
    limit: int = 12,
    trial: Rule | None = None,
    weights: Mapping[str, float] | None = None,
    request: HttpRequest | None = None,
) -> Any:
    """Return the stages of a persona's feed (``ranking.stages.Stages``).

    ``trial``: a rule as if it were published; ``weights``: of the score, as if they were set.
    ``request``: the site it is asked on; its own user does not count.
    """
    context = ranking.context.Context(
        viewer=persona.viewer, placement=placement, request=_request_of(persona, request)
    )
    if not persona.user:
        context.known = _imagined(persona)
    if trial:
        editorial = sorted([*context.rules.editorial, trial], key=lambda rule: rule.position)
        context.rules = Rules(editorial, context.rules.arms)
    if weights:
        context.wants = replace(context.wants, weights={**context.wants.weights, **weights})
    return ranking.stages.look(context, limit)


def _imagined(persona: Persona) -> state.Known:
    past = [state.Past(key, 1.0, True, False) for key in persona.history]
    return replace(
        state.known(""),
        history=past,
        seen=frozenset(persona.history),
        interests=[state.Interest(facet.key, facet.name, 1.0) for facet in persona.interests],
    )


def _request_of(persona: Persona, request: HttpRequest | None) -> HttpRequest | None:
    """Return a request of the persona's to the same site."""
    if request is None:
        return None
    theirs = copy.copy(request)
    theirs.user = persona.user or AnonymousUser()
    theirs.session = {}  # type: ignore[assignment]
    theirs.__dict__.pop(ranking.context.KNOWN, None)
    return theirs
