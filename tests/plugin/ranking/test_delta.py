"""What changed since a model was trained: found by it at once, in every process."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommendations_plugin import api, runs
from recommendations_plugin.events import outbox
from recommendations_plugin.index import artifacts
from recommendations_plugin.models import Item
from recommendations_plugin.ranking import delta
from recommendations_plugin.ranking.context import Context
from recommendations_plugin.types import Embeddings, Step, Words, key_of
from recommendations_plugin.words import HASHED, columns

pytestmark = pytest.mark.django_db

#: Where the categories of the fixture lie: those of one parent category near each other.
DIRECTIONS = {"Jazz": [1, 0, 0], "Folk": [0.9, 0.4, 0], "Bread": [0, 0, 1], "Soups": [0, 0.4, 0.9]}


@pytest.fixture
def videos(make_video, parent_categories):
    """Three videos of each category, by title."""
    made = [make_video(f"{c} {n}", categories=[c]) for c in DIRECTIONS for n in range(3)]
    return {video.title: video for video in made}


@pytest.fixture
def model(videos, settings, tmp_path):
    """A served model in which a video lies where its category does."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}
    items = list(Item.objects.prefetch_related("facets"))
    facets = {f.key: f.name for item in items for f in item.facets.all() if f.name in DIRECTIONS}
    lies = {key: np.array(DIRECTIONS[name], np.float32) for key, name in facets.items()}
    vectors = np.stack([lies[item.facet_keys["category"][0]] for item in items])
    both = np.stack(list(lies.values()))
    embeddings = Embeddings(
        item_keys=[item.key for item in items],
        items=vectors,
        facet_keys=list(facets),
        facets=both,
        pulls=vectors,
        facet_items=both,
        parameters={
            "half_life": 10.0,
            "blocks": [{"dimension": 3, "alpha": 0.0}],
            "as_of": outbox.newest(),
        },
    )
    runs.activate(artifacts.publish(embeddings, metrics={}))
    return runs.active_version()


@pytest.fixture
def only_the_model(settings):
    """A placement that shows what the model finds, and nothing else."""
    placements = {"home": {"SOURCES": {"model": 4}, "EXPLORE": 0.0}}
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "PLACEMENTS": placements}


def titles(feed):
    return [recommendation.object.title for recommendation in feed.items]


@pytest.fixture
def listener(videos):
    viewer = api.Viewer("session:1")
    api.record("watch", viewer, videos["Jazz 0"], value=1)
    return viewer


def test_a_new_item_is_found_by_the_model_in_the_very_next_feed(
    videos, model, only_the_model, listener, make_video
):
    before = api.recommend(listener, limit=3)
    assert (before.step, before.version) == (Step.MODEL, model)
    make_video("New tune", categories=["Jazz"])
    assert "New tune" in titles(api.recommend(listener, limit=3))
    assert "New tune" not in titles(before)


def test_new_items_of_the_same_category_lie_where_their_words_do(videos, model, make_video):
    kneading = make_video("Kneading", categories=["Jazz"])
    swinging = make_video("Swinging", categories=["Jazz"])

    def old_ones_near(new):
        return [title for title in titles(api.similar(new, limit=6)) if title in videos]

    # a model that knows no words goes by the category alone
    assert old_ones_near(kneading) == old_ones_near(swinging)
    towards = {"kneading": [-1.0, 0.0, 1.0], "swinging": [0.0, 0.0, 0.0]}
    vectors = np.zeros((HASHED, 3), np.float32)
    for word, direction in towards.items():
        vectors[columns(word, "")[0]] = direction
    known = artifacts.load(model).embeddings
    weights = np.isin(np.arange(HASHED), [columns(word, "")[0] for word in towards])
    words = Words(weights.astype(np.float32), vectors, vectors)
    runs.activate(artifacts.publish(replace(known, words=words), metrics={}))
    assert old_ones_near(kneading)[0].startswith("Bread")
    assert old_ones_near(swinging)[0].startswith("Jazz")
    assert kneading.title in titles(api.similar(videos["Bread 0"], limit=4))
    assert swinging.title not in titles(api.similar(videos["Bread 0"], limit=4))


def test_what_one_does_with_a_new_item_counts_at_once(videos, model, only_the_model, make_video):
    new, viewer = make_video("New bread", categories=["Bread"]), api.Viewer("session:2")
    api.record("watch", viewer, new, value=1)
    assert titles(api.recommend(viewer, limit=1))[0].startswith("Bread")


def test_an_edited_item_moves_at_once_the_more_the_fewer_know_it(
    videos, model, only_the_model, listener
):
    moved = videos["Soups 1"]
    assert moved.title not in titles(api.recommend(listener, limit=4))
    moved.categories.set(videos["Jazz 0"].categories.all())
    moved.save_revision().publish()
    assert moved.title in titles(api.recommend(listener, limit=4))
    Item.objects.filter(key=key_of(moved)).update(viewers=1000, version=outbox.newest() + 1)
    assert moved.title not in titles(api.recommend(listener, limit=4))


def test_what_is_withdrawn_takes_no_candidates_place(videos, model, only_the_model, listener):
    for title in ("Jazz 1", "Jazz 2", "Folk 0"):
        videos[title].unpublish()
    assert len(api.recommend(listener, limit=4).items) == 4


def test_a_new_item_has_neighbours_and_is_one(videos, model, make_video):
    new = make_video("New tune", categories=["Jazz"])
    assert titles(api.similar(new, limit=3))[0].startswith("Jazz")
    assert "New tune" in titles(api.similar(videos["Jazz 0"], limit=4))


def test_another_process_needs_one_query_more_only_after_a_change(
    videos, model, listener, make_video, django_assert_num_queries
):
    api.recommend(listener, limit=3)
    make_video("New tune", categories=["Jazz"])
    with django_assert_num_queries(2):  # what is known of the viewer, and the change
        assert len(context_of(listener).delta.keys) == 1
    with django_assert_num_queries(1):
        assert len(context_of(listener).delta.keys) == 1


def context_of(viewer):
    return Context(viewer=viewer, placement="home")


def test_a_model_that_does_not_say_when_it_was_made_starts_from_now(videos, model, monkeypatch):
    monkeypatch.setattr(artifacts.Artifact, "as_of", None)
    artifact = artifacts.load(model)
    monkeypatch.setattr(delta, "_kept", {})
    assert not delta.delta(artifact, newest=10**6).rows
