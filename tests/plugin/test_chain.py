"""The whole chain on real parts: SQL → outbox → graph → training → artifact → FAISS → feed."""

from __future__ import annotations

import json
import shutil
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from recommendations_plugin import api, conf, registry, runs, tasks
from recommendations_plugin.events import outbox
from recommendations_plugin.graph.base import GraphError, open_graph
from recommendations_plugin.index import artifacts
from recommendations_plugin.models import Event, Item, TrainingRun
from recommendations_plugin.ranking import context as ranking_context
from recommendations_plugin.types import Kind, Signal, Step, key_of

pytestmark = pytest.mark.django_db

DOWN = {"uri": "bolt://127.0.0.1:9", "user": "", "password": "", "database": None}


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


# --- the way there ------------------------------------------------------------------------------


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


def test_interests_alone_make_a_first_feed_from_the_model(
    use_graph, community, make_user, parent_categories
):
    trained()
    viewer = api.viewer(make_user("bo", interests=[parent_categories["Cooking"]]))
    feed = api.recommend(viewer, limit=6)
    assert feed.step == Step.MODEL
    assert all(title.startswith("Bread") for title in titles(feed))
    assert (feed.items[0].reason.code, feed.items[0].reason.name) == ("interest", "Cooking")


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


def test_similar_videos_come_from_the_same_community(use_graph, community):
    trained()
    feed = api.similar(community["Jazz"][3], limit=5)
    assert feed.step == Step.MODEL
    assert all(title.startswith("Jazz") for title in titles(feed))


def test_the_model_beats_popularity_on_unseen_behaviour(use_graph, community):
    trained()
    metrics = TrainingRun.objects.get().metrics
    assert metrics["recall@20"] >= metrics["popularity"]["recall@20"]


def test_a_video_withdrawn_after_training_is_never_served(use_graph, community, make_user):
    trained()
    viewer = api.viewer(make_user("ada"))
    api.record("watch", viewer, community["Jazz"][0], value=1)
    first = api.recommend(viewer, limit=1).items[0].object
    first.unpublish()
    assert first.title not in titles(api.recommend(viewer, limit=50))


# --- graph and outbox ---------------------------------------------------------------------------


def test_47_a_replayed_outbox_leaves_the_graph_as_it_was(use_graph, community, make_user):
    ada = api.viewer(make_user("ada"))
    api.record("follow", ada, registry.creator(community["Jazz"][0].creator))
    api.record("like", ada, community["Jazz"][0])
    tasks.sync()
    before = snapshot()
    assert before["follows"]
    Event.objects.update(synced_at=None)
    tasks.sync()
    assert snapshot() == before


def test_70_an_unlike_that_is_synced_before_its_like_stays_an_unlike(
    use_graph, make_video, make_user
):
    video, ada = make_video("One"), api.viewer(make_user("ada"))
    api.record("like", ada, video)
    api.record("unlike", ada, video)
    _like, unlike = Event.objects.filter(target_key=key_of(video)).exclude(kind="item")
    Event.objects.exclude(pk=unlike.pk).update(lease_until=timezone.now() + timedelta(hours=1))
    tasks.sync()
    Event.objects.update(lease_until=None)
    tasks.sync()
    assert [row[3] for row in snapshot()["engaged"]] == [False]


def test_46_with_the_graph_down_events_wait_uncounted_and_drain_later(
    use_graph, options, make_video, make_user
):
    video = make_video("One")
    use_graph(**DOWN)
    api.record("like", api.viewer(make_user("ada")), video)
    began = time.monotonic()
    assert tasks.sync() == 0
    assert time.monotonic() - began < 5
    assert set(outbox.pending().values_list("attempts", "lease_until")) == {(0, None)}
    assert titles(api.recommend(api.viewer(None), limit=5)) == ["One"]
    use_graph(**options)
    tasks.sync()
    assert not outbox.pending().exists()
    assert len(snapshot()["engaged"]) == 1


def test_53_an_event_the_graph_refuses_is_set_aside_and_the_others_go_on(
    use_graph, community, monkeypatch
):
    from recommendations_plugin.graph.bolt import BoltGraph

    poison = key_of(community["Jazz"][5])
    write = BoltGraph.write_items

    def refuse(self, states):
        if any(state.key == poison for state in states):
            raise GraphError("This one is poison.")
        write(self, states)

    monkeypatch.setattr(BoltGraph, "write_items", refuse)
    tasks.sync()
    failed = Event.objects.filter(failed_at__isnull=False)
    assert [(event.target_key, event.error) for event in failed] == [
        (poison, "This one is poison.")
    ]
    assert not outbox.pending().exists()
    monkeypatch.undo()
    assert outbox.retry_failed() == 1
    tasks.sync()
    assert poison in dict(snapshot()["items"])


def test_75_forgetting_reaches_the_graph_and_does_not_eat_what_came_after(
    use_graph, make_video, make_user
):
    video, ada = make_video("One"), api.viewer(make_user("ada"))
    api.record("like", ada, video)
    tasks.sync()
    api.forget(ada)
    tasks.sync()
    assert snapshot()["engaged"] == []
    api.record("watch", ada, video, value=0.5)
    tasks.sync()
    Event.objects.filter(kind="forget").update(synced_at=None)
    tasks.sync()
    assert [row[2] for row in snapshot()["engaged"]] == [0.5]


