"""How feeds differ by where they stand: the built-in placements and what a site changes of them.

A site names any placement it likes and sets only what differs::

    RECOMMENDATIONS = {"PLACEMENTS": {"home": {"PER_CREATOR": 2},
                                      "footer": {"SOURCES": {"popular": 50}}}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from . import conf

#: What can bring candidates, and how many each brings where a placement does not say.
SOURCES: dict[str, int] = {
    "model": 250,  # nearest to the viewer's vector
    "recent": 40,  # nearest to what they last engaged with
    "followed": 40,  # newest of the creators they follow
    "interests": 100,  # most engaging in their parent categories
    "popular": 60,  # most engaging of all
    "trending": 40,  # most engaging these days
    "fresh": 60,  # newest
}


@dataclass(frozen=True, slots=True)
class Placement:
    """What a place wants of its feed; in ``RECOMMENDATIONS["PLACEMENTS"]`` in capitals."""

    #: How many candidates each source brings; a source left out brings none.
    sources: Mapping[str, int] = field(default_factory=lambda: SOURCES)
    #: What differs from ``RECOMMENDATIONS["WEIGHTS"]``.
    weights: Mapping[str, float] = field(default_factory=dict)
    #: 0: the best scores, however alike. 1: the most different items, however bad.
    diversity: float = 0.15
    #: Most cards of one creator, and of one category, on a page while others are left; 0: any.
    per_creator: int = 3
    per_category: int = 5
    #: Share of a page given to new items that nobody has judged yet.
    explore: float = 0.085
    #: Whether the viewer's parent categories come first while they have anything left.
    keep_to_interests: bool = True


#: What the built-in placements change; any other is like "home".
BUILT_IN: dict[str, dict[str, Any]] = {
    "home": {},
    "sidebar": {"per_category": 0, "explore": 0.0, "diversity": 0.05, "keep_to_interests": False},
    "category": {"per_category": 0},
    "following": {
        "sources": {"followed": 400},
        "weights": {"similarity": 0.3, "freshness": 1.0},
        "per_category": 0,
        "explore": 0.0,
        "keep_to_interests": False,
    },
    "explore": {
        "weights": {"similarity": 0.5, "interest": 0.0, "creator": 0.0, "trending": 0.3},
        "diversity": 0.4,
        "per_creator": 2,
        "per_category": 3,
        "explore": 0.25,
        "keep_to_interests": False,
    },
    "digest": {"weights": {"freshness": 0.3}, "per_creator": 2, "explore": 0.0},
}

#: The settings of a placement, as a site writes them.
NAMES = {each.name.upper(): each.name for each in fields(Placement)}


def placement(name: str) -> Placement:
    """Return a placement: the site's settings over the built-in ones over the defaults."""
    given = conf.settings.PLACEMENTS.get(name, {})
    site = {NAMES[key]: value for key, value in given.items() if key in NAMES}
    return replace(Placement(), **{**BUILT_IN.get(name, {}), **site})
