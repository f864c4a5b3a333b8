"""How training tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

#: Told what is being done and how far the work is, 0–1.
Progress = Callable[[str, float], None]


def silent(message: str, fraction: float) -> None:
    """Report nothing."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress callable for one part of the work."""
    return lambda message, fraction: progress(message, start + (end - start) * fraction)
