"""Time and recall of the index's defaults, by catalogue size, with a thousand items excluded.

    python benchmarks/index.py [ITEMS,DIMENSION …]

Vectors are drawn around tastes that overlap, queries are sums of ten items. Times are CPU
milliseconds of one thread, so that a busy machine does not count.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from django.conf import settings as django_settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
django_settings.configure()  # the plugin's defaults; no database is touched

from recommendations_plugin.index.faiss import FaissIndex, recipe  # noqa: E402

SIZES = ("5000,512", "41000,512", "41000,1280", "100000,256", "300000,128", "1000000,128")
K, QUERIES, EXCLUDED = 100, 100, 1000


def drawn(items: int, dimension: int) -> np.ndarray:
    """Return item vectors, float32 [items, dimension], of length at most 1."""
    rng = np.random.default_rng(1)
    tastes = rng.normal(size=(500, dimension)).astype(np.float32)
    vectors = np.empty((items, dimension), dtype=np.float32)
    for start in range(0, items, 10_000):
        part = vectors[start : start + 10_000]
        rng.standard_normal(out=part, dtype=np.float32)
        part += tastes[rng.integers(500, size=len(part))]
        part += tastes[rng.integers(500, size=len(part))]
        part *= rng.random((len(part), 1), dtype=np.float32) ** 0.5
    vectors /= np.linalg.norm(vectors, axis=1).max()
    return vectors


def main() -> None:
    """Print the table."""
    print("| items | d | kind | recall@100 | p50 ms | p99 ms | build s | MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sys.argv[1:] or SIZES:
        items, dimension = map(int, size.split(","))
        vectors = drawn(items, dimension)
        rng = np.random.default_rng(2)
        began = time.process_time()
        built = FaissIndex.build(vectors)
        seconds = time.process_time() - began
        with tempfile.TemporaryDirectory() as folder:
            built.write(Path(folder))
            size_mib = (Path(folder) / FaissIndex.file_name).stat().st_size / 2**20
            index = FaissIndex.open(Path(folder))
            times, found = [], []
            for _ in range(QUERIES):
                query = vectors[rng.integers(items, size=10)].sum(axis=0)
                exclude = rng.integers(items, size=min(EXCLUDED, items // 2))
                began = time.thread_time()
                positions, _scores = index.search(query, K, exclude)
                times.append(1000 * (time.thread_time() - began))
                exact = vectors @ query
                exact[exclude] = -np.inf
                best = np.argpartition(-exact, K)[:K]
                found.append(len(np.intersect1d(best, positions)) / K)
        half, most = np.percentile(times, [50, 99])
        print(
            f"| {items:,} | {dimension} | {recipe(items, dimension)} | {np.mean(found):.4f} "
            f"| {half:.2f} | {most:.2f} | {seconds:.1f} | {size_mib:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
