"""How varied a first page is, and what that costs.

    nice -n 15 python benchmarks/diversity.py [--recipe RECIPE.json] [--viewers 2000]
    nice -n 15 python benchmarks/diversity.py --var var

On the shared catalogue, split in time: recall@20 of what each viewer did next, and the creators and
categories among 24 cards, of the model's order alone and as the home placement chooses from it,
but for its cap on creators: those of the catalogue are twelve decades. With ``--var``: the same
counts of the first 24 cards of the viewers of a built demo, by the real feed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
#: Cards of a page, places that recall looks at, and candidates that the index brings.
CARDS, K, CANDIDATES = 24, 20, 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viewers", type=int, default=2000, help="most viewers of the catalogue")
    parser.add_argument("--recipe", type=Path, help="as for benchmarks/learning.py")
    parser.add_argument("--var", type=Path, help="a built demo's folder")
    options = parser.parse_args()
    if options.var:
        report("the demo's viewers", demo_pages(options.var))
    else:
        catalogue(options)


def report(name: str, pages: Iterator[tuple[int, int]]) -> None:
    """Print how many creators and categories pages show."""
    counts = np.array(list(pages))
    print(f"{name}: {len(counts)} pages of {CARDS}")
    for what, values, least in zip(("creators", "categories"), counts.T, (8, 5), strict=True):
        print(
            f"  {what}: median {np.median(values):.0f}, fewest {values.min()}, "
            f"at least {least} on {np.mean(values >= least):.1%} of pages"
        )


def demo_pages(var: Path) -> Iterator[tuple[int, int]]:
    """Yield the numbers of creators and categories on each viewer's first page."""
    os.environ.update(VAR_DIR=str(var))
    set_up("videosite.settings.dev")
    from recommendations_plugin import api
    from recommendations_plugin.models import Interaction, Item

    facets = dict(Item.objects.values_list("key", "facet_keys"))
    for key in sorted(set(Interaction.objects.values_list("viewer_key", flat=True))):
        cards = api.recommend(api.Viewer(key), limit=CARDS).items
        shown = [facets[card.key] for card in cards]
        yield tuple(
            len({name for each in shown for name in each.get(kind, [])})
            for kind in ("creator", "category")
        )


def set_up(settings: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    import django

    django.setup()


def catalogue(options: argparse.Namespace) -> None:
    """Compare the home placement with the model's own order."""
    set_up("tests.testapp.settings")
    from catalogue import load
    from learning import Replay

    from recommendations_plugin.placements import placement
    from recommendations_plugin.training.dataset import split_in_time
    from recommendations_plugin.training.parameters import Parameters

    snapshot, parameters = load(), Parameters(network=False)
    known, heldout = split_in_time(snapshot)
    model = fitted(known, parameters, options.recipe)
    home = placement("home")
    orders = {
        "the model's order": replace(
            home, diversity=0.0, per_creator=0, per_category=0, explore=0.0
        ),
        "the home placement": replace(home, explore=0.0, per_creator=0),
    }
    replay, rows = Replay(snapshot, model, parameters.history), rows_of(snapshot)
    counts = np.bincount(known.viewer, minlength=len(snapshot.viewer_keys))
    viewers = np.random.default_rng(1).permutation(np.unique(heldout.viewer))[: options.viewers]
    found: dict[str, list[Page]] = {name: [] for name in orders}
    for viewer in viewers.tolist():
        for name, page in pages_of(viewer, int(counts[viewer]), replay, model, rows, orders):
            found[name].append(page)
    means = [float(np.mean([page.recall for page in pages])) for pages in found.values()]
    for name, mean in zip(orders, means, strict=True):
        report(f"{name}: recall@{K} {mean:.4f}", ((p.creators, p.categories) for p in found[name]))
    print(f"cost of diversity: {1 - means[1] / means[0]:.1%} of recall@{K}")


class Page(NamedTuple):
    """What is on a viewer's page."""

    recall: float
    creators: int
    categories: int


def fitted(known: Any, parameters: Any, path: Path | None) -> Any:
    """Return a model of a snapshot, by the recipe in a file if there is one."""
    from recommendations_plugin.training.recipe import Recipe
    from recommendations_plugin.training.train import choose, fit

    if path and path.exists():
        recipe = Recipe.from_dict(json.loads(path.read_text()))
    else:
        recipe, _trials = choose(known, parameters)
    return fit(known, recipe, parameters)


def rows_of(snapshot: Any) -> list[Any]:
    """Return a snapshot's items as a feed reads them."""
    from recommendations_plugin.events.shelf import row_of

    facets: list[dict[str, list[str]]] = [{} for _item in snapshot.item_keys]
    for item, facet in snapshot.item_facet.T.tolist():
        kind = snapshot.facet_kinds[facet]
        facets[item].setdefault(kind, []).append(snapshot.facet_keys[facet])
    return [
        row_of(place, key, True, "", 0.0, 0.0, None, 0, 0, facets[place])
        for place, key in enumerate(snapshot.item_keys)
    ]


def pages_of(
    viewer: int, known: int, replay: Any, model: Any, rows: list[Any], orders: Mapping[str, Any]
) -> Iterator[tuple[str, Page]]:
    """Yield a viewer's page in each order, from the first ``known`` things they did."""
    from learning import recall

    from recommendations_plugin.ranking.diversify import diversify
    from recommendations_plugin.ranking.table import table_of

    own = np.arange(replay.start[viewer], replay.end[viewer])
    seen, wanted = replay.item[own[:known]], replay.item[own[known:]]
    (scores,) = replay.scores([replay.vector(own[:known])])
    scores[seen] = -np.inf
    best = np.argsort(-scores)[:CANDIDATES]
    table = table_of((rows[place], "model") for place in best.tolist())
    table.vectors = model.items[best]
    low, high = scores[best].min(), scores[best].max()
    table.score = ((scores[best] - low) / max(high - low, 1e-9)).astype(np.float64)
    for name, wants in orders.items():
        chosen = diversify(table, wants, CARDS, np.zeros(len(best), dtype=bool))
        again = np.full(len(scores), -np.inf)
        again[best[chosen]] = -np.arange(len(chosen))
        shown = [table.rows[place] for place in chosen]
        creators = {each for row in shown for each in row.creators}
        categories = {each for row in shown for each in row.categories}
        yield name, Page(recall(again, wanted), len(creators), len(categories))


if __name__ == "__main__":
    main()
