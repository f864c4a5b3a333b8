"""What the clips of one parent category have in common."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from ..drawing import Film

#: Draws a film in grey of ``WIDTH`` x ``HEIGHT`` at ``RATE`` frames a second.
Motif = Callable[[Random], Film]

# Frequency ratios above the root.
MAJOR: tuple[float, ...] = (1, 5 / 4, 3 / 2)
MINOR: tuple[float, ...] = (1, 6 / 5, 3 / 2)
OPEN: tuple[float, ...] = (1, 3 / 2, 2)
SIXTH: tuple[float, ...] = (1, 5 / 4, 5 / 3)
SEVENTH: tuple[float, ...] = (1, 5 / 4, 15 / 8)


class Family(NamedTuple):
    """Motifs, palettes and a chord; a video's id picks among them."""

    motifs: tuple[Motif, ...]
    palettes: tuple[str, ...]  # five colours each, from ink 0 to ink 4
    chord: tuple[float, ...]
