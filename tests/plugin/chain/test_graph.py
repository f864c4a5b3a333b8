"""What the outbox brings to each graph: once, late, again, refused, forgotten."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from recommendations_plugin import api, registry, tasks
from recommendations_plugin.events import outbox
from recommendations_plugin.graph.base import GraphError, open_graph
from recommendations_plugin.models import Event, Item
from recommendations_plugin.types import key_of

from .conftest import DOWN, snapshot, titles

pytestmark = pytest.mark.django_db


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
