"""Forgetting some of what a viewer did, and bringing it back."""

from __future__ import annotations

import pytest

from recommendations_plugin import api, registry
from recommendations_plugin.events import outbox
from recommendations_plugin.models import (
    Event,
    Facet,
    Interaction,
    Item,
    UserCategoryInterest,
)
from recommendations_plugin.types import key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(make_video, parent_categories):
    return [make_video(f"Jazz {n}", categories=["Jazz"]) for n in range(3)]


@pytest.fixture
def ada(make_user):
    return api.viewer(make_user("ada"))


def interest():
    row = UserCategoryInterest.objects.get()
    return round(row.score, 6), row.interaction_count


def figures(video):
    item = Item.objects.get(key=key_of(video))
    return item.viewers, round(item.watch_time, 3), item.likes


def test_dropping_leaves_everything_as_if_it_had_not_been(videos, ada):
    api.record("watch", ada, videos[0], value=0.8)
    before = interest()
    api.record("watch", ada, videos[1], value=0.9)
    api.record("like", ada, videos[1])
    api.drop(ada, [videos[1]])
    assert interest() == before
    assert figures(videos[1]) == (0, 0, 0)
    assert figures(videos[0]) == (1, 0.8, 0)
    assert Interaction.objects.get().item_key == key_of(videos[0])
    assert not Event.objects.filter(target_key=key_of(videos[1]), viewer_key=ada.key).exists()


def test_what_was_dropped_can_be_brought_back_also_in_a_pause(videos, ada):
    api.record("watch", ada, videos[0], value=0.8)
    api.record("like", ada, videos[0])
    api.record("dismiss", ada, videos[1])
    rows = Interaction.objects.order_by("item_key").values(
        "item_key", "portion", "liked", "dismissed", "updated_at"
    )
    before = list(rows), interest(), figures(videos[0])
    dropped = api.drop(ada, videos)
    assert not rows.all()
    api.set_learning(ada, "paused")
    api.restore(dropped)
    assert (list(rows.all()), interest(), figures(videos[0])) == before


def test_dropping_tells_the_graph_to_forget_and_what_is_left(videos, ada):
    for video in videos[:2]:
        api.record("like", ada, video)
    outbox.complete(list(outbox.pending()))
    api.drop(ada, videos[:1])
    changes = outbox.changes(list(outbox.pending()))
    assert changes.forgotten == [ada.key]
    assert [state.item for state in changes.interactions] == [key_of(videos[1])]


@pytest.mark.django_db(transaction=True)
def test_dropping_queues_a_sync(videos, ada, queued):
    api.record("like", ada, videos[0])
    outbox.complete(list(outbox.pending()))
    queued.clear()
    api.drop(ada, videos)
    assert queued == [("recommendations_plugin.tasks.sync",)]


def test_dropping_what_is_not_there_does_nothing(videos, ada):
    before = Event.objects.count()
    assert api.drop(ada, videos) == []
    assert api.drop(api.viewer(None), videos) == []
    assert Event.objects.count() == before


def test_others_keep_what_they_did(videos, ada):
    api.record("like", ada, videos[0])
    api.record("like", api.Viewer("session:other"), videos[0])
    api.drop(ada, videos)
    assert Interaction.objects.get().viewer_key == "session:other"
    assert figures(videos[0]) == (0, 0, 1)


def test_a_dismissal_taken_back_earns_no_interest(videos, ada):
    api.record("dismiss", ada, videos[0])
    api.record("undismiss", ada, videos[0])
    assert not UserCategoryInterest.objects.filter(score__gt=0).exists()


def test_unlearning_more_than_there_is_leaves_room_for_new_interest(videos, ada):
    api.record("like", ada, videos[0])
    UserCategoryInterest.objects.update(score=0)
    api.drop(ada, videos)
    assert interest()[0] == 0


def test_of_what_is_gone_only_keys_stay_and_the_graph_is_told(videos, ada):
    gone, stays, _ = videos
    creator = registry.creator(gone.creator)
    api.record("watch", ada, gone, value=0.8)
    before = outbox.newest()

    api.erase_words([gone], [creator])

    assert list(Item.objects.filter(key=key_of(gone)).values_list("live", "title", "text")) == [
        (False, "", "")
    ]
    assert Item.objects.get(key=key_of(stays)).title == stays.title
    assert Facet.objects.get(key=creator.key).name == ""
    assert Interaction.objects.get().item_key == key_of(gone)
    told = outbox.changes(list(Event.objects.filter(pk__gt=before)))
    assert [(state.key, state.title) for state in told.items if not state.live] == [
        (key_of(gone), "")
    ]
    names = {f.name for state in told.items for f in state.facets if f.key == creator.key}
    assert names == {""}
