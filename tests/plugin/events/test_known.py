"""What a viewer is told is known of them, and taking single things out of it."""

from __future__ import annotations

import json

import pytest

from recommendations_plugin import api, registry
from recommendations_plugin.events import outbox
from recommendations_plugin.types import Learning, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(make_video, parent_categories):
    names = ["Jazz", "Bread"]
    made = [make_video(f"{name} {n}", categories=[name]) for name in names for n in range(5)]
    return {video.title: video for video in made}


@pytest.fixture(params=["user", "session"])
def viewer(request, make_user):
    return api.viewer(make_user("ada")) if request.param == "user" else api.Viewer("session:abc")


def names(interests):
    return [interest.facet.name for interest in interests]


def test_of_nobody_and_of_newcomers_nothing_is_known(viewer):
    for who in (api.viewer(None), viewer):
        known = api.known_of(who)
        assert known.learning is Learning.ON
        assert not known.interests
        assert not known.signals
        assert known.number_of_signals == 0


def test_interests_say_where_they_come_from(viewer, videos, parent_categories):
    api.set_interests(viewer, [registry.parent_category(parent_categories["Cooking"])])
    for number in range(5):
        api.record("watch", viewer, videos[f"Jazz {number}"], value=0.9)
    api.record("watch", viewer, videos["Bread 0"], value=0.1)
    cooking, music = api.known_of(viewer).interests
    assert names([cooking, music]) == ["Cooking", "Music"]
    assert (cooking.chosen, cooking.score, cooking.interactions) == (True, 1.0, 0)
    assert cooking.sources == (), "a short look earns nothing"
    assert (music.chosen, round(music.score, 3), music.interactions) == (False, 0.5, 5)
    assert list(music.sources) == [key_of(videos[f"Jazz {n}"]) for n in (4, 3, 2)]


def test_signals_stand_newest_first_with_what_was_done(viewer, videos):
    api.record("watch", viewer, videos["Jazz 0"], value=0.4)
    api.record("dismiss", viewer, videos["Jazz 1"])
    api.record("like", viewer, videos["Jazz 2"])
    api.record("unlike", viewer, videos["Jazz 2"])
    known = api.known_of(viewer)
    assert [(s.title, s.portion, s.liked, s.dismissed) for s in known.signals] == [
        ("Jazz 1", 0.0, False, True),
        ("Jazz 0", 0.4, False, False),
    ]
    assert known.number_of_signals == 2
    assert [s.title for s in api.known_of(viewer, limit=1, offset=1).signals] == ["Jazz 0"]


def test_the_title_of_what_is_withdrawn_is_not_told(viewer, videos):
    api.record("like", viewer, videos["Jazz 0"])
    videos["Jazz 0"].unpublish()
    known = api.known_of(viewer)
    assert known.signals[0].title == ""
    assert known.interests == [] or known.interests[0].sources == ()


def test_follows_and_muted_creators_are_told(viewer, videos, make_user):
    creator = registry.creator(videos["Jazz 0"].creator)
    muted = registry.creator(make_user("loud").profile)
    api.record("follow", viewer, creator)
    api.record("mute", viewer, muted)
    known = api.known_of(viewer)
    assert (known.follows, known.muted) == ([creator], [muted])


def test_a_dropped_interest_changes_the_next_feed_and_comes_back_as_it_was(
    viewer, videos, parent_categories
):
    api.set_interests(viewer, [registry.parent_category(parent_categories["Cooking"])])
    api.record("watch", viewer, videos["Jazz 0"], value=0.9)
    api.record("watch", viewer, videos["Bread 0"], value=0.9)
    before = api.known_of(viewer).interests

    def feed():
        return [found.object.title.split()[0] for found in api.recommend(viewer, limit=4).items]

    assert feed() == ["Bread"] * 4
    dropped = api.drop_interests(viewer, [before[0].facet])
    assert names(api.known_of(viewer).interests) == ["Music"]
    assert feed() == ["Jazz"] * 4
    api.restore_interests(viewer, dropped)
    assert api.known_of(viewer).interests == before
    assert feed() == ["Bread"] * 4


def test_a_dropped_interest_can_be_earned_again_but_taking_old_signals_back_costs_nothing(
    viewer, videos
):
    api.record("like", viewer, videos["Jazz 0"])
    [interest] = api.known_of(viewer).interests
    api.drop_interests(viewer, [interest.facet])
    api.drop(viewer, [videos["Jazz 0"]])
    api.record("watch", viewer, videos["Jazz 1"], value=0.9)
    [again] = api.known_of(viewer).interests
    assert round(again.score, 3) == 0.1


def test_a_dropped_interest_leaves_the_graph(viewer, videos):
    api.record("like", viewer, videos["Jazz 0"])
    outbox.complete(list(outbox.pending()))
    api.drop_interests(viewer, [api.known_of(viewer).interests[0].facet])
    [state] = outbox.changes(list(outbox.pending())).viewers
    assert not state.interests


def test_the_export_is_plain_data_and_holds_everything(viewer, videos, parent_categories):
    for title in videos:
        api.record("watch", viewer, videos[title], value=0.9)
    api.record("follow", viewer, registry.creator(videos["Jazz 0"].creator))
    api.set_learning(viewer, "paused")
    data = json.loads(json.dumps(api.export(viewer)))
    assert data["learning"] == "paused"
    assert len(data["signals"]) == data["number_of_signals"] == len(videos)
    assert data["signals"][0]["at"].startswith("20")
    assert data["interests"][0]["facet"]["kind"] == "parent_category"
    assert data["follows"][0]["name"] == "maker"


def test_the_number_of_queries_is_constant(viewer, videos, django_assert_max_num_queries):
    for title in videos:
        api.record("like", viewer, videos[title])
    with django_assert_max_num_queries(9):
        api.known_of(viewer)
