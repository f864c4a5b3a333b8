"""“My recommendations”: seen, removed bit by bit, paused, switched off, taken away, reset."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations_plugin import api, registry
from recommendations_plugin.models import Interaction, UserCategoryInterest
from recommendations_plugin.types import Learning
from video_cms import engagement
from video_cms.models import VideoPage

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PAGE = "/my-recommendations/"


@pytest.fixture
def ada(make_user: Any, parent_categories: Any) -> Any:
    return make_user("ada", interests=[parent_categories["Cooking"]])


@pytest.fixture
def videos(make_video: Any, parent_categories: Any) -> dict[str, VideoPage]:
    made = [
        make_video(f"{name} {n}", categories=[name]) for name in ("Jazz", "Bread") for n in (1, 2)
    ]
    return {video.title: video for video in made}


@pytest.fixture
def member(client: Client, ada: Any, videos: Any) -> Client:
    """The browser of a viewer who chose Cooking and watched some jazz."""
    engagement.watch(api.viewer(ada), videos["Jazz 1"], portion=0.9, seconds=9)
    engagement.follow(ada, videos["Jazz 1"].creator)
    client.force_login(ada)
    return client


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return str(response.content.decode())


def key_of(name: str) -> str:
    return str(UserCategoryInterest.objects.get(category__name=name).category.key)


def token_in(fragment: str) -> str:
    return fragment.split('name="token" value="')[1].split('"')[0]


def interests(viewer: api.Viewer) -> list[str]:
    return [interest.facet.name for interest in api.known_of(viewer).interests]


# --- seeing -------------------------------------------------------------------------------------


def test_it_says_what_is_known_and_where_it_comes_from(member: Client) -> None:
    answer = member.get(PAGE)
    page = text(answer)
    assert answer["Cache-Control"] == "private, no-store"
    for words in ("<h3>Cooking</h3>", "You chose this.", "<h3>Music</h3>", "Watched 90%"):
        assert words in page
    assert page.count(">Jazz 1</a>") == 2, "as a signal and as the interest's source"
    assert ">maker</a>" in page


def test_it_is_linked_from_the_account_menu_and_the_feeds_note(member: Client) -> None:
    assert text(member.get("/feed/")).count(f'href="{PAGE}"') == 2


def test_newcomers_and_visitors_are_told_that_nothing_is_known(
    client: Client, make_user: Any, videos: Any
) -> None:
    assert "Nothing is known of you yet" in text(client.get(PAGE))
    assert "recommendations_viewer" not in client.session, "looking sets no name"
    client.force_login(make_user("new"))
    assert "Nothing is known of you yet" in text(client.get(PAGE))


@pytest.mark.parametrize("hidden", ["private", "draft"])
def test_34_what_is_hidden_now_is_not_named_but_can_be_forgotten(
    hidden: str, member: Client, videos: Any, ada: Any
) -> None:
    change = {"visibility": "private"} if hidden == "private" else {"live": False}
    VideoPage.objects.filter(title="Jazz 1").update(**change)
    page = text(member.get(PAGE))
    assert "Jazz 1" not in page
    assert "A video that is no longer available" in page
    key = api.key_of(videos["Jazz 1"])
    assert member.post(f"{PAGE}signals/", {"key": key}).status_code == 200
    assert api.known_of(api.viewer(ada)).number_of_signals == 0


def test_long_lists_have_pages_and_wrong_numbers_are_forgiven(
    member: Client, ada: Any, make_video: Any
) -> None:
    for number in range(35):
        api.record("watch", api.viewer(ada), make_video(f"Walk {number}"), value=0.5)
    first = text(member.get(PAGE))
    assert ("Walk 34" in first, ">Walk 1<" in first) == (True, False)
    assert ">Walk 1<" in text(member.get(f"{PAGE}?page=2"))
    for wrong in ("0", "-1", "abc", "999999999", "9" * 5000, "²", "%00"):
        text(member.get(f"{PAGE}?page={wrong}"))


# --- removing -----------------------------------------------------------------------------------


def test_removing_an_interest_changes_the_next_feed_and_the_profile(
    member: Client, ada: Any, videos: Any
) -> None:
    viewer = api.viewer(ada)
    assert "Bread" in api.recommend(viewer, limit=1).items[0].object.title
    gone = text(member.post(f"{PAGE}interest/", {"key": key_of("Cooking")}, headers=HTMX))
    assert "<html" not in gone
    assert interests(viewer) == ["Music"]
    assert not ada.profile.parent_categories.exists()
    assert "Jazz" in api.recommend(viewer, limit=1).items[0].object.title

    back = text(member.post(f"{PAGE}restore/", {"token": token_in(gone)}, headers=HTMX))
    assert 'id="interests"' in back
    assert interests(viewer) == ["Cooking", "Music"]
    assert [str(one) for one in ada.profile.parent_categories.all()] == ["Cooking"]
    member.post(f"{PAGE}restore/", {"token": token_in(gone)})
    assert api.known_of(viewer).interests[0].score == 1.0, "twice is as good as once"


def test_removing_a_signal_takes_back_what_it_earned_and_leaves_the_history(
    member: Client, ada: Any, videos: Any
) -> None:
    viewer, key = api.viewer(ada), api.key_of(videos["Jazz 1"])
    page = text(member.post(f"{PAGE}signals/", {"key": key}))
    assert "<html" in page
    assert interests(viewer) == ["Cooking"]
    assert ">Jazz 1<" in text(member.get("/history/"))

    answer = member.post(f"{PAGE}restore/", {"token": token_in(page)}, follow=True)
    assert "It is back." in text(answer)
    assert interests(viewer) == ["Cooking", "Music"]
    assert Interaction.objects.get(viewer_key=viewer.key).portion == 0.9


@pytest.mark.parametrize("key", ["", "x", "a\0b", "video_cms.videopage:0", ":" + "9" * 5000, ":²"])
@pytest.mark.parametrize("action", ["interest", "signals"])
def test_20_a_wrong_key_removes_nothing(action: str, key: str, member: Client, ada: Any) -> None:
    before = api.export(api.viewer(ada))
    assert member.post(f"{PAGE}{action}/", {"key": key}).status_code == 404
    assert api.export(api.viewer(ada)) == before


def test_40_nobody_takes_or_restores_anything_of_others(
    member: Client, ada: Any, make_user: Any, videos: Any
) -> None:
    gone = text(member.post(f"{PAGE}interest/", {"key": key_of("Cooking")}, headers=HTMX))
    bea = Client()
    assert bea.post(f"{PAGE}restore/", {"token": token_in(gone)}).status_code == 404
    bea.force_login(make_user("bea"))
    for wrong in (token_in(gone), "", "forged", "a\0b"):
        assert bea.post(f"{PAGE}restore/", {"token": wrong}).status_code == 404
    key = api.key_of(videos["Jazz 1"])
    assert bea.post(f"{PAGE}signals/", {"key": key}).status_code == 404
    assert interests(api.viewer(ada)) == ["Music"]
    assert "Jazz 1" not in text(bea.get(PAGE))


def test_a_muted_creator_is_allowed_again(member: Client, ada: Any, make_user: Any) -> None:
    make_user("loud")
    member.post("/profile/loud/dismiss/")
    assert "Never recommended to you" in text(member.get(PAGE))
    answer = member.post("/profile/loud/undismiss/", {"next": PAGE}, follow=True)
    assert "may be recommended to you again" in text(answer)
    assert not api.known_of(api.viewer(ada)).muted


# --- the switch ---------------------------------------------------------------------------------


def choose(client: Client, choice: str) -> str:
    return text(client.post(f"{PAGE}learning/", {"learning": choice}, follow=True))


def test_paused_nothing_new_counts(member: Client, ada: Any, videos: Any) -> None:
    page = choose(member, "paused")
    assert "Learning is paused" in page
    assert re.search(r'value="paused"[^>]* checked', page)
    engagement.like(ada, videos["Jazz 2"])
    assert api.known_of(api.viewer(ada)).number_of_signals == 1


def test_off_the_feed_is_everybodys_and_back_on_all_is_as_before(
    member: Client, ada: Any, videos: Any, parent_categories: Any
) -> None:
    viewer = api.viewer(ada)
    before = api.export(viewer)
    page = choose(member, "off")
    assert "set aside" in page
    assert "the same for everybody" in text(member.get("/feed/"))
    engagement.unfollow(ada, videos["Jazz 1"].creator)
    engagement.follow(ada, videos["Jazz 1"].creator)
    ada.profile.parent_categories.add(parent_categories["Nature"])
    choose(member, "on")
    after = api.export(viewer)
    assert after["follows"] == before["follows"], "who is followed now is told again"
    assert interests(viewer) == ["Cooking", "Nature", "Music"]
    assert after["signals"] == before["signals"]


def test_visitors_without_an_account_choose_too_and_it_becomes_theirs(
    client: Client, ada: Any
) -> None:
    choose(client, "paused")
    client.post("/accounts/login/", {"login": "ada", "password": "secret"})
    assert api.learning_of(api.viewer(ada)) is Learning.PAUSED


@pytest.mark.parametrize("choice", ["", "perhaps", "a\0b"])
def test_an_unknown_choice_changes_nothing(choice: str, member: Client, ada: Any) -> None:
    assert "Choose one of the three." in choose(member, choice)
    assert api.learning_of(api.viewer(ada)) is Learning.ON


# --- taking along, starting afresh --------------------------------------------------------------


def test_the_export_is_a_file_with_all_of_it(member: Client, client: Client) -> None:
    answer = member.get(f"{PAGE}export/")
    assert answer["Content-Disposition"].startswith('attachment; filename="my-recommendations-')
    assert answer["Cache-Control"] == "private, no-store"
    data = json.loads(answer.content)
    assert data["signals"][0]["title"] == "Jazz 1"
    assert json.loads(Client().get(f"{PAGE}export/").content)["signals"] == []


@pytest.mark.parametrize("choice", ["on", "off"])
def test_a_reset_asks_first_and_leaves_the_choice_and_what_is_kept(
    choice: str, member: Client, ada: Any
) -> None:
    viewer = api.viewer(ada)
    choose(member, choice)
    assert "Start afresh?" in text(member.get(f"{PAGE}reset/"))
    assert interests(viewer) == ["Cooking", "Music"]
    assert "Everything is forgotten" in text(member.post(f"{PAGE}reset/", follow=True))
    assert not interests(viewer)
    assert not ada.profile.parent_categories.exists()
    assert api.learning_of(viewer) == choice
    assert len(api.known_of(viewer).follows) == (choice == "on")
    assert ">Jazz 1<" in text(member.get("/history/"))


@pytest.mark.parametrize("action", ["learning", "interest", "signals", "restore"])
def test_39_changes_are_posts_with_a_token(action: str, member: Client, ada: Any) -> None:
    assert member.get(f"{PAGE}{action}/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(f"{PAGE}{action}/").status_code == 403


# --- without an account -------------------------------------------------------------------------


@pytest.mark.parametrize("keep_history", [True, False])
def test_what_a_visitor_did_becomes_theirs_when_they_sign_in(
    keep_history: bool, client: Client, ada: Any, videos: Any
) -> None:
    from video_cms.models import Preferences

    Preferences.objects.create(user=ada, keep_history=keep_history)
    report = {"watch_time": "0.9", "watched_duration": "9"}
    client.post("/video/video-1/watch/", report)
    client.post("/video/video-3/dismiss/")
    page = text(client.get(PAGE))
    assert "Watched 90%" in page
    assert "Not interested" in page

    client.post("/accounts/login/", {"login": "ada", "password": "secret"})

    page = text(client.get(PAGE))
    assert ("Watched 90%" in page) is keep_history
    assert "Not interested" in page
    assert (">Jazz 1<" in text(client.get("/history/"))) is keep_history
    assert "Bread 1" not in text(client.get("/feed/"))
    assert not Interaction.objects.filter(viewer_key__startswith="session:").exists()


# --- cost ---------------------------------------------------------------------------------------


def test_the_number_of_queries_is_constant(
    member: Client, ada: Any, make_user: Any, make_video: Any, parent_categories: Any
) -> None:
    def fill(numbers: range) -> None:
        for number in numbers:
            maker = make_user(f"maker-{number}").profile
            video = make_video(f"Walk {number}", creator=maker, categories=["Birds", "Folk"])
            engagement.like(ada, video)
            engagement.follow(ada, maker)
            api.record("mute", api.viewer(ada), registry.creator(maker))

    def count() -> int:
        member.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            text(member.get(PAGE))
        return len(queries)

    fill(range(3))
    few = count()
    fill(range(3, 25))
    assert count() == few
    assert few < 30
