"""How feeds differ by where they stand: the built-in placements and what a site changes of them.

A site names any placement it likes and sets only what differs::

    RECOMMENDATIONS = {"PLACEMENTS": {"home": {"PER_CREATOR": 2},
                                      "footer": {"SOURCES": {"popular": 50}}}}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from . import conf

#: How a placement is called.
NAME = r"^[a-z][a-z0-9_-]*\Z"

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
    per_category: int = 12
    #: Share of a page given to new items that nobody has judged yet.
    explore: float = 0.085
    #: Whether the viewer's parent categories come first while they have anything left.
    keep_to_interests: bool = True


#: What orders of one kind do not look at; editors' rules count there too.
NO_WEIGHTS = dict.fromkeys(
    ("similarity", "engagement", "interest", "creator", "trending", "freshness"), 0.0
)

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
    "trending": {
        "sources": {"trending": 200},
        "weights": {**NO_WEIGHTS, "trending": 1.0},
        "explore": 0.0,
        "keep_to_interests": False,
    },
    "popular": {
        "sources": {"popular": 200},
        "weights": {**NO_WEIGHTS, "engagement": 1.0},
        "explore": 0.0,
        "keep_to_interests": False,
    },
    "latest": {
        "sources": {"fresh": 200},
        "weights": {**NO_WEIGHTS, "freshness": 1.0},
        "diversity": 0.0,
        "per_creator": 0,
        "per_category": 0,
        "explore": 0.0,
        "keep_to_interests": False,
    },
    "digest": {"weights": {"freshness": 0.3}, "per_creator": 2, "explore": 0.0},
}

#: The settings of a placement, as a site writes them.
NAMES = {each.name.upper(): each.name for each in fields(Placement)}


def placement(name: str, over: Mapping[str, Any] | None = None, like: str = "") -> Placement:
    """Return a placement: the site's settings over the built-in ones over the defaults.

    ``over``: settings over the site's, those of an experiment's arm. ``like``: the built-in
    placement that it is like, where its name does not say so.
    """
    given = {**conf.settings.PLACEMENTS.get(name, {}), **(over or {})}
    site = {NAMES[key]: value for key, value in given.items() if key in NAMES}
    return replace(Placement(), **{**BUILT_IN.get(like or name, {}), **site})


def known() -> list[str]:
    """Return the names that can be offered: the built-in ones and those of the site's settings."""
    return list({**BUILT_IN, **conf.settings.PLACEMENTS})


def mistakes(settings: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a placement's settings, and what would be right."""
    if not isinstance(settings, dict):
        yield f" is {settings!r}", "It has to be a dict of settings."
        return
    for key, value in settings.items():
        what = f"[{key!r}] is {value!r}"
        if key not in NAMES:
            yield f" has no setting {key!r}", f"It may set: {', '.join(NAMES)}."
        elif key == "SOURCES" and not _are(value, SOURCES, _is_count):
            names = ", ".join(SOURCES)
            yield what, f"It has to be a dict of whole numbers, 0 or more, for any of: {names}."
        elif key == "WEIGHTS" and not _are(value, conf.settings.WEIGHTS, _is_number):
            names = ", ".join(conf.settings.WEIGHTS)
            yield what, f"It has to be a dict of numbers for any of: {names}."
        elif key in ("DIVERSITY", "EXPLORE") and not (_is_number(value) and 0 <= value <= 1):
            yield what, "It has to be a number from 0 to 1."
        elif key in ("PER_CREATOR", "PER_CATEGORY") and not _is_count(value):
            yield what, "It has to be a whole number, or 0 for any number."
        elif key == "KEEP_TO_INTERESTS" and not isinstance(value, bool):
            yield what, "It has to be True or False."


def _are(values: Any, names: Container[str], is_right: Callable[[Any], bool]) -> bool:
    return isinstance(values, dict) and all(
        name in names and is_right(value) for name, value in values.items()
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