def test_what_was_dropped_leaves_the_graph_and_who_switched_off_leaves_it_until_they_return(
    use_graph, community, make_user
):
    viewer = api.viewer(make_user("ada"))
    jazz = community["Jazz"][:3]
    for video in jazz:
        api.record("watch", viewer, video, value=0.9)
    api.record("follow", viewer, registry.creator(jazz[0].creator))

    def watched_in_the_graph():
        tasks.sync()
        return [item for who, item, *_ in snapshot()["engaged"] if who == viewer.key]

    assert len(watched_in_the_graph()) == 3
    api.drop(viewer, jazz[:1])
    left = watched_in_the_graph()
    assert left == sorted(map(key_of, jazz[1:]))
    api.set_learning(viewer, "off")
    assert watched_in_the_graph() == []
    assert not any(who == viewer.key for who, _ in snapshot()["follows"])
    tasks.resync()
    assert watched_in_the_graph() == []
    api.set_learning(viewer, "on")
    assert watched_in_the_graph() == left
    assert any(who == viewer.key for who, _ in snapshot()["follows"])


def test_76_a_graph_that_differs_from_sql_is_made_equal_by_one_command(
    use_graph, community, make_user
):
    api.record("like", api.viewer(make_user("ada")), community["Jazz"][0])
    tasks.sync()
    wanted = snapshot()
    with open_graph() as graph:
        graph.erase_viewers(["session:1", "session:2"])
    assert snapshot() != wanted
    call_command("recommendations_sync", rebuild=True, stdout=StringIO(), stderr=StringIO())
    assert snapshot() == wanted


def test_69_changes_behind_the_cmss_back_are_repaired(use_graph, community):
    tasks.sync()
    changed, *_rest, gone = community["Jazz"]
    type(changed).objects.filter(pk=changed.pk).update(title="Renamed in SQL")
    type(gone).objects.filter(pk=gone.pk).update(live=False)
    Item.objects.filter(key=key_of(community["Bread"][0])).delete()
    assert tasks.reconcile() == {"indexed": 23, "removed": 1}
    items = dict(snapshot()["items"])
    assert items[key_of(changed)] == "Renamed in SQL"
    assert key_of(gone) not in items
    assert key_of(community["Bread"][0]) in items


# --- claims -------------------------------------------------------------------------------------


def test_two_workers_never_claim_the_same_event(make_video, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "SYNC_BATCH": 3}
    for number in range(5):
        make_video(f"Video {number}")
    first, second = outbox.claim(), outbox.claim()
    assert (len(first), len(second)) == (3, 2)
    assert not {event.pk for event in first} & {event.pk for event in second}
    assert outbox.claim() == []


def test_50_a_dead_workers_claim_is_free_again_when_its_lease_is_over(make_video):
    make_video("One")
    claimed = outbox.claim()
    Event.objects.update(lease_until=F("created_at"))
    assert outbox.claim() == claimed


def test_53_an_event_that_kills_its_worker_is_tried_alone_and_then_given_up(make_video, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "SYNC_ATTEMPTS": 3}
    for number in range(3):
        make_video(f"Video {number}")
    sizes = []
    while claimed := outbox.claim():
        sizes.append(len(claimed))
        Event.objects.filter(lease_until__isnull=False).update(lease_until=F("created_at"))
    assert sizes == [3, 3, 1, 1, 1]
    assert Event.objects.filter(failed_at__isnull=False).count() == 3


# --- artifacts in service -----------------------------------------------------------------------


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


# --- training runs ------------------------------------------------------------------------------


def test_56_only_one_trainer_at_a_time_and_a_late_one_is_fenced_off(db):
    first = runs.start(runs.request().pk)
    with pytest.raises(runs.RunTaken):
        runs.start(runs.request().pk)
    TrainingRun.objects.filter(pk=first.pk).update(lease_until=F("created_at"))
    second = runs.start(first.pk)
    with pytest.raises(runs.RunTaken):
        runs.finish(first, version="late", metrics={}, data={})
    runs.finish(second, version="right", metrics={}, data={})
    assert TrainingRun.objects.get(pk=first.pk).version == "right"


def test_51_a_run_that_kills_its_worker_each_time_ends_as_failed(db):
    run_id = runs.request().pk
    for _ in range(runs.MAX_ATTEMPTS):
        runs.start(run_id)
        TrainingRun.objects.update(lease_until=F("created_at"))
    with pytest.raises(runs.RunTaken):
        runs.start(run_id)
    assert TrainingRun.objects.get().status == TrainingRun.Status.FAILED


def test_asking_twice_for_a_training_queues_one(db):
    assert runs.request() == runs.request()


def test_settings_are_reloaded_when_they_change(settings):
    settings.RECOMMENDATIONS = {"HISTORY": 7, "WEIGHTS": {"interest": 9}}
    assert conf.settings.HISTORY == 7
    assert conf.settings.WEIGHTS["interest"] == 9
    assert conf.settings.WEIGHTS["similarity"] == conf.DEFAULTS["WEIGHTS"]["similarity"]
