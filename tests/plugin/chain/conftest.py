"""A community of viewers, and the real parts that turn what they do into a feed."""

from __future__ import annotations

import pytest

from recommendations_plugin import api, runs, tasks
from recommendations_plugin.graph.base import open_graph
from recommendations_plugin.ranking import context as ranking_context
from recommendations_plugin.types import Kind, Signal, key_of

DOWN = {"uri": "bolt://127.0.0.1:9", "user": "", "password": "", "database": None}
#: What comes after a graph is the same with each: one of the two will do.
ONE_GRAPH = pytest.mark.parametrize("options", ["embedded"], indirect=True)


@pytest.fixture
def use_graph(settings, options):
    """The configured graph is this test's real server, emptied."""

    def use(**given):
        settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "GRAPH": {"OPTIONS": given}}

    use(**options)
    with open_graph() as graph:
        graph.clear()
        graph.prepare()
    return use


@pytest.fixture(autouse=True)
def own_artifacts(settings, tmp_path):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path / "models"}
    ranking_context._retry_at.clear()


@pytest.fixture
def community(make_video, parent_categories, make_user):
    """Jazz fans and bread fans: each group watches its own twelve videos, in its own way."""
    videos = {
        name: [make_video(f"{name} {n}", categories=[name]) for n in range(12)]
        for name in ("Jazz", "Bread")
    }
    signals = []
    for number in range(16):
        name = "Jazz" if number % 2 else "Bread"
        for position in range(12):
            if (position + number) % 4:
                key = key_of(videos[name][position])
                signals.append(Signal(Kind.WATCH, f"session:{number}", key, 0.9))
    api.record_many(signals)
    return videos


def titles(feed):
    return [recommendation.object.title for recommendation in feed.items]


def snapshot():
    """Return what the graph says, as plain comparable data."""
    with open_graph() as graph:
        found = graph.snapshot()
    return {
        "items": sorted(zip(found.item_keys, found.item_titles, strict=True)),
        "engaged": sorted(
            (found.viewer_keys[v], found.item_keys[i], round(float(p), 3), bool(liked))
            for v, i, p, liked in zip(
                found.viewer, found.item, found.portion, found.liked, strict=True
            )
        ),
        "facets": sorted((found.item_keys[i], found.facet_keys[f]) for i, f in found.item_facet.T),
        "interests": sorted(
            (found.viewer_keys[v], found.facet_keys[f]) for v, f in found.interest.T
        ),
        "follows": sorted((found.viewer_keys[v], found.facet_keys[f]) for v, f in found.follow.T),
    }


def trained():
    tasks.sync()
    return tasks.run_training(runs.request().pk)
