"""How often an experiment that is looked at 25 times says that its arms differ.

``python benchmarks/experiments.py``: simulated viewers whose taste and number of impressions differ
widely, half of them in each arm, one of which is watched by so much longer. Without a difference
that is a false alarm; with one, what is found, and after how many viewers.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

import numpy as np  # noqa: E402

from recommendations_plugin.events.inference import Sums, difference  # noqa: E402

RUNS, LOOKS, VIEWERS, ERROR = 1000, 25, 4000, 0.05


def found_after(draw: np.random.Generator, lift: float) -> int | None:
    """Return after how many viewers one experiment says that its arms differ; None if never."""
    n = draw.integers(1, 30, VIEWERS)
    other = draw.random(VIEWERS) < 0.5
    x = draw.poisson(draw.gamma(0.5, 20, VIEWERS) * n * (1 + lift * other)).astype(float)
    for look in np.linspace(200, VIEWERS, LOOKS).astype(int):
        arm, control = (
            sums(x[:look][which], n[:look][which]) for which in (other[:look], ~other[:look])
        )
        found = difference(arm, control, error=ERROR / 2, tuned_for=2000)
        if found.low > 0 or found.high < 0:
            return int(look)
    return None


def sums(x: np.ndarray, n: np.ndarray) -> Sums:
    return Sums(len(x), x.sum(), n.sum(), (x * x).sum(), (n * n).sum(), (x * n).sum())


def main() -> None:
    draw = np.random.default_rng(1)
    print(f"{RUNS} experiments each, {LOOKS} looks, {VIEWERS} viewers, error {ERROR} in all")
    print("longer watched   said to differ   viewers until then (median)")
    for lift in (0.0, 0.1, 0.2, 0.3, 0.4):
        times = [time for _ in range(RUNS) if (time := found_after(draw, lift)) is not None]
        median = f"{np.median(times):.0f}" if times else "–"
        print(f"{lift:14.0%}   {len(times) / RUNS:14.1%}   {median:>27}")


if __name__ == "__main__":
    main()
