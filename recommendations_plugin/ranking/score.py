"""Scores candidates: what each part of the score says, each in 0–1, and their weighted sum.

What editors say is a part as well, from -1 to 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import conf
from ..events.steering import KIND, Rule
from ..types import FacetKind, engagement
from .context import Context
from .table import Table

#: Days after which an item is half as fresh.
FRESH_DAYS = 14
DAY = 86_400

#: Parts of the score that are shares of the highest value among the candidates.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Taste:
    """What scoring knows of a viewer."""

    #: Unit vector, float32 [d]; None where nothing draws them anywhere.
    vector: np.ndarray | None = None
    #: Parent categories by key, and creators by key in 0–1.
    interests: Mapping[str, float] = field(default_factory=dict)
    creators: Mapping[str, float] = field(default_factory=dict)


def taste_of(context: Context) -> Taste:
    """Return a viewer's taste from what is known of them."""
    return Taste(
        vector=context.vector,
        interests={interest.key: interest.score for interest in context.known.interests},
        creators=_creators(context),
    )


def _creators(context: Context) -> dict[str, float]:
    """Return how much a viewer cares for creators: 1 for followed ones, else by what they saw."""
    found: dict[str, float] = defaultdict(float)
    for past in context.known.history:
        if (row := context.rows.get(past.item)) and not past.dismissed:
            for creator in row.creators:
                found[creator] += engagement(past.portion, past.liked)
    most = max(found.values(), default=0.0)
    return {
        **{creator: value / most for creator, value in found.items() if value > 0},
        **dict.fromkeys(context.known.follows, 1.0),
    }


def score(
    table: Table,
    taste: Taste,
    weights: Mapping[str, float],
    now: float,
    *,
    rules: Sequence[Rule] = (),
    shared: np.ndarray | None = None,
) -> None:
    """Fill in ``parts`` and ``score``.

    ``now``: seconds since the epoch. ``rules``: editors' boosts and buries. ``shared``: facets in
    common with the item that the feed stands beside, [n].
    """
    published = np.array([row.published for row in table.rows])
    table.parts = {
        "similarity": _similarity(table, taste.vector),
        "engagement": _share(np.log1p(table.engagement)),
        "interest": _share(_best(taste.interests, [row.parents for row in table.rows])),
        "creator": _best(taste.creators, [row.creators for row in table.rows]),
        "trending": _share(np.array([row.trend for row in table.rows], dtype=np.float64)),
        "freshness": np.exp2(-np.maximum(now - published, 0) / (FRESH_DAYS * DAY)),
    }
    if shared is not None:
        table.parts["shared"] = _share(shared.astype(np.float64))
    if rules:
        table.parts["rule"] = _ruled(table, rules)
    table.score = total(table.parts, weights, len(table))


def _ruled(table: Table, rules: Sequence[Rule]) -> np.ndarray:
    """Return what boosts less buries make of each row, float64 [n], from -1 to 1."""
    found = np.zeros(len(table))
    for rule in rules:
        by = rule.strength if rule.kind == KIND.BOOST else -rule.strength
        facets = {rule.facet}
        found += [by if row.key == rule.item or row.has(facets) else 0.0 for row in table.rows]
    return np.clip(found, -1, 1)


def shared_facets(table: Table, own: Mapping[str, list[str]]) -> np.ndarray:
    """Return how many categories, creators and tags candidates share with an item, int64 [n]."""
    kinds = [kind for kind in FacetKind if kind != FacetKind.PARENT_CATEGORY]
    wanted = {key for kind in kinds for key in own.get(kind, [])}
    return np.array(
        [
            len(wanted.intersection(key for kind in kinds for key in row.facet_keys.get(kind, [])))
            for row in table.rows
        ],
        dtype=np.int64,
    )


def total(parts: Mapping[str, np.ndarray], weights: Mapping[str, float], length: int) -> np.ndarray:
    """Return the weighted sum of the parts, float64 [n]."""
    found = np.zeros(length)
    for name, values in parts.items():
        found += weights.get(name, 0.0) * values
    return found


def weights_of(context: Context) -> dict[str, float]:
    """Return the weights of a placement: its own over the site's."""
    return {**conf.settings.WEIGHTS, **context.wants.weights}


def in_hundredths(table: Table) -> list[str]:
    """Return the parts of each row's score as ``Trace.parts`` has them; empty for unscored rows."""
    if not table.parts:
        return [""] * len(table)
    nothing = np.zeros(len(table))
    columns = [table.parts.get(name, nothing) for name in conf.DEFAULTS["WEIGHTS"]]
    return [" ".join(map(str, row)) for row in np.rint(100 * np.stack(columns, axis=1)).astype(int)]


def _similarity(table: Table, vector: np.ndarray | None) -> np.ndarray:
    """Return similarities, stretched from the least similar that the index brought to the best."""
    known = table.is_known
    if vector is None or not known.any():
        return np.zeros(len(table))
    found = (table.vectors @ vector).astype(np.float64)
    near = known & table.from_source("model")
    low, high = found[near if near.any() else known].min(), found[known].max()
    if high - low < NOTHING:
        return np.where(known, 1.0, 0.0) * (found >= low)
    return np.where(known, np.clip((found - low) / (high - low), 0, 1), 0.0)


def _best(values: Mapping[str, float], keys: list[list[str]]) -> np.ndarray:
    """Return the highest value among the keys of each candidate, float64 [n]."""
    if not values:
        return np.zeros(len(keys))
    return np.array(
        [
            values.get(each[0], 0.0)
            if len(each) == 1
            else max((values.get(key, 0.0) for key in each), default=0.0)
            for each in keys
        ]
    )


def _share(values: np.ndarray) -> np.ndarray:
    most = values.max(initial=0.0)
    return values / most if most > NOTHING else np.zeros(len(values))
