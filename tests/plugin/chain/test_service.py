"""A model in service: when its files break, when the graph is away, and what the status says."""

from __future__ import annotations

import json
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations_plugin import api
from recommendations_plugin.index import artifacts
from recommendations_plugin.models import TrainingRun
from recommendations_plugin.ranking import context as ranking_context
from recommendations_plugin.types import Step

from .conftest import DOWN, ONE_GRAPH, titles, trained

pytestmark = [pytest.mark.django_db, ONE_GRAPH]


@pytest.fixture
def watcher(use_graph, community, make_user):
    """A viewer whose feed comes from the newest of two models."""
    versions = [trained(), trained()]
    viewer = api.viewer(make_user("ada"))
    api.record("watch", viewer, community["Jazz"][0], value=1)
    assert api.recommend(viewer, limit=3).version == versions[1]
    return viewer, versions


def break_artifact(version):
    path = artifacts.root_folder() / version / "items.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    artifacts._opened.clear()


def status(**options):
    out = StringIO()
    try:
        call_command("check_model_status", stdout=out, **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_59_a_broken_model_gives_way_to_the_last_good_one_and_the_status_says_so(watcher):
    viewer, versions = watcher
    break_artifact(versions[1])
    feed = api.recommend(viewer, limit=3)
    assert (feed.step, feed.version) == (Step.LAST_GOOD, versions[0])
    text, code = status()
    assert code == 1
    assert "items.npy is not the file that was written" in text
    assert "rebuild_faiss" in text


def test_with_no_usable_model_feeds_fall_back_to_categories(watcher):
    viewer, _versions = watcher
    shutil.rmtree(artifacts.root_folder())
    artifacts._opened.clear()
    feed = api.recommend(viewer, limit=3)
    assert feed.step == Step.CATEGORIES
    assert all(title.startswith("Jazz") for title in titles(feed))


def test_rebuild_faiss_brings_a_broken_index_back_without_training(watcher):
    viewer, versions = watcher
    (artifacts.root_folder() / versions[1] / "index.faiss").write_bytes(b"rubbish")
    artifacts._opened.clear()
    runs_before = TrainingRun.objects.count()
    out = StringIO()
    call_command("rebuild_faiss", stdout=out)
    assert f"built from {versions[1]}" in out.getvalue()
    ranking_context._retry_at.clear()
    assert api.recommend(viewer, limit=3).step == Step.MODEL
    assert TrainingRun.objects.count() == runs_before


def test_the_status_is_healthy_when_all_is_well(watcher):
    text, code = status()
    assert code == 0, text
    found = json.loads(status(json=True)[0])
    assert found["healthy"]
    assert found["feed"] == "model"
    assert found["parts"]["training"]["details"]["metrics"]["popularity"]


def test_with_nothing_trained_the_status_and_rebuild_explain_themselves(site_tree, use_graph):
    text, code = status()
    assert code == 1
    assert "No model was ever trained." in text
    with pytest.raises(CommandError, match=r"Train: `manage\.py recommendations_train`"):
        call_command("rebuild_faiss")


def test_a_dead_graph_is_named_by_the_status(use_graph, site_tree):
    use_graph(**DOWN)
    text, code = status()
    assert code == 1
    assert "The graph is away" in text
    assert "Nothing is lost" in text


def test_training_with_a_dead_graph_is_written_down_and_raised(use_graph, site_tree):
    use_graph(**DOWN)
    with pytest.raises(CommandError, match="GraphUnavailable"):
        call_command("recommendations_train", quiet=True)
    run = TrainingRun.objects.get()
    assert run.status == TrainingRun.Status.FAILED
    assert "does not answer" in run.error
