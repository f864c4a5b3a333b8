"""Signing up and in, in the dialog and on plain pages, and changing one's profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def catalogue(make_video: Any, parent_categories: Any) -> None:
    """Something for more than one taste."""
    make_video("A jazz evening", categories=["Jazz"])
    make_video("Owls", categories=["Birds"])


def register(form: Page | Locator) -> None:
    form.get_by_label("Username").fill("ada")
    form.get_by_label("Email").fill("ada@example.org")
    form.get_by_label("Password").fill("walk-the-dog-9")
    form.get_by_role("checkbox", name="Nature").check()
    form.get_by_role("button", name="Create account").click()


def test_registering_in_the_dialog_makes_the_home_page_personal(
    visit: Callable[..., Page], catalogue: None
) -> None:
    page = visit("/browse/")
    page.locator(".sign-up").click()
    dialog = page.get_by_role("dialog", name="Create an account")
    expect(dialog.get_by_label("Username")).to_be_focused()

    dialog.get_by_label("Username").fill("edit")  # an address of the site: refused
    dialog.get_by_label("Email").fill("ada@example.org")
    dialog.get_by_label("Password").fill("walk-the-dog-9")
    dialog.get_by_role("button", name="Create account").click()
    expect(dialog.get_by_text("Choose another user name.")).to_be_visible()
    expect(dialog.get_by_label("Username")).to_be_focused()
    expect(dialog.get_by_label("Email")).to_have_value("ada@example.org")

    register(dialog)
    page.wait_for_url("**/")
    expect(page.locator(".card-title").first).to_have_text("Owls")
    expect(page.get_by_text("Chosen from what you like.")).to_be_visible()


def test_registering_works_without_javascript(visit: Callable[..., Page], catalogue: None) -> None:
    page = visit("/browse/", java_script_enabled=False)

    page.locator(".sign-up").click()
    register(page)

    expect(page.locator(".card-title").first).to_have_text("Owls")
    expect(page.get_by_text("Chosen from what you like.")).to_be_visible()


def test_signing_in_from_a_button_goes_on_where_one_was(
    visit: Callable[..., Page], make_video: Any, make_user: Any
) -> None:
    make_video("Owls")
    make_user("ada")
    page = visit("/video/video-1/")
    page.locator("#like").click()
    dialog = page.get_by_role("dialog", name="Sign in")

    dialog.get_by_label("Username or email").fill("ada")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("Username or email")).to_have_value("ada")

    dialog.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("dialog", name="Create an account")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("/video/video-1/")

    page.locator(".sign-in").click()
    dialog.get_by_label("Username or email").fill("ada")
    dialog.get_by_label("Password").fill("secret")
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.locator("[data-menu] summary").first).to_be_visible()
    assert page.url.endswith("/video/video-1/")


def test_changing_the_profile_changes_the_feed(
    visit: Callable[..., Page], make_user: Any, catalogue: None
) -> None:
    page = visit("/profile/edit/", make_user("ada"))

    page.get_by_label("Name", exact=True).fill("Ada Lovelace")
    page.get_by_role("checkbox", name="Music").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    expect(page.get_by_role("list", name="Interests")).to_contain_text("Music")
    page.goto("/")
    expect(page.locator(".card-title").first).to_have_text("A jazz evening")
