"""Recording: what is written, counted, refused and rolled back."""

from __future__ import annotations

import math

import pytest
from django.db import transaction

from recommendations_plugin import api, registry
from recommendations_plugin.events import catalogue, outbox
from recommendations_plugin.events.facets import save_facets
from recommendations_plugin.models import Event, Facet, Interaction, Item, UserCategoryInterest
from recommendations_plugin.types import FacetKind, Kind, Signal, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(make_video, parent_categories):
    return make_video("Kettle song", categories=["Jazz"])


@pytest.fixture
def ada(make_user):
    return api.viewer(make_user("ada"))


def test_publishing_takes_a_video_into_the_catalogue_with_its_facets(make_video, parent_categories):
    video = make_video("Kettle song", categories=["Jazz"], publish=False)
    assert not Item.objects.exists()
    video.save_revision().publish()
    item = Item.objects.get(key=key_of(video))
    assert item.live
    kinds = sorted(item.facets.values_list("kind", flat=True))
    assert kinds == ["category", "creator", "parent_category"]


def test_watch_keeps_the_furthest_portion_and_one_row(video, ada):
    for portion in (0.2, 0.8, 0.5):
        api.record("watch", ada, video, value=portion)
    row = Interaction.objects.get()
    assert row.portion == 0.8
    item = Item.objects.get(key=key_of(video))
    assert (item.viewers, round(item.watch_time, 3)) == (1, 0.8)
    assert item.engagement == pytest.approx(0.48)


def test_like_twice_counts_once_and_unlike_takes_it_back(video, ada):
    api.record("like", ada, video)
    api.record("like", ada, video)
    assert Item.objects.get(key=key_of(video)).likes == 1
    api.record("unlike", ada, video)
    item = Item.objects.get(key=key_of(video))
    assert (item.likes, item.engagement) == (0, 0)


def test_a_view_raises_interest_and_a_like_raises_it_more(make_video, video, ada):
    def score():
        return UserCategoryInterest.objects.get(category__kind=FacetKind.PARENT_CATEGORY).score

    api.record("watch", ada, video, value=0.2)
    assert not UserCategoryInterest.objects.filter(score__gt=0).exists()
    api.record("watch", ada, video, value=0.5)
    after_view = score()
    api.record("like", ada, video)
    assert score() - after_view > after_view > 0
    assert UserCategoryInterest.objects.get().interaction_count == 2


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -0.1, 1.01])
def test_an_impossible_portion_is_refused_and_nothing_is_written(video, ada, value):
    before = Event.objects.count()
    with pytest.raises(api.InvalidSignal):
        api.record_many(
            [
                Signal(Kind.LIKE, ada.key, key_of(video)),
                Signal(Kind.WATCH, ada.key, key_of(video), value),
            ]
        )
    assert Event.objects.count() == before
    assert not Interaction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_68_a_rolled_back_transaction_leaves_no_event_and_queues_nothing(video, ada, queued):
    outbox.complete(list(outbox.pending()))
    queued.clear()
    with transaction.atomic():
        api.record("like", ada, video)
        transaction.set_rollback(True)
    assert not outbox.pending().exists()
    assert not queued
    api.record("like", ada, video)
    assert outbox.pending().count() == 1
    assert queued == [("recommendations_plugin.tasks.sync",)]


@pytest.mark.django_db(transaction=True)
def test_a_backlog_queues_one_sync_not_one_for_each_event(video, ada, queued):
    outbox.complete(list(outbox.pending()))
    queued.clear()
    for _ in range(5):
        api.record("like", ada, video)
    assert len(queued) == 1


def test_interests_can_be_chosen_and_changed(parent_categories, make_user):
    from recommendations_plugin import registry

    user = make_user("bo", interests=[parent_categories["Music"]])
    viewer = api.viewer(user)
    api.set_interests(viewer, [registry.parent_category(parent_categories["Nature"])])
    chosen = UserCategoryInterest.objects.filter(chosen=True)
    assert [str(row.category) for row in chosen] == ["Nature"]
    assert not UserCategoryInterest.objects.filter(category__name="Music", score__gt=0).exists()


def test_forgetting_leaves_nothing_of_a_viewer_and_restores_the_figures(video, ada):
    api.record("watch", ada, video, value=1)
    api.record("like", ada, video)
    api.forget(ada)
    assert not Interaction.objects.exists()
    assert not UserCategoryInterest.objects.exists()
    assert list(Event.objects.filter(viewer_key=ada.key).values_list("kind", flat=True)) == [
        "forget"
    ]
    item = Item.objects.get(key=key_of(video))
    assert (item.viewers, item.watch_time, item.likes) == (0, 0, 0)


def test_deleting_an_account_forgets_its_viewer(video, make_user):
    user = make_user("gone")
    key = api.viewer(user).key
    api.record("like", api.viewer(user), video)
    user.delete()
    assert not Interaction.objects.filter(viewer_key=key).exists()


def test_a_session_becomes_the_users_when_they_sign_in(video, make_user):
    session, user = api.Viewer("session:abc"), api.viewer(make_user("late"))
    api.record("watch", session, video, value=0.9)
    api.merge(session, user)
    row = Interaction.objects.get()
    assert (row.viewer_key, row.portion) == (user.key, 0.9)
    assert Item.objects.get(key=key_of(video)).viewers == 1


def test_what_is_no_item_cannot_be_liked(ada, make_user):
    with pytest.raises(api.InvalidSignal, match="not registered as an item"):
        api.record("like", ada, make_user("bo"))
    assert not Event.objects.exists()


def test_forgetting_nobody_leaves_the_catalogues_events_alone(video, ada):
    nobody = api.viewer(None)
    before = Event.objects.count()
    api.forget(nobody)
    api.merge(nobody, ada)
    with pytest.raises(api.InvalidSignal):
        api.set_interests(nobody, [])
    assert Event.objects.count() == before > 0


def test_a_facet_that_becomes_a_parent_category_is_one_from_then_on(video, parent_categories):
    parent = parent_categories["Music"]
    save_facets([registry.category(parent)])
    assert Facet.objects.get(name="Music").kind == FacetKind.CATEGORY
    save_facets([registry.parent_category(parent)])
    assert Facet.objects.get(name="Music").kind == FacetKind.PARENT_CATEGORY


def test_what_was_done_before_an_item_came_into_the_catalogue_counts_and_drift_is_repaired(
    make_video, parent_categories, ada
):
    video = make_video("Early", publish=False)
    api.record("watch", ada, video, value=0.5)
    api.record("like", ada, video)
    video.save_revision().publish()
    item = Item.objects.filter(key=key_of(video))
    assert item.values_list("viewers", "watch_time", "likes").get() == (1, 0.5, 1)
    item.update(likes=99, watch_time=0)
    catalogue.reconcile()
    assert item.values_list("viewers", "watch_time", "likes").get() == (1, 0.5, 1)
