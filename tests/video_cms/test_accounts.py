"""Signing up with interests, and the look of every account page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client

from recommendations_plugin.models import UserCategoryInterest

pytestmark = pytest.mark.django_db

PERSON = {"username": "ada", "email": "ada@example.org", "password1": "walk-the-dog-9"}


def sign_up(client: Client, **fields: Any) -> Any:
    return client.post("/accounts/signup/", {**PERSON, **fields})


def test_sign_up_offers_subjects_as_tiles(
    client: Client, site_tree: Any, parent_categories: Any
) -> None:
    page = client.get("/accounts/signup/").content.decode()

    assert page.count('name="interests"') == 3
    assert "icons.svg#" in page


def test_sign_up_with_interests_makes_the_home_feed_personal_at_once(
    client: Client, make_video: Any, parent_categories: Any
) -> None:
    make_video("A jazz evening", categories=["Jazz"])
    make_video("Owls", categories=["Birds"])
    nature = parent_categories["Nature"]

    answer = sign_up(client, interests=[nature.slug])

    assert answer.status_code == 302
    ada = get_user_model().objects.get(username="ada")
    assert list(ada.profile.parent_categories.all()) == [nature]
    assert UserCategoryInterest.objects.get().chosen
    home = client.get("/").content.decode()
    assert "Owls" in home
    assert "Chosen from what you like." in home


def test_interests_may_be_left_for_later(client: Client, site_tree: Any) -> None:
    assert sign_up(client).status_code == 302
    assert get_user_model().objects.get().profile.parent_categories.count() == 0


@pytest.mark.parametrize("interest", ["999", "x", "-1", "1\0", str(2**63)])
def test_unknown_interests_are_refused(interest: str, client: Client, site_tree: Any) -> None:
    assert sign_up(client, interests=[interest]).status_code == 200
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("username", ["edit", "Edit", "a b", "ünal", "a/b", "<b>"])
def test_user_names_are_addresses(username: str, client: Client, site_tree: Any) -> None:
    page = sign_up(client, username=username)

    assert page.status_code == 200
    assert not get_user_model().objects.exists()


def test_sign_up_takes_no_other_fields(client: Client, site_tree: Any) -> None:
    sign_up(client, is_staff="on", is_superuser="on", verified="on", groups="1")

    ada = get_user_model().objects.get()
    assert {ada.is_staff, ada.is_superuser, ada.profile.verified} == {False}
    assert not ada.groups.exists()


def test_sign_in_and_reset_do_not_tell_which_addresses_exist(
    client: Client, make_user: Any, site_tree: Any
) -> None:
    make_user("ada")

    def tried(login: str) -> str:
        answer = client.post("/accounts/login/", {"login": login, "password": "wrong-password"})
        return str(answer.context["form"].non_field_errors())

    assert tried("ada@example.org") == tried("nobody@example.org")

    def asked(email: str) -> tuple[int, str]:
        answer = client.post("/accounts/password/reset/", {"email": email})
        return answer.status_code, answer["Location"]

    assert asked("ada@example.org") == asked("nobody@example.org")
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-bad/",
        "/accounts/password/reset/key/done/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/bad/",
        "/accounts/inactive/",
    ],
)
def test_pages_for_visitors_have_the_sites_look(path: str, client: Client, site_tree: Any) -> None:
    assert_styled(client.get(path))


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/logout/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/reauthenticate/",
    ],
)
def test_pages_for_members_have_the_sites_look(
    path: str, client: Client, make_user: Any, site_tree: Any
) -> None:
    client.force_login(make_user("ada"))
    assert_styled(client.get(path, follow=True))


def assert_styled(answer: Any) -> None:
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "css/site.css" in page
    assert 'class="narrow panel' in page
    assert 'class="skip"' in page
    assert "style=" not in page
    for field in page.split("<input ")[1:]:
        kind = field.split(">")[0]
        if 'type="hidden"' not in kind and 'type="search"' not in kind:
            name = kind.split('id="')[1].split('"')[0]
            assert f'for="{name}"' in page, f"{name} has no label"


def test_signing_in_returns_to_this_site_only(
    client: Client, make_user: Any, site_tree: Any
) -> None:
    make_user("ada")
    for wanted in ("//evil.example", "https:evil"):
        answer = client.post(
            f"/accounts/login/?next={wanted}",
            {"login": "ada", "password": "secret", "next": wanted},
        )
        assert "evil" not in answer["Location"]
        client.logout()


def test_signing_out_needs_a_post(client: Client, make_user: Any, site_tree: Any) -> None:
    client.force_login(make_user("ada"))

    client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session
