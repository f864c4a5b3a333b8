"""How long the stages of a feed take, on a catalogue and a model made up here.

    nice -n 15 python benchmarks/ranking.py [--items 100000] [--dimension 256] [--exclusions 1000]

SQLite, one process, one thread, in milliseconds of processor time: what one core takes, however
busy the machine is. "ranking, in memory": the viewer's vector, the search, scores,
diversity and reasons, with the exclusions. "cards" is the query that any list of cards makes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.testapp.settings")
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # before numpy is imported

import django
import numpy as np

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from recommendations_plugin import api, conf, runs  # noqa: E402
from recommendations_plugin.index import artifacts  # noqa: E402
from recommendations_plugin.models import (  # noqa: E402
    Facet,
    Following,
    Interaction,
    Item,
    UserCategoryInterest,
)
from recommendations_plugin.types import Embeddings  # noqa: E402
from tests.testapp.models import Podcast, Section  # noqa: E402

#: Sections, creators, categories and clusters of taste that are made up.
SECTIONS, CREATORS, CATEGORIES = 8, 2000, 60
VIEWER = api.Viewer("session:benchmark")


def main() -> None:
    options = arguments()
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "ARTIFACTS_DIR": Path(tempfile.mkdtemp(prefix="benchmark-")),
        "CATALOGUE_AGE": conf.DEFAULTS["CATALOGUE_AGE"],
    }
    call_command("migrate", verbosity=0)
    rng = np.random.default_rng(1)
    print(
        f"{options.items} items × {options.dimension}, {options.exclusions} exclusions", flush=True
    )
    facets = make_catalogue(options.items, rng)
    make_model(options.items, options.dimension, facets, rng)
    make_viewer(options.items, options.exclusions, facets, rng)
    report(measure(options.repeats))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--exclusions", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=30)
    return parser.parse_args()


# --- what is measured on --------------------------------------------------------------------


def make_catalogue(items: int, rng: np.random.Generator) -> list[Facet]:
    """Fill the tables; return the facets: sections, creators, categories."""
    sections = Section.objects.bulk_create(Section(name=f"S{n}") for n in range(SECTIONS))
    kinds = [("parent_category", SECTIONS), ("creator", CREATORS), ("category", CATEGORIES)]
    facets = Facet.objects.bulk_create(
        Facet(key=f"{kind}:{n}", kind=kind, name=f"{kind} {n}")
        for kind, m in kinds
        for n in range(m)
    )
    now = timezone.now()
    ages = rng.exponential(300, items)
    popularity = rng.pareto(1.2, items)
    chosen = chosen_facets(items, rng)
    insert(
        Podcast,
        "id, title, section_id, released_at",
        ((n + 1, f"Item {n}", sections[n % SECTIONS].pk, str(now)) for n in range(items)),
    )
    Item.objects.bulk_create(
        (
            Item(
                pk=n + 1,
                key=key(n),
                title=f"Item {n}",
                published_at=now - timedelta(days=float(ages[n])),
                watch_time=float(popularity[n]),
                trend=float(popularity[n] * rng.random()),
                facet_keys={facets[f].kind: [facets[f].key] for f in chosen[n]},
            )
            for n in range(items)
        ),
        batch_size=5000,
    )
    links = ((n + 1, facets[f].pk) for n, its in enumerate(chosen.tolist()) for f in its)
    insert(Item.facets.through, "item_id, facet_id", links)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return facets


def insert(model: Any, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows as they are: millions of objects would take minutes."""
    slots = ", ".join(["%s"] * len(columns.split(", ")))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({slots})",  # noqa: S608
            list(rows),
        )


def chosen_facets(items: int, rng: np.random.Generator) -> np.ndarray:
    """Return the places of each item's section, creator and category, int64 [items, 3]."""
    return np.stack(
        [
            np.arange(items) % SECTIONS,
            SECTIONS + rng.zipf(1.3, items) % CREATORS,
            SECTIONS + CREATORS + rng.integers(CATEGORIES, size=items),
        ],
        axis=1,
    )


def key(number: int) -> str:
    return f"testapp.podcast:{number + 1}"


