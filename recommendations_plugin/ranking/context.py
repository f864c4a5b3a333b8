"""Everything one request's ranking reads, read once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import profile, runs
from ..events import shelf, state, steering
from ..index import artifacts
from ..placements import Placement, placement
from ..types import Facet, Step, Viewer, engagement
from . import delta

logger = logging.getLogger(__name__)

#: Watched portion from which an item counts as finished.
FINISHED = 0.9
#: Where a request keeps what is known of its viewer, and what the CMS shows to them.
KNOWN, ELIGIBLE = "_recommendations_known", "_recommendations_eligible"
#: Most followed creators, the latest, that a viewer's vector is made from.
FOLLOWS = 100
#: What the catalogue's own order asks of a page.
AS_IT_COMES: dict[str, Any] = {
    "diversity": 0.0,
    "per_creator": 0,
    "per_category": 0,
    "explore": 0.0,
}


class Pull(NamedTuple):
    """One thing that pulls a feed somewhere: a past interaction, an interest or a follow."""

    code: str
    key: str
    weight: float


@dataclass
class Context:
    """One viewer, one placement, one moment."""

    viewer: Viewer
    placement: str
    within: Facet | None = None
    #: Keys of facets that items have to have besides.
    having: frozenset[str] = frozenset()
    #: The built-in placement that this one is like.
    like: str = ""
    exclude: frozenset[str] = frozenset()
    #: What the pages before this one showed.
    shown: frozenset[str] = frozenset()
    #: Where these were many, the catalogue's id below which the feed goes on, newest first.
    below: int | None = None
    request: HttpRequest | None = None
    #: When ranking began, by the process's clock.
    began: float = field(default_factory=time.perf_counter)
    #: What is known of items met on the way, by key: the viewer's past ones among them.
    rows: Mapping[str, shelf.Row] = field(default_factory=dict)

    @cached_property
    def known(self) -> state.Known:
        """What is known of the viewer, read once a request unless something is recorded in it."""
        if self.request is None:
            return state.known(self.viewer.key)
        now = self.viewer.key, state.writes()
        then, found = getattr(self.request, KNOWN, (None, None))
        if found is None or then != now:
            found = state.known(self.viewer.key)
            setattr(self.request, KNOWN, (now, found))
        return found

    @cached_property
    def eligible(self) -> dict[str, QuerySet[Any]]:
        """What the CMS shows to this viewer, by the label of a model: made once a request."""
        if self.request is None:
            return {}
        kept: dict[str, Any] = self.request.__dict__.setdefault(ELIGIBLE, {})
        return kept.setdefault(self.viewer.key, {})

    @cached_property
    def wants(self) -> Placement:
        wants = placement(self.placement, self.arm.options if self.arm else None, self.like)
        return wants if self.below is None else replace(wants, **AS_IT_COMES)

    @property
    def milliseconds(self) -> int:
        """How long ranking has taken up to now."""
        return round((time.perf_counter() - self.began) * 1000)

    @cached_property
    def rules(self) -> steering.Rules:
        """How editors and operators steer feeds."""
        return steering.rules(self.known.rules)

    @cached_property
    def arm(self) -> steering.Arm | None:
        """The arm of the placement's experiment that the viewer is in."""
        return self.rules.arm(self.placement, self.known.viewer)

    @cached_property
    def steer(self) -> steering.Steer:
        """What editors say of this placement."""
        return self.rules.steer(self.placement)

    @property
    def pins(self) -> Mapping[str, steering.Rule]:
        """What editors pinned here, by item; a full cursor's pages follow the catalogue alone."""
        return self.steer.pins if self.below is None else {}

    @cached_property
    def seen(self) -> frozenset[str]:
        """What no source may bring, as far as it is remembered; SQL knows the rest."""
        return self.known.seen | self.exclude | self.shown

    @cached_property
    def seen_positions(self) -> np.ndarray:
        """Where the model has these, int64."""
        return self.artifact.positions(self.seen)

    @cached_property
    def model(self) -> tuple[artifacts.Artifact, Step] | None:
        """The artifact to rank with: the active one, else the last good one, else None."""
        return usable_artifact((self.arm and self.arm.version) or self.known.version)

    @cached_property
    def delta(self) -> delta.Delta:
        """The artifact with what changed since; only where there is a ``model``."""
        return delta.delta(self.artifact, self.known.newest)

    @property
    def signals(self) -> list[Pull]:
        """What pulls this viewer's feed: past, interests, follows, as far as the model knows."""
        return self._pulls[0]

    @cached_property
    def _pulls(self) -> tuple[list[Pull], np.ndarray]:
        """The signals, and what each adds, float32 [k, d]."""
        if self.model is None:
            return [], np.zeros((0, 0), dtype=np.float32)
        past, tastes = list(self._past()), [*self._interests(), *self._follows()]
        items, known = self.delta.pulls([pull.key for pull in past])
        facets = self.artifact.facet_places(pull.key for pull in tastes)
        vectors = [items[known], self.artifact.facets[facets[facets >= 0]]]
        signals = compress([*past, *tastes], [*known, *(facets >= 0)])
        return list(signals), np.concatenate(vectors)

    @cached_property
    def vector(self) -> np.ndarray | None:
        """The viewer's vector, from what they did up to this second.

        None where nothing draws them anywhere: a dismissal alone says only where not to go.
        """
        if not any(pull.weight > 0 for pull in self.signals):
            return None
        vector = self.shares.sum(axis=0)
        return vector if np.any(vector) else None

    @cached_property
    def shares(self) -> np.ndarray:
        """What each of the ``signals`` contributes to the vector, float32 [k, d]."""
        signals, vectors = self._pulls
        weights = np.array([pull.weight for pull in signals])
        return profile.shares(vectors, weights, self.artifact.blocks, self.artifact.projection)

    @property
    def step(self) -> Step:
        """The rung that answers where the model knows something."""
        return self.model[1] if self.model else Step.CATEGORIES

    @property
    def artifact(self) -> artifacts.Artifact:
        """The artifact to rank with; only where there is a ``model``."""
        if self.model is None:
            raise LookupError("No model can be used.")
        return self.model[0]

    def _past(self) -> Iterator[Pull]:
        history = self.known.history
        weights = profile.interaction_weights(
            engagement=[engagement(past.portion, past.liked) for past in history],
            dismissed=[past.dismissed for past in history],
            rank=range(len(history)),
            half_life=self.artifact.half_life,
        )
        for past, weight in zip(history, weights.tolist(), strict=True):
            if weight:
                yield Pull(_code(past), past.item, weight)

    def _interests(self) -> Iterator[Pull]:
        scores = np.array([interest.score for interest in self.known.interests])
        weights = profile.interest_weights(scores, scores.sum())
        for interest, weight in zip(self.known.interests, weights.tolist(), strict=True):
            yield Pull("interest", interest.key, weight)

    def _follows(self) -> Iterator[Pull]:
        for key in list(self.known.follows)[:FOLLOWS]:
            yield Pull("follow", key, profile.FOLLOW)


def _code(past: state.Past) -> str:
    if past.dismissed:
        return "dismissed"
    if past.liked:
        return "liked"
    return "finished" if past.portion >= FINISHED else "watched"


def usable_artifact(version: str | None = None) -> tuple[artifacts.Artifact, Step] | None:
    """Return the active artifact, or the newest one that verifies, or None.

    ``version``: the active one's, where it is known already.
    """
    version = runs.active_version() if version is None else version
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
