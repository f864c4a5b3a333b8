"""Whether the recommender may learn: pausing, switching off, and what is still heard then."""

from __future__ import annotations

import pytest

from recommendations_plugin import api, registry
from recommendations_plugin.events import outbox
from recommendations_plugin.models import (
    Event,
    Following,
    Interaction,
    LearningChoice,
    Muting,
    UserCategoryInterest,
)
from recommendations_plugin.types import Kind, Learning, Signal, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(make_video, parent_categories):
    made = [
        make_video(f"{name} {n}", categories=[name]) for name in ("Jazz", "Bread") for n in "12"
    ]
    return {video.title: video for video in made}


@pytest.fixture(params=["user", "session"])
def viewer(request, make_user):
    """Whoever it is, the choice is theirs."""
    return api.viewer(make_user("ada")) if request.param == "user" else api.Viewer("session:abc")


def titles(feed):
    return [recommendation.object.title for recommendation in feed.items]


def tell_everything(viewer, video, parent):
    for kind in ("watch", "like", "dismiss", "follow", "mute"):
        about_facet = kind in ("follow", "mute")
        target = registry.creator(video.creator) if about_facet else video
        api.record(kind, viewer, target, value=0.9)
    api.set_interests(viewer, [registry.parent_category(parent)])


def test_learning_is_on_until_a_viewer_says_otherwise(viewer):
    assert api.learning_of(viewer) is Learning.ON
    for choice in ("off", "paused", "on"):
        api.set_learning(viewer, choice)
        assert api.learning_of(viewer) == choice
    assert LearningChoice.objects.get().viewer_key == viewer.key


def test_a_choice_needs_somebody_and_a_known_word(viewer):
    with pytest.raises(api.InvalidSignal):
        api.set_learning(api.viewer(None), "off")
    with pytest.raises(ValueError, match="sometimes"):
        api.set_learning(viewer, "sometimes")
    assert not LearningChoice.objects.exists()


def test_switched_off_nothing_is_noted(viewer, videos, parent_categories):
    api.set_learning(viewer, "off")
    before = Event.objects.count()
    tell_everything(viewer, videos["Jazz 1"], parent_categories["Music"])
    for table in (Interaction, UserCategoryInterest, Following, Muting):
        assert not table.objects.exists()
    assert Event.objects.count() == before


def test_paused_what_is_watched_and_liked_is_not_noted_but_what_is_asked_for_is(
    viewer, videos, parent_categories
):
    api.record("like", viewer, videos["Bread 1"])
    before = titles(api.recommend(viewer, limit=50))
    api.set_learning(viewer, "paused")
    api.record("watch", viewer, videos["Jazz 1"], value=0.9)
    api.record("like", viewer, videos["Jazz 1"])
    assert titles(api.recommend(viewer, limit=50)) == before
    tell_everything(viewer, videos["Jazz 2"], parent_categories["Music"])
    assert Interaction.objects.get(item_key=key_of(videos["Jazz 2"])).dismissed
    assert Following.objects.count() == Muting.objects.count() == 1
    assert UserCategoryInterest.objects.filter(chosen=True).count() == 1


@pytest.mark.parametrize("choice", ["paused", "off"])
def test_what_is_taken_back_is_heard_and_makes_nothing(choice, viewer, videos):
    api.record("like", viewer, videos["Jazz 1"])
    api.record("follow", viewer, registry.creator(videos["Jazz 1"].creator))
    api.set_learning(viewer, choice)
    api.record("unlike", viewer, videos["Jazz 1"])
    api.record("unfollow", viewer, registry.creator(videos["Jazz 1"].creator))
    assert not Interaction.objects.get().liked
    assert not Following.objects.exists()
    api.set_learning(viewer, "off")
    api.record("undismiss", viewer, videos["Bread 1"])
    assert Interaction.objects.count() == 1


def test_the_signals_of_others_in_a_batch_are_kept(viewer, videos):
    api.set_learning(viewer, "off")
    key = key_of(videos["Jazz 1"])
    api.record_many([Signal(Kind.LIKE, viewer.key, key), Signal(Kind.LIKE, "session:other", key)])
    assert Interaction.objects.get().viewer_key == "session:other"


