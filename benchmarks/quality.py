"""Compare the model with its peers on data sets of implicit feedback: quality, time, memory.

    python benchmarks/quality.py DIR [DIR …] [--methods ours,als,…] [--sample 6000] [--threads 1]

A data set is a folder with ``train.txt``, ``test.txt`` and perhaps ``valid.txt``, which is then
part of the training data; a line is ``user item item …``. All items are ranked for every user,
those in training masked. Ours chooses on a split of its training data; of a peer with a grid every
point is shown. Each method runs in a process of its own, which its peak memory is of; "CPU s" is
what training took of all cores together, so that a busy machine does not count. Peers need
``pip install -r requirements-bench.txt``; one that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import scipy.sparse as sp

THREADS = os.cpu_count() or 1
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit brings its own threads
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from django.conf import settings as django_settings  # noqa: E402

if not django_settings.configured:
    django_settings.configure()  # the plugin's defaults; no database is touched

from recommendations_plugin.training.dataset import Heldout  # noqa: E402
from recommendations_plugin.training.evaluate import judge  # noqa: E402
from recommendations_plugin.training.scorers import (  # noqa: E402
    Scorer,
    model_scorer,
    popularity,
)
from recommendations_plugin.types import Snapshot  # noqa: E402

#: Largest catalogue that EASE inverts a matrix of, and most users that lenskit scores one by one.
EASE_FITS, ONE_BY_ONE = 8000, 8000
#: Everything a user did counts: there is no time to cut by.
HISTORY = 10_000
GRID = [
    (dimension, ridge, alpha)
    for dimension in (64, 128, 256)
    for ridge, alpha in ((0.01, 1), (10, 20), (10, 40), (20, 40))
]


def read(path: Path) -> np.ndarray:
    """Return the pairs of a file, int64 [2, E]."""
    users, items = [], []
    with path.open(encoding="ascii") as file:
        for line in file:
            user, *own = map(int, line.split())
            users.append(np.full(len(own), user))
            items.append(np.array(own, dtype=np.int64))
    return np.stack([np.concatenate(users), np.concatenate(items)])


def load(folder: Path) -> tuple[Snapshot, Heldout]:
    """Return a data set's training data and what is to be found."""
    parts = [read(folder / name) for name in ("train.txt", "valid.txt") if (folder / name).exists()]
    train, test = np.unique(np.concatenate(parts, axis=1), axis=1), read(folder / "test.txt")
    users, items = np.concatenate([train, test], axis=1).max(axis=1) + 1
    return snapshot_of(train, users, items), Heldout(*test)


def snapshot_of(pairs: np.ndarray, users: int, items: int) -> Snapshot:
    """Return pairs of user and item, int64 [2, E], as training takes them."""
    edges = pairs.shape[1]
    nothing = np.zeros((2, 0), dtype=np.int64)
    return Snapshot(
        viewer_keys=[str(user) for user in range(users)],
        item_keys=[str(item) for item in range(items)],
        facet_keys=[],
        facet_kinds=[],
        item_titles=[""] * items,
        item_texts=[""] * items,
        published_at=np.zeros(items),
        viewer=pairs[0],
        item=pairs[1],
        portion=np.ones(edges, dtype=np.float32),
        liked=np.zeros(edges, dtype=bool),
        dismissed=np.zeros(edges, dtype=bool),
        at=np.zeros(edges),
        item_facet=nothing,
        interest=nothing,
        interest_score=np.zeros(0, dtype=np.float32),
        follow=nothing,
    )


def peak_gib() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def matrix_of(train: Snapshot) -> sp.csr_matrix:
    """Return the training data as the peers take it, CSR [users, items] of ones."""
    ones = np.ones(len(train.viewer), dtype=np.float32)
    shape = (len(train.viewer_keys), len(train.item_keys))
    return sp.csr_matrix((ones, (train.viewer, train.item)), shape=shape)


# --- methods: each returns a scorer; its name says the parameters --------------------------------


def ours(train: Snapshot, most: int, network: bool = True) -> Scorer:
    """Choose on a split of the training data, then fit to all of it."""
    from recommendations_plugin.training.parameters import Parameters
    from recommendations_plugin.training.train import choose, fit

    parameters = Parameters(dimension=most, threads=THREADS, history=HISTORY, network=network)
    recipe, trials = choose(train, parameters)
    print(json.dumps(recipe.as_dict()), f"of {len(trials)} trials", file=sys.stderr)
    return model_scorer(fit(train, recipe, parameters), train)


