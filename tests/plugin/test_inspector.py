"""The feed inspector: whose feed, what the stages say, and what is tried before it is published."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.models import ModelLogEntry

from recommendations_plugin import api
from recommendations_plugin.models import EditorialRule, Event, Facet, Impression, Item

pytestmark = pytest.mark.django_db

ADDRESS = reverse("recommendations_inspect")


@pytest.fixture
def sign_in(make_user, client):
    def make(*permissions):
        user = make_user("ed")
        wanted = Permission.objects.filter(codename__in=["access_admin", *permissions])
        user.user_permissions.add(*wanted)
        client.force_login(user)
        return user

    return make


@pytest.fixture
def videos(make_video, parent_categories):
    names = ["Jazz"] * 3 + ["Bread"] * 3
    return [make_video(f"{name} {n}", categories=[name]) for n, name in enumerate(names)]


def item(video):
    return Item.objects.get(key=api.key_of(video))


def titles(answer):
    return [card["line"].title for card in answer.context["cards"]]


def ask(client, **given):
    return client.post(ADDRESS, {"persona": "newcomer", "placement": "home", **given})


def test_without_the_permission_it_is_denied_and_the_menu_says_nothing_of_it(sign_in, client):
    sign_in("view_item")
    assert client.get(ADDRESS).status_code == 302
    assert client.post(ADDRESS, {"persona": "newcomer"}).status_code == 302
    assert ADDRESS not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_a_newcomers_feed_says_what_each_part_adds(sign_in, client, videos):
    sign_in("inspect_feed")
    assert ADDRESS in client.get(reverse("wagtailadmin_home")).content.decode()
    music = Facet.objects.get(name="Music").key
    events = Event.objects.count()
    answer = ask(client, interests=[music])
    assert {*titles(answer)[:3]} == {"Jazz 0", "Jazz 1", "Jazz 2"}
    first = answer.context["cards"][0]
    assert sum(first["adds"]) == pytest.approx(first["line"].score)
    assert "For your interest in Music" in answer.content.decode()
    assert (Event.objects.count(), Impression.objects.count()) == (events, 0)


def test_somebody_who_watched_is_not_shown_that_again(sign_in, client, videos):
    sign_in("inspect_feed")
    answer = ask(client, persona="history", watched_1=item(videos[0]).pk)
    assert "Jazz 0" not in titles(answer)
    assert len(titles(answer)) == 5


def test_a_rule_and_weights_are_tried_without_being_published(sign_in, client, videos):
    sign_in("inspect_feed")
    pin = {"kind": "pin", "item": item(videos[0]).pk, "position": 2}
    assert titles(ask(client, **pin))[1] == "Jazz 0"
    jazz = Facet.objects.get(name="Jazz").pk
    answer = ask(client, kind="exclude", facet=jazz)
    assert {*titles(answer)} == {"Bread 3", "Bread 4", "Bread 5"}
    reasons = {line.title: str(why) for line, why, _rules in answer.context["dropped"]}
    assert reasons == {f"Jazz {n}": "A rule excludes it" for n in range(3)}
    weighed = ask(client, weight_freshness=10).context["cards"][0]["line"]
    assert weighed.adds["freshness"] == pytest.approx(10, rel=0.01)
    assert not EditorialRule.objects.exists()
    assert len(titles(ask(client))) == 6


def test_a_persons_feed_needs_its_own_permission_and_is_logged(
    sign_in, client, videos, make_user, parent_categories
):
    editor = sign_in("inspect_feed")
    ada = make_user("ada", interests=[parent_categories["Cooking"]])
    api.record("like", api.viewer(ada), videos[5])
    assert "persona" in ask(client, persona="viewer", viewer="ada").context["form"].errors
    editor.user_permissions.add(Permission.objects.get(codename="inspect_viewer"))
    answer = ask(client, persona="viewer", viewer="Ada@example.org")
    assert "Bread 5" not in titles(answer)
    assert {*titles(answer)[:2]} == {"Bread 3", "Bread 4"}
    (entry,) = ModelLogEntry.objects.filter(action="recommendations.inspect_viewer")
    assert (entry.user, entry.object_id) == (editor, str(ada.pk))
    api.set_learning(api.viewer(ada), "off")
    closed = ask(client, persona="viewer", viewer="ada")
    assert "switched recommendations off" in closed.content.decode()
    make_user("adam")
    assert "Several are found" in ask(client, persona="viewer", viewer="ad").content.decode()
    assert ModelLogEntry.objects.filter(action="recommendations.inspect_viewer").count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"persona": "nobody"},
        {"placement": "No!"},
        {"interests": ["\0", "x" * 300]},
        {"persona": "viewer", "viewer": "\0"},
        {"kind": "pin"},
        {"kind": "boost", "item": 2**63},
        {"weight_similarity": "nan"},
        {"position": 10**30, "kind": "pin"},
        {"strength": "inf"},
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(given, sign_in, client, videos):
    sign_in("inspect_feed", "inspect_viewer")
    answer = ask(client, **given)
    assert answer.status_code == 200
    assert answer.context["form"].errors