def test_switched_off_feeds_are_those_of_nobody(viewer, videos, parent_categories):
    api.record("watch", viewer, videos["Jazz 1"], value=0.9)
    api.record("dismiss", viewer, videos["Bread 2"])
    api.record("like", api.Viewer("session:other"), videos["Bread 1"])
    personal, common = (api.recommend(who, limit=50) for who in (viewer, api.viewer(None)))
    assert titles(personal) != titles(common)
    api.set_learning(viewer, "off")
    for ask in (
        lambda who: api.recommend(who, limit=50),
        lambda who: api.similar(videos["Jazz 2"], who, limit=50),
    ):
        assert titles(ask(viewer)) == titles(ask(api.viewer(None)))
    api.set_learning(viewer, "on")
    assert titles(api.recommend(viewer, limit=50)) == titles(personal)


def test_switched_off_own_items_are_still_not_recommended(make_video, make_user):
    creator = make_user("cleo")
    make_video("Mine", creator=creator.profile)
    api.set_learning(api.viewer(creator), "off")
    assert "Mine" not in titles(api.recommend(api.viewer(creator), limit=50))


def pending_changes():
    events = list(outbox.pending())
    changes = outbox.changes(events)
    outbox.complete(events)
    return changes


def test_switched_off_the_graph_forgets_and_switched_on_it_knows_again(
    viewer, videos, parent_categories
):
    api.record("watch", viewer, videos["Jazz 1"], value=0.9)
    api.set_interests(viewer, [registry.parent_category(parent_categories["Cooking"])])
    pending_changes()
    api.set_learning(viewer, "off")
    off = pending_changes()
    assert off.forgotten == [viewer.key]
    assert not off.viewers
    assert not off.interactions
    assert not any(batch.viewers or batch.interactions for batch in outbox.everything())
    api.set_learning(viewer, "on")
    on = pending_changes()
    assert on.forgotten == [viewer.key]
    assert [state.portion for state in on.interactions] == [0.9]
    [state] = on.viewers
    assert len(state.interests) == 2


def test_a_repeated_erasure_keeps_interests_chosen_since(viewer, videos, parent_categories):
    api.forget(viewer)
    erasure = list(outbox.pending())
    api.set_interests(viewer, [registry.parent_category(parent_categories["Music"])])
    pending_changes()
    [state] = outbox.changes(erasure).viewers
    assert state.interests


def test_a_choice_made_before_signing_in_is_the_accounts_where_it_made_none(make_user, videos):
    session = api.Viewer("session:abc")
    api.record("watch", session, videos["Jazz 1"], value=0.9)
    api.set_learning(session, "off")
    new, old = api.viewer(make_user("new")), api.viewer(make_user("old"))
    api.set_learning(old, "on")
    api.merge(session, new)
    assert api.learning_of(new) is Learning.OFF
    assert not LearningChoice.objects.filter(viewer_key=session.key).exists()
    api.set_learning(session, "paused")
    api.merge(session, old)
    assert api.learning_of(old) is Learning.ON


def test_an_account_that_is_off_takes_nothing_over_from_a_session(make_user, videos):
    session, user = api.Viewer("session:abc"), api.viewer(make_user("ada"))
    api.set_learning(user, "off")
    api.record("like", session, videos["Jazz 1"])
    api.merge(session, user)
    assert not Interaction.objects.exists()
    assert api.learning_of(user) is Learning.OFF


def test_forgetting_takes_the_choice_along_and_a_reset_leaves_it(viewer, videos, parent_categories):
    tell_everything(viewer, videos["Jazz 1"], parent_categories["Music"])
    api.set_learning(viewer, "off")
    api.reset(viewer)
    for table in (Interaction, UserCategoryInterest, Following, Muting):
        assert not table.objects.exists()
    kinds = list(Event.objects.filter(viewer_key=viewer.key).values_list("kind", flat=True))
    assert kinds == ["forget"]
    assert api.learning_of(viewer) is Learning.OFF
    api.forget(viewer)
    assert not LearningChoice.objects.exists()
