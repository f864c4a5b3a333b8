"""Chooses a page among good candidates, so that it is not all of one kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from .. import profile
from ..placements import Placement
from .table import Table

#: What a row loses that is over a cap, and per tier: more than any score.
CAPPED, TIER = 1e3, 1e6


def diversify(table: Table, wants: Placement, limit: int, explorable: np.ndarray) -> list[int]:
    """Return at most ``limit`` rows, in the order in which they are shown.

    Maximal marginal relevance (Carbonell and Goldstein, "The Use of MMR", SIGIR 1998): each place
    goes to the row with the best score less its likeness to those above it. Rows whose creator or
    category has its share of the page already wait while the same tier has others. Every so many
    places, one goes to the best ``explorable`` row (bool [n]) of the same tier.
    """
    unit = profile.directions(table.vectors)
    value = (1 - wants.diversity) * table.score - TIER * table.tier
    likeness = np.zeros(len(table))
    caps = _Caps(table, wants)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(table)):
        offers = value - wants.diversity * likeness - CAPPED * caps.reached
        row = int(offers.argmax())
        if _is_exploring(len(chosen), wants.explore):
            row = _explored(offers, explorable & (table.tier == table.tier[row]), row)
        chosen.append(row)
        value[row] = -np.inf
        caps.count(row)
        np.maximum(likeness, unit @ unit[row], out=likeness)
    return chosen


def _is_exploring(place: int, share: float) -> bool:
    """Return whether a place is the last of its stretch: one of 12 places at a share of 1/12."""
    return share > 0 and int((place + 1) * share + 1e-9) > int(place * share + 1e-9)


def _explored(offers: np.ndarray, explorable: np.ndarray, otherwise: int) -> int:
    offers = np.where(explorable, offers, -np.inf)
    row = int(offers.argmax())
    return row if np.isfinite(offers[row]) else otherwise


class _Caps:
    """Counts creators and categories on a page; ``reached``: bool [n]."""

    def __init__(self, table: Table, wants: Placement) -> None:
        self.reached = np.zeros(len(table), dtype=bool)
        self.groups = [
            (wants.per_creator, [row.creators for row in table.rows]),
            (wants.per_category, [row.categories for row in table.rows]),
        ]
        self.rows_of: dict[str, list[int]] = defaultdict(list)
        self.counts: dict[str, int] = defaultdict(int)
        for most, members in self.groups:
            for row, keys in enumerate(members if most else []):
                for key in keys:
                    self.rows_of[key].append(row)

    def count(self, row: int) -> None:
        for most, members in self.groups:
            if most:
                self._count(members[row], most)

    def _count(self, keys: Iterable[str], most: int) -> None:
        for key in keys:
            self.counts[key] += 1
            if self.counts[key] >= most:
                self.reached[self.rows_of[key]] = True