def make_model(items: int, dimension: int, facets: list[Facet], rng: np.random.Generator) -> None:
    """Publish and serve vectors around the directions of categories."""
    directions = rng.normal(size=(len(facets), dimension)).astype(np.float32)
    vectors = rng.normal(size=(items, dimension)).astype(np.float32)
    vectors += directions[SECTIONS + CREATORS :][rng.integers(CATEGORIES, size=items)]
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (vectors, directions)]
    embeddings = Embeddings(
        item_keys=[key(number) for number in range(items)],
        items=unit[0],
        facet_keys=[facet.key for facet in facets],
        facets=unit[1],
        pulls=unit[0],
        facet_items=unit[1],
        parameters={"half_life": 20.0, "blocks": [{"dimension": dimension, "alpha": 1.0}]},
    )
    runs.activate(artifacts.publish(embeddings, metrics={}))


def make_viewer(items: int, seen: int, facets: list[Facet], rng: np.random.Generator) -> None:
    """Give the viewer a history, two interests and ten creators they follow."""
    now = timezone.now()
    Interaction.objects.bulk_create(
        Interaction(
            viewer_key=VIEWER.key,
            item_key=key(int(number)),
            portion=float(rng.random()),
            updated_at=now - timedelta(minutes=place),
        )
        for place, number in enumerate(rng.choice(items, seen, replace=False))
    )
    UserCategoryInterest.objects.bulk_create(
        UserCategoryInterest(viewer_key=VIEWER.key, category=facet, score=1.0)
        for facet in facets[:2]
    )
    Following.objects.bulk_create(
        Following(viewer_key=VIEWER.key, facet=facet)
        for facet in facets[SECTIONS + 100 : SECTIONS + 110]
    )


# --- measuring ----------------------------------------------------------------------------------


def measure(repeats: int) -> dict[str, list[float]]:
    """Return milliseconds of processor time of feeds and of their stages, in turn."""
    found: dict[str, list[float]] = defaultdict(list)
    api.recommend(VIEWER, limit=24)
    for _ in range(repeats):
        found["cards alone"].append(timed(lambda: list(Podcast.objects.order_by("-pk")[:24])))
        with staged() as stages:
            found["feed"].append(timed(lambda: api.recommend(VIEWER, limit=24)))
        for name, milliseconds in stages.items():
            found[name].append(milliseconds)
    return found


def timed(action: Callable[[], Any]) -> float:
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1000


@contextmanager
def staged() -> Iterator[dict[str, float]]:
    """Yield the milliseconds of each stage of the feeds made inside."""
    from recommendations_plugin.events import shelf, state
    from recommendations_plugin.ranking import candidates, delta, pipeline

    stages: dict[str, float] = defaultdict(float)
    places = [
        (state, "known", "  viewer (1 query)"),
        (candidates, "_by_vectors", "  vector and search"),
        (shelf, "read", "  catalogue (0–1 query)"),
        (candidates, "table_of", "  table"),
        (delta.Delta, "item_vectors", "  vectors of candidates"),
        (pipeline, "score", "  score"),
        (pipeline, "eligible", "  eligibility (1 query)"),
        (pipeline, "diversify", "  diversify"),
        (pipeline, "reasons", "  explain"),
        (pipeline, "cards", "  cards (1 query)"),
    ]
    originals = [(module, name, getattr(module, name)) for module, name, _ in places]
    for (module, name, original), (_, _, label) in zip(originals, places, strict=True):
        setattr(module, name, watched(original, label, stages))
    try:
        yield stages
    finally:
        for module, name, original in originals:
            setattr(module, name, original)


def watched(
    original: Callable[..., Any], label: str, stages: dict[str, float]
) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        start = time.process_time()
        try:
            return original(*args, **kwargs)
        finally:
            stages[label] += (time.process_time() - start) * 1000

    return run


def report(found: dict[str, list[float]]) -> None:
    print(f"{'CPU milliseconds':26} {'p50':>8} {'p95':>8}")
    for name, values in found.items():
        print(f"{name:26} {np.percentile(values, 50):8.2f} {np.percentile(values, 95):8.2f}")
    memory = (
        "  vector and search",
        "  table",
        "  vectors of candidates",
        "  score",
        "  diversify",
        "  explain",
    )
    ranking = np.sum([found[name] for name in memory], axis=0)
    p50, p95 = np.percentile(ranking, [50, 95])
    print(f"{'ranking, in memory':26} {p50:8.2f} {p95:8.2f}")


if __name__ == "__main__":
    main()
