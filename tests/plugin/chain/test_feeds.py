"""The whole chain on real parts: SQL → outbox → graph → training → artifact → FAISS → feed."""

from __future__ import annotations

import pytest

from recommendations_plugin import api
from recommendations_plugin.models import TrainingRun
from recommendations_plugin.types import Step

from .conftest import ONE_GRAPH, titles, trained

pytestmark = pytest.mark.django_db


def test_a_feed_comes_from_the_model_and_a_like_changes_the_next_one(
    use_graph, community, make_user
):
    version = trained()
    viewer = api.viewer(make_user("ada"))
    assert api.recommend(viewer, limit=6).step == Step.POPULAR

    api.record("watch", viewer, community["Jazz"][0], value=0.9)
    feed = api.recommend(viewer, limit=6)
    assert (feed.step, feed.version) == (Step.MODEL, version)
    assert all(title.startswith("Jazz") for title in titles(feed))
    assert (feed.items[0].reason.code, feed.items[0].reason.name) == ("finished", "Jazz 0")

    for number in range(3):
        api.record("like", viewer, community["Bread"][number])
        api.record("watch", viewer, community["Bread"][number], value=1)
    after = titles(api.recommend(viewer, limit=6))
    assert sum(title.startswith("Bread") for title in after) >= 3
    assert not {"Bread 0", "Bread 1", "Bread 2", "Jazz 0"} & set(after)


@ONE_GRAPH
def test_interests_alone_make_a_first_feed_from_the_model(
    use_graph, community, make_user, parent_categories
):
    trained()
    viewer = api.viewer(make_user("bo", interests=[parent_categories["Cooking"]]))
    feed = api.recommend(viewer, limit=6)
    assert feed.step == Step.MODEL
    assert all(title.startswith("Bread") for title in titles(feed))
    assert (feed.items[0].reason.code, feed.items[0].reason.name) == ("interest", "Cooking")


@ONE_GRAPH
def test_the_model_keeps_to_the_viewers_parent_categories(
    use_graph, community, make_user, parent_categories
):
    """Four glances at jazz pull the vector there, but are no interest in music yet."""
    trained()
    viewer = api.viewer(make_user("bo", interests=[parent_categories["Cooking"]]))
    for number in range(4):
        api.record("watch", viewer, community["Jazz"][number], value=0.29)
    feed = api.recommend(viewer, limit=12)
    assert feed.step == Step.MODEL
    assert all(title.startswith("Bread") for title in titles(feed))


@ONE_GRAPH
def test_a_dismissal_is_never_given_as_a_reason_and_alone_makes_no_taste(
    use_graph, community, make_user
):
    trained()
    viewer = api.viewer(make_user("cy"))
    api.record("watch", viewer, community["Jazz"][0], value=1)
    api.record("dismiss", viewer, community["Jazz"][0])
    feed = api.recommend(viewer, limit=12)
    assert feed.step != Step.MODEL
    api.record("like", viewer, community["Bread"][0])
    feed = api.recommend(viewer, limit=12)
    assert feed.step == Step.MODEL
    assert "Jazz 0" not in {item.reason.name for item in feed.items}


@ONE_GRAPH
def test_a_video_published_after_training_is_ranked_by_the_model_at_once(
    use_graph, community, make_video, make_user, parent_categories
):
    trained()
    viewer = api.viewer(make_user("ada"))
    for number in range(4):
        api.record("watch", viewer, community["Jazz"][number], value=1)
    made = {name: make_video(f"{name} new", categories=[name]) for name in ("Jazz", "Bread")}

    feed = api.recommend(viewer, limit=8)
    new = next(item for item in feed.items if item.object == made["Jazz"])
    assert new.step == Step.MODEL
    assert new.parts["similarity"] > 0.5
    assert made["Bread"] not in [item.object for item in feed.items]
    similar = api.similar(made["Jazz"], limit=4)
    assert all(title.startswith("Jazz") for title in titles(similar))

    made["Bread"].categories.set(community["Jazz"][0].categories.all())
    made["Bread"].save_revision().publish()
    moved = api.explain(viewer, made["Bread"])
    assert moved["tier"] == 0
    assert moved["parts"]["similarity"] > 0.5
    made["Jazz"].unpublish()
    assert "Jazz new" not in titles(api.recommend(viewer, limit=50))


@ONE_GRAPH
def test_similar_videos_come_from_the_same_community(use_graph, community):
    trained()
    feed = api.similar(community["Jazz"][3], limit=5)
    assert feed.step == Step.MODEL
    assert all(title.startswith("Jazz") for title in titles(feed))


@ONE_GRAPH
def test_the_model_beats_popularity_on_unseen_behaviour(use_graph, community):
    trained()
    metrics = TrainingRun.objects.get().metrics
    assert metrics["recall@20"] >= metrics["popularity"]["recall@20"]


@ONE_GRAPH
def test_a_video_withdrawn_after_training_is_never_served(use_graph, community, make_user):
    trained()
    viewer = api.viewer(make_user("ada"))
    api.record("watch", viewer, community["Jazz"][0], value=1)
    first = api.recommend(viewer, limit=1).items[0].object
    first.unpublish()
    assert first.title not in titles(api.recommend(viewer, limit=50))