def item_knn(train: Snapshot, neighbours: int = 100) -> Scorer:
    """Cosine similarity of items by the users they share, the nearest of each kept."""
    matrix = matrix_of(train)
    norms = np.sqrt(np.asarray(matrix.power(2).sum(axis=0))).ravel()
    unit = sp.csr_matrix(matrix @ sp.diags(1 / np.maximum(norms, 1e-9)))
    rows = []
    for start in range(0, matrix.shape[1], 2000):
        block = (unit.T[start : start + 2000] @ unit).tocsr()
        for row in range(block.shape[0]):
            own = slice(block.indptr[row], block.indptr[row + 1])
            values = block.data[own]
            if len(values) > neighbours:
                values[values < np.partition(values, -neighbours)[-neighbours]] = 0
        block.eliminate_zeros()
        rows.append(block)
    similar = sp.vstack(rows).T.tocsr()
    return lambda users: (matrix[users] @ similar).toarray()


def ease(train: Snapshot, ridge: float) -> Scorer:
    """Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019."""
    import torch

    torch.set_num_threads(THREADS)
    matrix = matrix_of(train)
    gram = torch.from_numpy((matrix.T @ matrix).toarray())
    gram.diagonal().add_(ridge)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
    weights = (inverse / -inverse.diagonal()).numpy()
    np.fill_diagonal(weights, 0)
    return lambda users: matrix[users] @ weights


def implicit_als(train: Snapshot, dimension: int, ridge: float, alpha: float) -> Scorer:
    """ALS as the ``implicit`` library does it."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=dimension, regularization=ridge, alpha=alpha, random_state=1, num_threads=THREADS
    )
    model.fit(matrix_of(train), show_progress=False)
    return lambda users: model.user_factors[users] @ model.item_factors.T


def lenskit(train: Snapshot, name: str) -> Scorer:
    """One of the ``lenskit`` library's scorers, with its own defaults or what it recommends."""
    import pandas as pd
    from lenskit import als, flexmf, knn
    from lenskit.data import ItemList, RecQuery, from_interactions_df

    scorer = {
        "item KNN": lambda: knn.ItemKNNScorer(feedback="implicit", max_nbrs=20),
        "user KNN": lambda: knn.UserKNNScorer(feedback="implicit", max_nbrs=60),
        "ALS": lambda: als.ImplicitMFScorer(embedding_size=64),
        "BPR": lambda: flexmf.FlexMFImplicitScorer(preset="bpr", embedding_size=64),
    }[name]()
    pairs = pd.DataFrame({"user_id": train.viewer, "item_id": train.item})
    scorer.train(from_interactions_df(pairs))
    items = ItemList(item_ids=np.arange(len(train.item_keys)))
    histories = matrix_of(train)

    def score(user: int) -> np.ndarray:
        query = RecQuery(user_id=user, user_items=ItemList(item_ids=histories[user].indices))
        scores = scorer(query=query, items=items).scores()
        return np.nan_to_num(np.asarray(scores, dtype=np.float32), nan=-1e9)

    return lambda users: np.stack([score(user) for user in users])


