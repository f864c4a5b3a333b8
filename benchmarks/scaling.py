"""How training's time and memory grow with the graph: choose and fit on graphs made up here.

    nice -n 15 python benchmarks/scaling.py [EDGES …] [--threads 1]

Viewers have thirty interactions each, two of three within a taste of their own; items grow with
the root of the edges. Each size runs in a process of its own, which its peak memory is of. "CPU s"
is what training took of all cores together, so that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from quality import HISTORY, peak_gib, snapshot_of

from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.train import choose, fit

EDGES = (100_000, 1_000_000, 10_000_000)
EACH, TASTES = 30, 20


def graph(edges: int) -> np.ndarray:
    """Return pairs of viewer and item, int64 [2, about ``edges``]."""
    rng = np.random.default_rng(1)
    viewers, items = edges // EACH, int(16 * edges**0.5)
    viewer = np.repeat(np.arange(viewers), EACH)
    item = np.minimum(rng.pareto(1.0, len(viewer)) * items / 8, items - 1).astype(np.int64)
    own = rng.random(len(viewer)) < 2 / 3
    item[own] -= (item[own] - viewer[own]) % TASTES  # items of a taste share the remainder
    return np.unique(np.stack([viewer, np.maximum(item, 0)]), axis=1)


def run(edges: int, threads: int) -> dict[str, float]:
    """Train on one graph in this process."""
    pairs = graph(edges)
    snapshot = snapshot_of(pairs, *(pairs.max(axis=1) + 1))
    parameters = Parameters(threads=threads, history=HISTORY)
    wall, processor = time.monotonic(), time.process_time()
    recipe, _trials = choose(snapshot, parameters)
    chosen = time.monotonic() - wall
    fit(snapshot, recipe, parameters)
    return {
        "edges": pairs.shape[1],
        "viewers": len(snapshot.viewer_keys),
        "items": len(snapshot.item_keys),
        "choose s": round(chosen, 1),
        "all s": round(time.monotonic() - wall, 1),
        "CPU s": round(time.process_time() - processor, 1),
        "peak GiB": round(peak_gib(), 2),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("edges", nargs="*", type=int, default=EDGES)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run(given.edges[0], given.threads)))
        return
    for position, edges in enumerate(given.edges):
        command = [sys.executable, __file__, str(edges), "--one", "--threads", str(given.threads)]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        numbers = json.loads(result.stdout.splitlines()[-1])
        if position == 0:
            print("| " + " | ".join(numbers) + " |\n" + "|---" * len(numbers) + "|")
        print("| " + " | ".join(f"{value:,}" for value in numbers.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
