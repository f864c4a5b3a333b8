"""Tell whether a split is one in time: how much items' held-out shares scatter beyond chance.

    python benchmarks/drift.py [--choose] [--seeds 2] [--asked 4000] [--threads 1]

Where interactions are drawn at random, how many of an item's are held out scatters as a binomial
says: its variance is 1 × that. In a split in time items come and go together. A beta-binomial has
``1 + (n - 1) · rho`` × the variance for an item of ``n`` interactions, ``rho`` being what any two
of them have in common (Ridout et al., "Estimating Intraclass Correlation for Binary Data",
Biometrics 1999).

``--choose`` asks Gowalla's training data alone, how ALS should weigh items beside a graph filter:
with a fifth held out at random, then with each item's share drawn from a beta distribution of
``RHO``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogue
import numpy as np
import torch
from quality import HISTORY, ROOT, load

from recommendations_plugin.training import search
from recommendations_plugin.training.combine import standardised
from recommendations_plugin.training.dataset import Heldout, split_in_time
from recommendations_plugin.training.grid import als, spectral
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.recipe import Recipe, Spec
from recommendations_plugin.types import Snapshot

SHARED = ROOT.parent / "shared" / "data"
#: Interactions of an item, known and held out, from and below.
DEGREES = (5, 10, 20, 50, 100, 300, 10**9)
#: What is held out, and the scatter of it that the catalogue has in time, and Gowalla's test.
SHARE, RHO = 0.2, 0.03
FILTER: Spec = spectral(0.5, 896, 0.1)
ALS = {
    "ν 0, ridge 5, α 40": als(384, 5.0, 40.0, 1.0, 0.0),
    "ν 1, ridge 10, α 15": als(384, 10.0, 15.0, 1.0, 1.0),
}
WEIGHTS = (0.3, 0.5, 0.75, 1.0, 1.5)


def scatter(name: str, known: np.ndarray, heldout: np.ndarray) -> None:
    """Print how held-out shares scatter, by how many interactions an item has."""
    size = int(max(known.max(), heldout.max())) + 1
    late = np.bincount(heldout, minlength=size)
    total = late + np.bincount(known, minlength=size)
    share = late.sum() / total.sum()
    for least, most in pairwise(DEGREES):
        own = (total >= least) & (total < most)
        if own.any():
            expected = total[own] * share * (1 - share)
            times = ((late[own] - share * total[own]) ** 2 / expected).mean()
            rho = (times - 1) / (total[own].mean() - 1)
            print(
                f"{name:24}{least:5} and more {own.sum():8,} items   "
                f"share {late[own].sum() / total[own].sum():.3f}   "
                f"variance × {times:5.2f}   rho {rho:.3f}"
            )


def drifting(snapshot: Snapshot, rho: float, seed: int) -> tuple[Snapshot, Heldout]:
    """Hold out a fifth of each viewer's, items by shares of their own that scatter by ``rho``."""
    rng = np.random.default_rng(seed)
    items = len(snapshot.item_keys)
    share = np.full(items, SHARE)
    if rho:
        shape = np.array([SHARE, 1 - SHARE]) * (1 / rho - 1)
        share = rng.beta(*shape, items).clip(1e-4, 1 - 1e-4)
    waits = rng.exponential(size=len(snapshot.viewer)) * ((1 - share) / share)[snapshot.item]
    known, heldout = split_in_time(replace(snapshot, at=-waits), SHARE)
    return replace(known, at=np.zeros_like(known.at)), heldout  # made up, so nothing to learn from


def preferred(snapshot: Snapshot, rho: float, seed: int) -> None:
    """Print how good each ALS is, alone and beside a filter, on what ``drifting`` holds out."""
    found = search.Search(snapshot, Parameters(history=HISTORY))
    found.seen, found.heldout = drifting(snapshot, rho, seed)
    found.scene, found.most = search.Scene.of(found.seen), 1280
    encoders = found.scene.encoders(0.0, found.most, found.parameters)
    specs = [FILTER, *ALS.values()]
    blocks = [standardised(encoders.make(spec), found.scene.engaged) for spec in specs]
    compared = found.compare(blocks, specs, found.validation(Recipe()), Recipe())
    for name, scores in zip(ALS, compared.scores[1:], strict=True):
        beside = max(compared.target(w * compared.scores[0] + scores) for w in WEIGHTS)
        print(f"rho {rho}, seed {seed}   {name:20} {compared.target(scores):.4f}   {beside:.4f}")
    sys.stdout.flush()


def main() -> None:
    """Print how each split scatters."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--asked", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    known, test = split_in_time(catalogue.load())
    scatter("the catalogue, in time", known.item, test.item)
    for name in ("lastfm", "gowalla"):
        known, test = load(SHARED / name)
        scatter(f"{name}, as it is split", known.item, test.item)
    if given.choose:
        search.ASKED = given.asked
        for seed in range(1, given.seeds + 1):
            for rho in (0.0, RHO):
                preferred(known, rho, seed)


if __name__ == "__main__":
    main()
