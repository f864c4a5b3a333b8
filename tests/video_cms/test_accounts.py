"""Signing up with interests, and the look of every account page."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from recommendations_plugin import api
from recommendations_plugin.models import UserCategoryInterest

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
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


# --- what nobody learns (hostile case 41) -------------------------------------------------------


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed: what takes the time of an answer."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return seen


def answered(answer: Any, *names: str) -> tuple[int, str, str, list[str]]:
    """Return all that an answer shows, without what was typed and without tokens."""
    page = re.sub(r'csrf[^>]*value="[^"]+"', "", answer.content.decode())
    for name in names:
        page = page.replace(name, "…")
    location = answer.headers.get("Location", "") or answer.headers.get("HX-Redirect", "")
    return answer.status_code, location, page, sorted(answer.cookies)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
@pytest.mark.parametrize("known", ["ada", "ada@example.org"])
def test_signing_in_does_not_tell_who_has_an_account(
    known: str, headers: Any, make_user: Any, site_tree: Any, hashed: list[str]
) -> None:
    make_user("ada")

    def tried(login: str) -> Any:
        hashed.clear()
        fields = {"login": login, "password": "wrong-password"}
        answer = Client().post("/accounts/login/", fields, headers=headers)
        return answered(answer, login), len(hashed)

    assert tried(known) == tried(known.replace("ada", "bob"))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_asking_for_a_new_password_does_not_tell_who_has_an_account(
    headers: Any, make_user: Any, site_tree: Any, hashed: list[str]
) -> None:
    make_user("ada")

    def asked(email: str) -> Any:
        hashed.clear()
        mail.outbox.clear()
        answer = Client().post("/accounts/password/reset/", {"email": email}, headers=headers)
        return answered(answer, email), len(hashed), len(mail.outbox)

    assert asked("ada@example.org") == asked("nobody@example.org")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_signing_up_does_not_tell_which_addresses_have_an_account(
    headers: Any, make_user: Any, make_video: Any, settings: Any, hashed: list[str]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # as in production
    make_user("grace", email="ada@example.org")
    make_user("known")

    def tried(**fields: Any) -> Any:
        hashed.clear()
        mail.outbox.clear()
        client = Client()
        answer = client.post("/accounts/signup/", {**PERSON, **fields}, headers=headers)
        after = client.get("/accounts/confirm-email/")
        names = (fields["username"], fields["email"].lower())
        return answered(answer, *names), answered(after, *names), len(hashed), len(mail.outbox)

    new = tried(username="bob-77", email="bob@example.org")
    assert new == tried(username="eve-77", email="ADA@example.org")
    assert get_user_model().objects.filter(username="bob-77").exists()
    assert not get_user_model().objects.filter(username="eve-77").exists()


def test_until_the_address_is_confirmed_the_feed_is_personal_too(
    client: Client, make_video: Any, parent_categories: Any, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    make_video("Owls", categories=["Birds"])
    make_video("A jazz evening", categories=["Jazz"])

    def feed() -> list[str]:
        return [found.object.title for found in client.get("/feed/").context["feed"].items]

    sign_up(client, interests=[parent_categories["Nature"].slug])

    assert "_auth_user_id" not in client.session
    assert feed()[0] == "Owls"
    link = re.search(r"/accounts/confirm-email/\S+", mail.outbox[0].body)
    assert link
    assert client.post(link[0])["Location"] == "/"
    assert client.session["_auth_user_id"] == str(get_user_model().objects.get(username="ada").pk)
    assert feed()[0] == "Owls"
    assert {row.viewer_key for row in UserCategoryInterest.objects.all()} == {
        api.viewer(get_user_model().objects.get(username="ada")).key
    }


# --- how often somebody may try (hostile case 42) -----------------------------------------------


def sign_in(client: Client, password: str, login: str = "ada") -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password})


def test_bad_sign_ins_are_limited_but_not_for_ever(
    client: Client, make_user: Any, site_tree: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("ada")

    answers = [sign_in(client, f"guess-{number}") for number in range(50)]

    assert "Too many" in str(answers[10].context["form"].errors)
    assert answers[-1].status_code == 429
    assert "That was a little too often." in answers[-1].content.decode()
    assert_styled(answers[-1], 'class="narrow failed"', 429)
    assert sign_in(client, "secret").status_code == 429

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert sign_in(client, "secret")["Location"] == "/"


def test_who_has_the_mailbox_gets_in_while_attempts_are_limited(
    client: Client, make_user: Any, site_tree: Any
) -> None:
    make_user("ada")
    for number in range(50):
        sign_in(client, f"guess-{number}")

    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[-1].body)
    assert link
    form = client.get(link[0])["Location"]
    new = {"password1": "walk-the-dog-9", "password2": "walk-the-dog-9"}

    assert client.post(form, new).status_code == 302
    assert "_auth_user_id" in client.session


def test_sign_ups_and_resets_are_limited(client: Client, site_tree: Any) -> None:
    for number in range(25):
        last = sign_up(Client(), username=f"ada{number}", email=f"ada{number}@example.org")
    assert last.status_code == 429
    for _ in range(10):
        last = client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    assert last.status_code == 429


def test_the_admins_own_sign_in_is_the_sites(
    client: Client, make_user: Any, site_tree: Any
) -> None:
    make_user("root", is_superuser=True)

    refused = client.post("/admin/login/", {"username": "root", "password": "secret"})

    assert "_auth_user_id" not in client.session
    assert refused["Location"] == "/accounts/login/?next=/admin/"
    assert client.get("/admin/pages/")["Location"].startswith("/admin/login/?next=")
    assert "next=/admin/pages/" in client.get("/admin/login/?next=/admin/pages/")["Location"]
    assert client.get("/admin/password_reset/").status_code == 404
    entered = client.post("/accounts/login/?next=/admin/", {"login": "root", "password": "secret"})
    assert client.get(entered["Location"]).status_code == 200


def test_whoever_registers_is_no_editor(client: Client, site_tree: Any) -> None:
    sign_up(client)

    assert client.get("/admin/", follow=True).status_code == 403
    for path in ("/admin/pages/", "/admin/images/chooser/", "/admin/choose-page/"):
        assert client.get(path, follow=True).status_code == 403


# --- in the dialog of a page --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["login", "signup", "password/reset"])
def test_htmx_gets_what_a_dialog_holds(name: str, client: Client, site_tree: Any) -> None:
    answer = client.get(f"/accounts/{name}/?next=/video/", headers=HTMX)

    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="account-title"' in page
    assert "data-cancel" in page
    assert 'value="/video/"' in page


def test_errors_come_back_into_the_dialog_with_what_was_typed(
    client: Client, site_tree: Any, parent_categories: Any
) -> None:
    chosen = parent_categories["Nature"].slug
    fields = {**PERSON, "email": "no address", "interests": [chosen]}
    answer = client.post("/accounts/signup/", fields, headers=HTMX)

    page = answer.content.decode()
    assert "<html" not in page
    assert 'value="ada"' in page
    assert 'value="no address"' in page
    assert 'aria-describedby="id_email_error"' in page
    assert 'id="id_email_error"' in page
    assert re.search(rf'value="{chosen}"[^>]* checked', page)
    assert PERSON["password1"] not in page


def test_the_browser_leaves_the_dialog_when_all_is_well(
    client: Client, make_user: Any, site_tree: Any
) -> None:
    make_user("ada")
    fields = {"login": "ada", "password": "secret", "next": "/browse/"}

    assert client.post("/accounts/login/", fields, headers=HTMX)["HX-Redirect"] == "/browse/"


def test_what_comes_next_is_said_in_the_dialog(client: Client, site_tree: Any) -> None:
    fields = {"email": "ada@example.org"}
    answer = client.post("/accounts/password/reset/", fields, headers=HTMX, follow=True)

    assert "HX-Redirect" not in answer.headers
    assert "<html" not in answer.content.decode()
    assert "Look into your mailbox" in answer.content.decode()


# --- looks --------------------------------------------------------------------------------------


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


def assert_styled(answer: Any, box: str = 'class="narrow panel', status: int = 200) -> None:
    page = answer.content.decode()
    assert answer.status_code == status
    assert "css/site.css" in page
    assert box in page
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
    for wanted in (
        "//evil.example",
        "https:evil",
        "/\\\\evil.example",
        "javascript:evil",
        "\0//evil",
    ):
        answer = client.post(
            f"/accounts/login/?next={quote(wanted)}",
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
