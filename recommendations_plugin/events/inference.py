"""How sure a difference between two arms is, whenever one looks.

Viewers are what is drawn to arms, so they are what counts: a ratio such as watched seconds per
impression gets its variance from the differences between viewers by the delta method (Deng,
Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018). Whoever looks each hour
and stops when it suits would find differences where there are none; so intervals are confidence
sequences, which hold at all looks together (Waudby-Smith et al., "Time-uniform central limit theory
and asymptotic confidence sequences", Annals of Statistics 2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over an arm's viewers, of what is counted (x) and of their impressions (n)."""

    viewers: int
    x: float
    n: float
    xx: float
    nn: float
    xn: float

    @property
    def ratio(self) -> float:
        """What is counted, per impression."""
        return self.x / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The variance of ``ratio``, from the differences between viewers."""
        if self.viewers < 2 or not self.n:
            return math.inf
        ratio = self.ratio
        squares = self.xx - 2 * ratio * self.xn + ratio**2 * self.nn
        return max(squares, 0.0) * self.viewers / ((self.viewers - 1) * self.n**2)


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a difference of ratios lies, at every look, but for the error that was allowed."""

    value: float
    low: float
    high: float


def difference(arm: Sums, control: Sums, *, error: float, tuned_for: int) -> Interval:
    """Return an arm's ratio less the control's.

    ``error``: how likely the truth may ever lie outside. ``tuned_for``: the number of viewers, of
    both, at which the interval is narrowest; it holds for any.
    """
    value = arm.ratio - control.ratio
    variance, viewers = arm.variance + control.variance, arm.viewers + control.viewers
    if not math.isfinite(variance):
        return Interval(value, -math.inf, math.inf)
    tail = -2 * math.log(error)
    rho = (tail + math.log(tail) + 1) / tuned_for
    spread = viewers * rho + 1
    width = math.sqrt(variance * 2 * spread / (viewers * rho) * math.log(math.sqrt(spread) / error))
    return Interval(value, value - width, value + width)
