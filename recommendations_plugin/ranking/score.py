"""Scores candidates: pure functions over what is known of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .. import conf
from ..events.state import Facts

Parts = dict[str, float]


def score_parts(
    similarity: Mapping[str, float],
    facts: Mapping[str, Facts],
    interests: Mapping[str, float],
) -> dict[str, Parts]:
    """Return each candidate's parts, every part in 0–1 among these candidates.

    ``similarity`` by item key, ``interests`` by parent-category key. Candidates without facts
    (no longer live) are left out.
    """
    known = {key: value for key, value in similarity.items() if key in facts}
    low, high = min(known.values(), default=0.0), max(known.values(), default=0.0)
    best = max((facts[key].engagement for key in known), default=0.0)
    strongest = max(interests.values(), default=0.0)
    return {
        key: {
            "similarity": _share(value - low, high - low),
            "engagement": _share(math.log1p(facts[key].engagement), math.log1p(best)),
            "interest": _share(
                max((interests.get(parent, 0.0) for parent in facts[key].parents), default=0.0),
                strongest,
            ),
        }
        for key, value in known.items()
    }


def total(parts: Parts) -> float:
    """Return the weighted sum of a candidate's parts (``RECOMMENDATIONS["WEIGHTS"]``)."""
    weights = conf.settings.WEIGHTS
    return sum(weights[name] * value for name, value in parts.items())


def _share(value: float, whole: float) -> float:
    return value / whole if whole > 0 else 0.0
