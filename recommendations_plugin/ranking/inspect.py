"""What every stage says of one item: for an operator who asks why it is, or is not, in a feed."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from ..events.steering import Rule
from .context import Context
from .eligibility import eligible
from .explain import named, pulls, reasons
from .pipeline import feed_tables, recommend, steps_of
from .score import weights_of
from .table import Table

#: Length of the page that is looked at.
PAGE = 60
#: Things named that draw a viewer near or away.
NAMED = 10


def inspect(context: Context, item: str) -> dict[str, Any]:
    """Return what every stage says of an item.

    ``rank``: its place on a page of ``PAGE``, 1 for the first, or None.
    ``seen``: whether the viewer has seen, liked or dismissed it; feeds do not show it then.
    ``eligible``: whether the CMS shows it to the viewer at this moment.
    ``rules``: what editors' rules say of it, as pairs of their kind and their reason.
    ``version``: the model's; empty where none can be used.

    Where it is a candidate also ``sources``, what brought it ("asked" is this question); ``parts``
    of the score, 0–1, with their ``weights``, and ``score``, their sum; ``place``, its place by
    the score, before diversity; ``tier``, 0 where it belongs to what the viewer chose; ``step`` of
    the ladder; ``reason``; and ``pulls``, what draws the viewer near it (strength above 0) or away,
    as pairs of the reason and the strength.
    """
    shown = [recommendation.key for recommendation in recommend(context, limit=PAGE).items]
    table = next(feed_tables(context, asked=item))
    found = {
        "rank": shown.index(item) + 1 if item in shown else None,
        "seen": item in context.known.seen,
        "eligible": item in eligible(context, [item]),
        "rules": [(rule.kind, rule.reason) for rule in rules_of(context, item)],
        "version": context.artifact.version if context.model else "",
    }
    return {**found, **_candidate(context, table, item)} if item in table.keys else found


def rules_of(context: Context, item: str) -> list[Rule]:
    """Return the editors' rules that speak of an item which was met on the way."""
    row = context.rows.get(item)
    facets = {key for keys in row.facet_keys.values() for key in keys} if row else set()
    return context.steer.touching(item, facets)


def _candidate(context: Context, table: Table, item: str) -> dict[str, Any]:
    row = table.keys.index(item)
    order = np.lexsort((-table.score, table.tier)).tolist()
    alone = table.take([row])
    (step,) = steps_of(context, alone)
    (reason,) = reasons(context, alone)
    return {
        "sources": sorted(table.sources_of(row)),
        "score": float(table.score[row]),
        "parts": {name: float(values[row]) for name, values in table.parts.items()},
        "weights": weights_of(context),
        "place": order.index(row) + 1,
        "tier": int(table.tier[row]),
        "step": step,
        "reason": reason,
        "pulls": [
            (named(context, pull), strength)
            for pull, strength in islice(pulls(context, alone.vectors)[0], NAMED)
        ],
    }
