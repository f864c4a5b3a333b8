"""What the parts of a score are worth, as what came of impressions tells.

A ridge regression (Hoerl and Kennard, "Ridge Regression", Technometrics 1970) from the parts of the
score that a card was shown with to what its viewer did with it. The place on the page is taken into
the regression too, since what stands further up is watched more for that alone. It is fitted to the
older impressions and judged on the newer ones. What was never shown tells nothing: weights learned
so improve on the present ones step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.utils import timezone

from .. import conf
from ..models import Impression
from ..types import engagement

#: Impressions below which nothing is learned, and the most that are read, the latest.
FEWEST, MOST = 1000, 200_000
#: Share of the impressions, the newest, that weights are judged on.
HELD_OUT = 0.25
#: Strength of the ridge, as impressions that say nothing.
RIDGE = 50.0
#: Times that feeds are drawn again for an interval, and how much of them lies inside it.
DRAWS, INSIDE = 500, 95


class TooFew(Exception):
    """There are too few impressions to learn from; the message says how many."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights, and how often each puts the better of two cards of a feed first, newest feeds."""

    weights: Mapping[str, float]
    impressions: int
    present: float
    learned: float
    #: Of ``learned`` - ``present``, 95 %.
    interval: tuple[float, float]

    @property
    def better(self) -> bool:
        """Whether the learned weights are surely better."""
        return self.interval[0] > 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """Impressions, oldest first."""

    parts: np.ndarray  # float64 [n, k]
    place: np.ndarray  # float64 [n], of the page, 1 for the first
    outcome: np.ndarray  # float64 [n], engagement
    feed: np.ndarray  # int64 [n]

    def take(self, rows: slice) -> _Shown:
        return _Shown(self.parts[rows], self.place[rows], self.outcome[rows], self.feed[rows])


def learn(placement: str, present: Mapping[str, float], days: int = 30) -> Learned:
    """Return what a placement's impressions of the last days say of its weights.

    ``present``: those in use, which the learned ones are scaled like. Raises ``TooFew``.
    """
    shown = _read(placement, days)
    if len(shown.outcome) < FEWEST:
        raise TooFew(
            f"{len(shown.outcome)} impressions at {placement!r} say what they were scored by; "
            f"{FEWEST} are needed."
        )
    cut = int(len(shown.outcome) * (1 - HELD_OUT))
    older, newer = shown.take(slice(cut)), shown.take(slice(cut, None))
    before = np.array([present.get(name, 0.0) for name in _names()])
    weights = _fitted(older)
    weights *= np.abs(before).sum() / (np.abs(weights).sum() or 1.0)
    agreed, learned = (_agreements(newer, each) for each in (before, weights))
    return Learned(
        dict(zip(_names(), weights.tolist(), strict=True)),
        len(shown.outcome),
        _share(agreed),
        _share(learned),
        _interval(agreed, learned),
    )


def _names() -> list[str]:
    return list(conf.DEFAULTS["WEIGHTS"])


def _read(placement: str, days: int) -> _Shown:
    since = timezone.now() - timedelta(days=days)
    rows = Impression.objects.filter(placement=placement, shown_at__gte=since).exclude(parts="")
    columns = ("parts", "position", "portion", "liked", "dismissed", "feed")
    found = list(rows.order_by("-shown_at", "-id").values_list(*columns)[:MOST])[::-1]
    parts = [np.array(row[0].split(), dtype=np.float64) / 100 for row in found]
    names = len(_names())
    found = [row for row, its in zip(found, parts, strict=True) if len(its) == names]
    parts = [its for its in parts if len(its) == names]
    outcome = [
        -1.0 if dismissed else engagement(portion, liked)
        for _parts, _place, portion, liked, dismissed, _feed in found
    ]
    _feeds, feed = np.unique([row[5] for row in found], return_inverse=True)
    place = np.array([row[1] for row in found], dtype=np.float64)
    return _Shown(np.array(parts).reshape(-1, names), place, np.array(outcome), feed)


def _fitted(shown: _Shown) -> np.ndarray:
    """Return the weights of the parts, float64 [k]: none is below zero."""
    sides = np.column_stack([shown.parts, np.log(np.maximum(shown.place, 1.0))])
    sides = sides - sides.mean(axis=0)
    gram = sides.T @ sides + RIDGE * np.eye(sides.shape[1])
    found = np.linalg.solve(gram, sides.T @ (shown.outcome - shown.outcome.mean()))
    return np.maximum(found[:-1], 0.0)


def _agreements(shown: _Shown, weights: np.ndarray) -> np.ndarray:
    """Return of each feed how many pairs of cards the weights put right, and how many there are.

    Pairs whose cards came to different ends. float64 [feeds, 2].
    """
    found, score = [], shown.parts @ weights
    order = np.argsort(shown.feed, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(shown.feed[order])) + 1):
        better = shown.outcome[rows][:, None] > shown.outcome[rows][None, :]
        ahead = np.sign(score[rows][:, None] - score[rows][None, :])
        found.append((float(((ahead[better] + 1) / 2).sum()), float(better.sum())))
    return np.array(found)


def _share(agreements: np.ndarray) -> float:
    right, pairs = agreements.sum(axis=0)
    return float(right / pairs) if pairs else 0.5


def _interval(present: np.ndarray, learned: np.ndarray) -> tuple[float, float]:
    """Return how far the learned share lies above the present one, by a bootstrap over feeds."""
    rng = np.random.default_rng(1)
    drawn = (rng.integers(len(present), size=len(present)) for _ in range(DRAWS))
    differences = [_share(learned[rows]) - _share(present[rows]) for rows in drawn]
    outside = (100 - INSIDE) / 2
    low, high = np.percentile(differences, [outside, 100 - outside])
    return float(low), float(high)
