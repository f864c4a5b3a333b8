"""Compare the model with simpler ones on real behaviour, split in time.

    python benchmarks/catalogue.py [--dimension 1280] [--seed 1] [--threads 1]

Each viewer's newest fifth is held out; all items are ranked, training items masked. Then every
tenth title is taken out of training, and these are ranked among themselves by what is said of them.
Needs the catalogue of ``../shared/data/catalogue`` beside the repository.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from django.conf import settings as django_settings

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT.parent / "shared" / "data" / "catalogue"
sys.path.insert(0, str(ROOT))
if not django_settings.configured:
    django_settings.configure()  # the plugin's defaults; no database is touched

from recommendations_plugin import profile  # noqa: E402
from recommendations_plugin.training.content import words_of  # noqa: E402
from recommendations_plugin.training.dataset import (  # noqa: E402
    Heldout,
    averaging,
    engagement_matrix,
    facet_matrix,
    hetero_data,
    only,
    split_in_time,
)
from recommendations_plugin.training.evaluate import judge  # noqa: E402
from recommendations_plugin.training.parameters import Parameters  # noqa: E402
from recommendations_plugin.training.scorers import (  # noqa: E402
    Scorer,
    model_scorer,
    popularity,
)
from recommendations_plugin.training.train import choose, fit  # noqa: E402
from recommendations_plugin.types import Embeddings, FacetKind, Snapshot  # noqa: E402
from recommendations_plugin.words import columns  # noqa: E402


def load(folder: Path = CATALOGUE) -> Snapshot:
    """Read the catalogue's CSV files into a snapshot; exit with a clear word where they are not."""
    if not (folder / "interactions.csv").exists():
        sys.exit(f"The catalogue is not here: {folder}. It comes with the project's shared data.")
    parent_of = {
        row["category"]: row["parent_category"] for row in _rows(folder / "categories.csv")
    }
    videos = _rows(folder / "videos.csv")
    facets: dict[tuple[str, str], int] = {}
    pairs = [
        (position, facets.setdefault(facet, len(facets)))
        for position, video in enumerate(videos)
        for facet in sorted(_facets(video, parent_of))
    ]
    viewers, interactions = _interactions(folder, {v["video_id"]: i for i, v in enumerate(videos)})
    who = np.array(list(interactions), dtype=np.int64).reshape(-1, 2)
    what = np.array(list(interactions.values())).reshape(-1, 3)
    return Snapshot(
        viewer_keys=viewers,
        item_keys=[video["video_id"] for video in videos],
        facet_keys=[f"{kind}:{name}" for kind, name in facets],
        facet_kinds=[kind for kind, _name in facets],
        item_titles=[video["title"] for video in videos],
        item_texts=[""] * len(videos),
        published_at=np.array([_seconds(video["published_at"]) for video in videos]),
        viewer=who[:, 0],
        item=who[:, 1],
        portion=what[:, 0].astype(np.float32),
        liked=what[:, 1] > 0,
        dismissed=np.zeros(len(who), dtype=bool),
        at=what[:, 2],
        item_facet=np.array(pairs, dtype=np.int64).T,
        interest=np.zeros((2, 0), dtype=np.int64),
        interest_score=np.zeros(0, dtype=np.float32),
        follow=np.zeros((2, 0), dtype=np.int64),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _facets(video: dict[str, str], parent_of: dict[str, str]) -> set[tuple[str, str]]:
    categories = {name for name in video["categories"].split("|") if name in parent_of}
    return (
        {(FacetKind.CATEGORY.value, name) for name in categories}
        | {(FacetKind.PARENT_CATEGORY.value, parent_of[name]) for name in categories}
        | {(FacetKind.CREATOR.value, name) for name in [video["creator"]] if name}
    )


def _interactions(
    folder: Path, position_of: dict[str, int]
) -> tuple[list[str], dict[tuple[int, int], list[float]]]:
    """Return viewer keys, and [portion, liked, last time] by (viewer, item)."""
    viewers: dict[str, int] = {}
    found: dict[tuple[int, int], list[float]] = {}
    for row in _rows(folder / "interactions.csv"):
        pair = viewers.setdefault(row["user"], len(viewers)), position_of[row["video_id"]]
        state = found.setdefault(pair, [0.0, 0.0, 0.0])
        if row["kind"] == "watch":
            state[0] = max(state[0], float(row["value"]))
        else:
            state[1] = 1.0
        state[2] = max(state[2], _seconds(row["timestamp"]))
    return list(viewers), found


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def item_knn(train: Snapshot) -> Scorer:
    """Cosine similarity of items by the viewers they share, weighted by engagement."""
    from scipy.sparse import csr_array, diags_array

    from recommendations_plugin.types import engagement

    worth = engagement(train.portion, train.liked)
    shape = (len(train.viewer_keys), len(train.item_keys))
    matrix = csr_array((worth, (train.viewer, train.item)), shape=shape)
    norms = np.sqrt((matrix * matrix).sum(axis=0))
    unit = matrix @ diags_array(1 / np.maximum(norms, 1e-9))
    similar = (unit.T @ unit).tocsr()
    return lambda viewers: (matrix[viewers] @ similar).toarray()


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("dimension", "seed", "threads"):
        arguments.add_argument(f"--{name}", type=int, default=getattr(Parameters(), name))
    parameters = Parameters(**vars(arguments.parse_args()))
    snapshot = load()
    known, test = split_in_time(snapshot)
    print(
        f"{len(snapshot.item_keys):,} items, {len(snapshot.viewer_keys):,} viewers, "
        f"{len(snapshot.viewer):,} interactions, {len(test):,} of them held out\n"
    )
    print(f"{'':26} recall@20   ndcg@20  coverage  novelty  seconds")
    makers: dict[str, Callable[[], Scorer]] = {
        "popularity": lambda: popularity(known),
        "item KNN": lambda: item_knn(known),
        "ours, no facets": lambda: ours(_bare(known), parameters),
        "ours, no network": lambda: ours(known, replace(parameters, network=False)),
        "ours": lambda: ours(known, parameters),
    }
    for name, make in makers.items():
        began = time.monotonic()
        scorer = make()
        seconds = time.monotonic() - began
        numbers = judge(known, test, scorer)
        print(
            f"{name:26}" + "".join(f"{value:10.4f}" for value in numbers.values()),
            f"{seconds:8.1f}",
        )
    cold_titles(snapshot, parameters, seed=parameters.seed)


def ours(known: Snapshot, parameters: Parameters) -> Scorer:
    """Choose on a validation split of ``known`` and fit."""
    recipe, trials = choose(known, parameters)
    print(f"  {len(trials)} trials, chosen: {recipe.as_dict()}")
    return model_scorer(fit(known, recipe, parameters), known)


def cold_titles(snapshot: Snapshot, parameters: Parameters, seed: int) -> None:
    """Print how well titles without any viewer are ranked, beside the average of their categories.

    Titles are drawn by ``seed``; the recipe is chosen on what is left.
    """
    cold = np.random.default_rng(seed).random(len(snapshot.item_keys)) < 0.1
    known, wanted = only(snapshot, ~cold[snapshot.item]), only(snapshot, cold[snapshot.item])
    recipe, _trials = choose(known, parameters)
    embeddings = fit(known, recipe, parameters)
    facets = facet_matrix(hetero_data(snapshot))
    categories = np.flatnonzero(np.asarray(snapshot.facet_kinds) == FacetKind.CATEGORY.value)
    of_category = sp.csr_array(facets[:, categories])
    warm = sp.csr_array(sp.diags_array((~cold).astype(float)) @ of_category)
    means = averaging(sp.csr_array(warm.T)) @ embeddings.items
    average = replace(embeddings, items=(averaging(of_category) @ means).astype(np.float32))
    heldout = Heldout(wanted.viewer, wanted.item)
    print(f"\n{int(cold.sum())} titles without viewers    recall@20   ndcg@20")
    rows = {"category average": average, "ours, at the next training": embeddings}
    for name, words in (("facets alone", False), ("facets and words", True)):
        placed = at_once(known, embeddings, facets, warm=~cold, words=words)
        rows[f"ours at once, {name}"] = replace(embeddings, items=placed)
    for name, these in rows.items():
        scorer = model_scorer(these, known)

        def among_cold(viewers: np.ndarray, scorer: Scorer = scorer) -> np.ndarray:
            return np.where(cold, scorer(viewers), -np.inf)

        numbers = judge(known, heldout, among_cold)
        print(f"{name:30}{numbers['recall@20']:10.4f}{numbers['ndcg@20']:10.4f}")


def at_once(
    known: Snapshot, model: Embeddings, facets: sp.csr_array, *, warm: np.ndarray, words: bool
) -> np.ndarray:
    """Return where ``ranking.delta`` puts each item as if it had come after training.

    ``facets``: CSR [items, facets]; ``warm``: bool [items], which items facets and words are of.
    """
    of_warm = sp.csr_array(facets.T @ sp.diags_array(warm.astype(float)))
    model = replace(model, facet_items=(averaging(of_warm) @ model.items).astype(np.float32))
    placed = averaging(facets) @ model.facet_items
    if words:
        engaged = engagement_matrix(hetero_data(known)).sum(axis=0)
        learned = words_of(known, model, engaged)
        for row, said in enumerate(map(columns, known.item_titles, known.item_texts)):
            placed[row] += (
                profile.directions(learned.weights[list(said)]) @ learned.items[list(said)]
            )
    return profile.directions(placed) * np.median(np.linalg.norm(model.items, axis=1))


def _bare(snapshot: Snapshot) -> Snapshot:
    return replace(
        snapshot,
        item_facet=snapshot.item_facet[:, :0],
        item_titles=[""] * len(snapshot.item_keys),
        published_at=np.zeros(len(snapshot.item_keys)),
    )


if __name__ == "__main__":
    main()
