"""What visitors keep and dismiss, in a real browser: menus, undo, the dialog, their taste."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from recommendations_plugin import api
from video_cms.models import Playlist

pytestmark = pytest.mark.django_db(transaction=True)

FEED = "/feed/?number=12"


@pytest.fixture
def catalogue(make_video: Any, parent_categories: Any) -> None:
    for name in ("Jazz", "Bread"):
        for number in range(3):
            make_video(f"{name} {number}", categories=[name])


def choose(page: Page, title: str, action: str) -> None:
    """Open the menu of a card and choose from it."""
    card = page.locator(".card", has=page.get_by_role("link", name=title, exact=True))
    card.hover()
    card.locator("summary").click()
    card.get_by_text(action, exact=True).click()


def card_of(page: Page, title: str) -> Any:
    return page.get_by_role("link", name=title, exact=True)


def test_a_dismissed_card_is_undone_where_it_stood(
    visit: Callable[..., Page], catalogue: None
) -> None:
    page = visit(FEED)
    choose(page, "Jazz 1", "Not interested")
    undo = page.get_by_role("button", name="Undo Jazz 1")
    expect(undo).to_be_focused()
    expect(page.locator("#announce")).to_have_text("“Jazz 1” is out of your feeds.")
    expect(card_of(page, "Jazz 1")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(card_of(page, "Jazz 1")).to_be_visible()

    choose(page, "Jazz 1", "Don't recommend maker")
    expect(page.get_by_role("button", name="Undo maker")).to_be_focused()
    page.reload()
    expect(page.get_by_text("That is all for now")).to_be_visible()


def test_a_card_is_dismissed_and_undone_without_javascript(
    visit: Callable[..., Page], catalogue: None
) -> None:
    page = visit(FEED, java_script_enabled=False)
    choose(page, "Jazz 1", "Not interested")
    expect(page.get_by_role("heading", name="Jazz 1")).to_be_visible()
    page.get_by_role("button", name="Undo Jazz 1").click()
    expect(card_of(page, "Jazz 1")).to_be_visible()
    choose(page, "Jazz 1", "Not interested")
    page.get_by_role("link", name="Go on").click()
    expect(card_of(page, "Jazz 2")).to_be_visible()
    expect(card_of(page, "Jazz 1")).to_have_count(0)


def test_a_video_is_saved_to_a_new_playlist_in_a_dialog(
    visit: Callable[..., Page], catalogue: None, make_user: Any
) -> None:
    page = visit(FEED, make_user("ada"))
    choose(page, "Jazz 1", "Save to playlist")
    dialog = page.get_by_role("dialog", name="Save to playlist")
    expect(dialog).to_be_visible()
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("summary:focus")).to_contain_text("Jazz 1")

    choose(page, "Jazz 1", "Save to playlist")
    dialog.get_by_label("New playlist").fill("x" * 121)
    dialog.get_by_label("New playlist").evaluate("field => field.removeAttribute('maxlength')")
    dialog.get_by_label("New playlist").fill("x" * 121)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".errorlist")).to_be_visible()
    dialog.get_by_label("New playlist").fill("Evenings")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    assert [item.video.title for item in Playlist.objects.get().items.all()] == ["Jazz 1"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_removed_interest_changes_the_next_feed_until_it_is_undone(
    visit: Callable[..., Page],
    catalogue: None,
    make_user: Any,
    parent_categories: Any,
    scripts: bool,
) -> None:
    ada = make_user("ada", interests=[parent_categories["Cooking"]])
    jazz = api.recommend(api.viewer(None), limit=12).items[-1].object
    api.record("like", api.viewer(ada), jazz)

    page = visit("/my-recommendations/", ada, java_script_enabled=scripts)
    page.get_by_role("button", name="Remove the interest in Cooking").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Cooking")).to_be_visible()
    page.goto(FEED)
    expect(page.locator(".card-title").first).to_contain_text("Bread")

    page.goto("/my-recommendations/")
    page.get_by_role("button", name="Remove the interest in Cooking").click()
    expect(page.get_by_text("The interest is removed.").first).to_be_visible()
    page.goto(FEED)
    expect(page.locator(".card-title").first).to_contain_text("Jazz")
