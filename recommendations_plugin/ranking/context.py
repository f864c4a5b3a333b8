"""Everything one request's ranking reads, read once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.http import HttpRequest

from .. import profile, runs
from ..events import state
from ..index import artifacts
from ..types import Facet, Step, Viewer, engagement

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pull:
    """One thing that pulls a feed somewhere: a past interaction, an interest or a follow."""

    code: str
    key: str
    vector: np.ndarray
    weight: float


@dataclass
class Context:
    """One viewer, one placement, one moment."""

    viewer: Viewer
    placement: str
    within: Facet | None = None
    exclude: frozenset[str] = frozenset()
    #: What the pages before this one showed.
    shown: frozenset[str] = frozenset()
    request: HttpRequest | None = None

    @cached_property
    def history(self) -> list[state.Past]:
        return state.history(self.viewer.key)

    @cached_property
    def seen(self) -> set[str]:
        """What no rung may bring: known, dismissed, muted, excluded, or on a page before."""
        return state.seen(self.viewer.key) | self.muted | self.exclude | self.shown

    @cached_property
    def muted(self) -> set[str]:
        return state.muted(self.viewer.key)

    @cached_property
    def interests(self) -> list[state.Interest]:
        return state.interests(self.viewer.key)

    @cached_property
    def follows(self) -> dict[str, str]:
        return state.follows(self.viewer.key)

    @cached_property
    def model(self) -> tuple[artifacts.Artifact, Step] | None:
        """The artifact to rank with: the active one, else the last good one, else None."""
        return usable_artifact()

    @cached_property
    def signals(self) -> list[Pull]:
        """What pulls this viewer's feed, with its vector and weight: past, interests, follows."""
        return [*self._past(), *self._interests(), *self._follows()] if self.model else []

    @cached_property
    def vector(self) -> np.ndarray | None:
        """The viewer's vector, from what they did up to this second.

        None where nothing draws them anywhere: a dismissal alone says only where not to go.
        """
        if not any(pull.weight > 0 for pull in self.signals):
            return None
        return profile.viewer_vector(
            np.array([pull.vector for pull in self.signals]),
            np.array([pull.weight for pull in self.signals]),
        )

    @property
    def artifact(self) -> artifacts.Artifact:
        """The artifact to rank with; only where there is a ``model``."""
        if self.model is None:
            raise LookupError("No model can be used.")
        return self.model[0]

    def _past(self) -> Iterator[Pull]:
        weights = profile.interaction_weights(
            engagement=[engagement(past.portion, past.liked) for past in self.history],
            dismissed=[past.dismissed for past in self.history],
            rank=range(len(self.history)),
            half_life=self.artifact.half_life,
        )
        for past, weight in zip(self.history, weights, strict=True):
            vector = self.artifact.item_vector(past.item)
            if vector is not None and weight:
                yield Pull(_code(past), past.item, vector, float(weight))

    def _interests(self) -> Iterator[Pull]:
        scores = np.array([interest.score for interest in self.interests])
        weights = profile.interest_weights(scores, scores.sum())
        for interest, weight in zip(self.interests, weights, strict=True):
            vector = self.artifact.facet_vector(interest.key)
            if vector is not None:
                yield Pull("interest", interest.key, vector, float(weight))

    def _follows(self) -> Iterator[Pull]:
        for key in self.follows:
            vector = self.artifact.facet_vector(key)
            if vector is not None:
                yield Pull("follow", key, vector, profile.FOLLOW)

    @property
    def wanted_facets(self) -> Sequence[str] | None:
        """The facets a feed keeps to: the placement's own, else the viewer's parent categories."""
        if self.within is not None:
            return [self.within.key]
        return [interest.key for interest in self.interests] or None


def _code(past: state.Past) -> str:
    if past.dismissed:
        return "dismissed"
    return "liked" if past.liked else "watched"


def usable_artifact() -> tuple[artifacts.Artifact, Step] | None:
    """Return the active artifact, or the newest one that verifies, or None."""
    version = runs.active_version()
    if not version:
        return None
    if artifact := _load(version):
        return artifact, Step.MODEL
    for other in artifacts.versions():
        if other != version and (artifact := _load(other)):
            return artifact, Step.LAST_GOOD
    return None


#: When a version that did not verify is tried again, in seconds of the process's clock: reading a
#: broken one through at every request would slow down just the site that is in trouble.
_retry_at: dict[str, float] = {}
RETRY_AFTER = 30


def _load(version: str) -> artifacts.Artifact | None:
    if time.monotonic() < _retry_at.get(version, 0):
        return None
    try:
        return artifacts.load(version)
    except artifacts.BrokenArtifact as error:
        logger.error("Model %s cannot be served: %s", version, error)
        _retry_at[version] = time.monotonic() + RETRY_AFTER
        return None
