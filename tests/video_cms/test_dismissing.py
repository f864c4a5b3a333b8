"""“Not interested”, in place and as a page, for a video and for all of a creator's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from recommendations_plugin import api
from recommendations_plugin.models import Interaction, Muting

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(params=["member", "visitor"])
def browser(request: Any, client: Client, make_user: Any) -> Client:
    """Somebody's browser: with an account, or without."""
    if request.param == "member":
        client.force_login(make_user("ada"))
    return client


@pytest.fixture
def videos(make_video: Any, make_user: Any) -> None:
    loud = make_user("loud").profile
    for number in range(3):
        make_video(f"Loud {number}", video_id=f"loud-{number}", creator=loud)
    make_video("Quiet", video_id="quiet")


def feed(browser: Client) -> str:
    answer = browser.get("/feed/?number=12")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_dismissed_video_leaves_and_an_undo_brings_it_back_in_place(
    browser: Client, videos: None
) -> None:
    assert ">Quiet<" in feed(browser)
    gone = browser.post("/video/quiet/dismiss/", headers=HTMX).content.decode()
    assert "<html" not in gone
    assert 'action="/video/quiet/undismiss/"' in gone
    assert 'id="announce"' in gone
    assert ">Quiet<" not in feed(browser)
    back = browser.post("/video/quiet/undismiss/", headers=HTMX).content.decode()
    assert ">Quiet<" in back
    assert "Not interested" in back, "it can be dismissed again"
    assert ">Quiet<" in feed(browser)


def test_without_javascript_a_page_says_so_and_undoes(browser: Client, videos: None) -> None:
    here = "/feed/?number=12"
    page = browser.post("/video/quiet/dismiss/", {"next": here}).content.decode()
    assert "<html" in page
    assert f'value="{here}"' in page
    assert ">Quiet<" not in feed(browser)
    assert browser.post("/video/quiet/undismiss/", {"next": here})["Location"] == here
    assert ">Quiet<" in feed(browser)


def test_all_of_a_creators_videos_leave_and_come_back(
    browser: Client, videos: None, make_video: Any
) -> None:
    from video_cms.models import CreatorProfile

    assert ">Loud 1<" in feed(browser)
    gone = browser.post("/profile/loud/dismiss/?video=loud-1", headers=HTMX).content.decode()
    assert "loud will not be recommended" in gone
    make_video("Loud, again", creator=CreatorProfile.objects.get(user__username="loud"))
    assert "Loud" not in feed(browser).replace("Loud 1 is", "")
    assert ">Quiet<" in feed(browser)
    back = browser.post("/profile/loud/undismiss/", {"video": "loud-1"}, headers=HTMX)
    assert ">Loud 1<" in back.content.decode()
    assert ">Loud 2<" in feed(browser)


@pytest.mark.parametrize("path", ["/video/nothing/dismiss/", "/profile/nobody/dismiss/"])
def test_what_is_not_there_cannot_be_dismissed(path: str, browser: Client, videos: None) -> None:
    assert browser.post(path).status_code == 404
    assert not Muting.objects.exists()


@pytest.mark.parametrize("video", ["secret", "a\0b", "x" * 5000])
def test_34_a_card_is_given_back_only_of_what_may_be_seen(
    video: str, browser: Client, videos: None, make_video: Any
) -> None:
    make_video("Secret", video_id="secret", visibility="private")
    answer = browser.post("/profile/loud/dismiss/", {"video": video}, headers=HTMX)
    assert "Secret" not in answer.content.decode()
    assert browser.post("/video/secret/dismiss/").status_code == 404


@pytest.mark.parametrize("path", ["/video/quiet/dismiss/", "/profile/loud/dismiss/"])
def test_with_personal_feeds_off_nothing_is_noted_and_that_is_said(
    path: str, client: Client, videos: None, make_user: Any
) -> None:
    ada = make_user("ada")
    client.force_login(ada)
    assert "Not interested" in feed(client)
    api.set_learning(api.viewer(ada), "off")
    assert "Not interested" not in feed(client)
    said = client.post(path, {"next": "/feed/"}, follow=True).content.decode()
    assert "Not noted" in said
    assert client.post(path, headers=HTMX)["HX-Redirect"] == "/explore/"
    assert not Muting.objects.exists()
    assert not Interaction.objects.exists()


def test_what_a_visitor_dismissed_stays_dismissed_after_signing_up(
    client: Client, videos: None, parent_categories: Any
) -> None:
    client.post("/video/quiet/dismiss/")
    client.post("/profile/loud/dismiss/")
    fields = {
        "username": "newcomer",
        "email": "newcomer@example.org",
        "password1": "a long enough secret",
        "password2": "a long enough secret",
        "parent_categories": [parent_categories["Music"].pk],
    }
    assert client.post("/accounts/signup/", fields).status_code == 302
    assert "_auth_user_id" in client.session
    for title in (">Quiet<", ">Loud 1<"):
        assert title not in feed(client)
