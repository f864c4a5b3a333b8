"""Which parts of a video have been played: skipped ones do not count, and none counts twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

#: Start and end in seconds, in order, without overlaps.
Parts = Sequence[tuple[float, float]]

#: Most parts that are kept of a video: the longest.
MOST = 120
#: Longest text that is read.
LONGEST_TEXT = 4096

PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)-(\d{1,6}(?:\.\d{1,3})?)", re.ASCII)


def read(text: str) -> Parts:
    """Return the parts in a text such as ``0-4.5,10-12``; raises ``ValueError`` for others."""
    if len(text) > LONGEST_TEXT:
        raise ValueError("too long")
    found = [PART.fullmatch(part) for part in text.split(",")] if text else []
    if not all(found):
        raise ValueError("not a list of parts")
    parts = [(float(part[1]), float(part[2])) for part in found if part]
    if any(start > end for start, end in parts):
        raise ValueError("a part ends before it starts")
    return together(parts)


def together(*several: Iterable[Sequence[float]]) -> Parts:
    """Return what lies in any of several lists of parts."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted((float(a), float(b)) for parts in several for a, b in parts):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    longest = sorted(joined, key=lambda part: part[0] - part[1])[:MOST]
    return sorted(longest)


def within(parts: Parts, duration: float) -> Parts:
    """Return what lies before the end of a video."""
    return [(start, min(end, duration)) for start, end in parts if start < duration]


def seconds(parts: Parts) -> float:
    """Return how long parts are together."""
    return sum(end - start for start, end in parts)
