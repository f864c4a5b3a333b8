"""Make data sets that nothing was tuned on, in the plain form that ``benchmarks/quality.py`` reads.

    python benchmarks/surrogates.py OUT [--only NAME …]
    python benchmarks/quality.py OUT/* --threads 1

All come from the training parts of ``../shared/data``: no test interaction is read. Users and items
with fewer than five interactions are left out, again and again until none is left, then a fifth of
each user's is drawn for the test, as the usual benchmarks are made (He et al., "LightGCN", SIGIR
2020).

- ``region``: the users of Gowalla who share most places with one of them: dense, local.
- ``sparse``: a random twentieth of Gowalla's users: few interactions each, a long tail.
- ``films``: the catalogue's viewers and titles, without times and side features.
- ``turned``: lastfm with artists as users and listeners as items, as citations are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogue
import numpy as np
import scipy.sparse as sp
from quality import ROOT, read

SHARED = ROOT.parent / "shared" / "data"
FEWEST, TEST_SHARE, NEAREST = 5, 0.2, 2000


def training(name: str) -> np.ndarray:
    """Return the training pairs of a shared data set, int64 [2, E]."""
    files = (SHARED / name / part for part in ("train.txt", "valid.txt"))
    return np.unique(np.concatenate([read(file) for file in files if file.exists()], 1), axis=1)


def region(rng: np.random.Generator) -> np.ndarray:
    pairs = training("gowalla")
    matrix = sp.csr_array((np.ones(pairs.shape[1]), tuple(pairs)))
    busy = np.flatnonzero(np.diff(matrix.indptr) > np.median(np.diff(matrix.indptr)))
    middle = int(rng.choice(busy))
    shared = (matrix @ matrix[[middle]].T).toarray().ravel() + rng.random(matrix.shape[0]) / 2
    return pairs[:, np.isin(pairs[0], np.argsort(-shared)[:NEAREST])]


def sparse(rng: np.random.Generator) -> np.ndarray:
    pairs = training("gowalla")
    return pairs[:, (rng.random(pairs[0].max() + 1) < 1 / 20)[pairs[0]]]


def films(_rng: np.random.Generator) -> np.ndarray:
    known, _test = catalogue.split_in_time(catalogue.load(SHARED / "catalogue"))
    return np.unique(np.stack([known.viewer, known.item]), axis=1)


def turned(_rng: np.random.Generator) -> np.ndarray:
    return training("lastfm")[::-1]


def core(pairs: np.ndarray) -> np.ndarray:
    """Return pairs, int64 [2, E], in which everybody and everything has ``FEWEST`` at least."""
    while True:
        enough = [np.bincount(side)[side] >= FEWEST for side in pairs]
        if np.all(enough):
            return np.stack([np.unique(side, return_inverse=True)[1] for side in pairs])
        pairs = pairs[:, enough[0] & enough[1]]


def drawn(users: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return which interactions of each user are for the test, bool [E]."""
    order = np.lexsort((rng.random(len(users)), users))
    place = np.empty(len(users), dtype=np.int64)
    place[order] = np.arange(len(users)) - np.searchsorted(users[order], users[order])
    return place < np.floor(np.bincount(users) * TEST_SHARE)[users]


def write(path: Path, pairs: np.ndarray) -> None:
    """Write pairs as lines of ``user item item …``."""
    lines = (
        " ".join(map(str, (user, *pairs[1, pairs[0] == user]))) for user in np.unique(pairs[0])
    )
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def main() -> None:
    """Write a folder for each data set."""
    makers = {maker.__name__: maker for maker in (region, sparse, films, turned)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", choices=makers, default=list(makers))
    given = parser.parse_args()
    for name in given.only:
        rng = np.random.default_rng(1)
        pairs = core(makers[name](rng))
        test = drawn(pairs[0], rng)
        folder = given.out / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "train.txt", pairs[:, ~test])
        write(folder / "test.txt", pairs[:, test])
        print(f"{name}: {pairs[0].max() + 1:,} users, {pairs[1].max() + 1:,} items, {len(test):,}")


if __name__ == "__main__":
    main()