def lightgcn(train: Snapshot, epochs: int, dimension: int = 64) -> Scorer:
    """PyG's LightGCN with its BPR loss, propagated by sparse CSR (its edge_index takes 12 ×)."""
    import torch
    from torch_geometric.nn import LightGCN

    from recommendations_plugin.training.encoders.spectral import torch_csr

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    matrix = matrix_of(train)
    users, items = matrix.shape
    graph = sp.bmat([[None, matrix], [matrix.T, None]]).tocsr()
    inverse = 1 / np.sqrt(np.maximum(graph.sum(axis=0).A1, 1))
    adjacency = torch_csr(sp.diags(inverse) @ graph @ sp.diags(inverse))
    model = LightGCN(users + items, dimension, num_layers=3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    viewer, item = torch.from_numpy(train.viewer), torch.from_numpy(train.item) + users

    def propagated() -> torch.Tensor:
        x = out = model.embedding.weight
        for _ in range(3):
            x = adjacency @ x
            out = out + x
        return out / 4

    for _ in range(epochs):
        for batch in torch.randperm(len(viewer)).split(8192):
            x = propagated()
            wrong = torch.randint(users, users + items, (len(batch),))
            right, other = ((x[viewer[batch]] * x[of]).sum(dim=1) for of in (item[batch], wrong))
            nodes = torch.cat([viewer[batch], item[batch], wrong]).unique()
            loss = model.recommendation_loss(right, other, nodes, 1e-4)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    final = propagated().detach().numpy()
    return lambda chosen: final[chosen] @ final[users:].T


def methods(train: Snapshot) -> Iterator[tuple[str, Callable[[], Scorer]]]:
    """Yield what can be compared here, by name."""
    yield "popularity", lambda: popularity(train)
    yield "ours", lambda: ours(train, 1280)
    yield "ours, no network", lambda: ours(train, 1280, network=False)
    yield "ours d≤512", lambda: ours(train, 512)
    yield "item KNN", lambda: item_knn(train)
    if len(train.item_keys) <= EASE_FITS:
        for ridge in (50.0, 200.0, 500.0):
            yield f"EASE {ridge:g}", lambda ridge=ridge: ease(train, ridge)
    if find_spec("implicit"):
        for point in GRID:
            name = "implicit ALS d{} reg {:g} α {:g}".format(*point)
            yield name, lambda point=point: implicit_als(train, *point)
    if find_spec("lenskit") and len(train.viewer_keys) <= ONE_BY_ONE:
        for name in ("item KNN", "user KNN", "ALS", "BPR"):
            yield f"lenskit {name}", lambda name=name: lenskit(train, name)
    yield "LightGCN (PyG)", lambda: lightgcn(train, epochs=20)


# --- running -------------------------------------------------------------------------------------


def run(folder: Path, name: str, sample: int) -> dict[str, float]:
    """Train and judge one method in this process."""
    train, test = load(folder)
    users = np.unique(test.viewer)
    if len(users) > sample:
        asked = np.random.default_rng(1).choice(users, sample, replace=False)
        kept = np.isin(test.viewer, asked)
        test = Heldout(test.viewer[kept], test.item[kept])
    wall, processor = time.monotonic(), time.process_time()
    scorer = dict(methods(train))[name]()
    peak = peak_gib()
    seconds = {"s": time.monotonic() - wall, "CPU s": time.process_time() - processor}
    return {**judge(train, test, scorer), **seconds, "peak GiB": peak}


def main() -> None:
    """Print a table for each data set."""
    global THREADS
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--methods", default="", help="only names that begin so, by commas")
    parser.add_argument("--sample", type=int, default=10**9, help="most users to ask")
    parser.add_argument("--threads", type=int, default=THREADS, help="default: all cores")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    THREADS = given.threads
    if given.one:
        print(json.dumps(run(given.folders[0], given.one, given.sample)))
        return
    for folder in given.folders:
        train, test = load(folder)
        print(
            f"\n## {folder.name}: {len(train.viewer_keys):,} users, {len(train.item_keys):,} items,"
            f" {len(train.viewer):,} + {len(test):,} interactions, {THREADS} threads\n"
        )
        print("| | R@20 | N@20 | coverage | novelty | train s | CPU s | peak GiB |")
        print("|---|---|---|---|---|---|---|---|")
        wanted = tuple(filter(None, given.methods.split(",")))
        for name, _make in methods(train):
            if wanted and not name.startswith(wanted):
                continue
            command = [sys.executable, __file__, str(folder), "--one", name]
            command += ["--sample", str(given.sample), "--threads", str(THREADS)]
            result = subprocess.run(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
            if result.returncode:
                print(f"| {name} | failed |", flush=True)
                continue
            numbers = json.loads(result.stdout.splitlines()[-1])
            cells = " | ".join(
                f"{numbers[key]:.4f}" for key in ("recall@20", "ndcg@20", "coverage@20")
            )
            rest = " | ".join(
                f"{numbers[key]:.2f}" for key in ("novelty@20", "s", "CPU s", "peak GiB")
            )
            print(f"| {name} | {cells} | {rest} |", flush=True)


if __name__ == "__main__":
    main()
