"""Finding videos in a real browser: to the end of a feed, by chips, by suggestions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(make_video: Any, parent_categories: Any) -> None:
    for number in range(40):
        make_video(f"Video {number:02}", categories=["Jazz" if number % 2 else "Birds"])


def titles(page: Page) -> list[str]:
    return [title.strip() for title in page.locator("main .card-title").all_inner_texts()]


def test_load_more_goes_on_in_place_to_the_end_without_a_duplicate(
    visit: Callable[..., Page], many: None
) -> None:
    page = visit("/")
    page.evaluate("() => { window.stayed = true }")
    cards = page.locator("#cards-home > li")

    for count in (24, 32):
        first_new = cards.count()
        page.get_by_role("link", name="Load more").click()
        expect(cards).to_have_count(count)
        expect(cards.nth(first_new).locator("h3 a")).to_be_focused()

    expect(page.get_by_role("link", name="Load more")).to_have_count(0)
    assert len(set(titles(page))) == len(titles(page)) == 40
    assert page.evaluate("() => window.stayed"), "the page was loaded anew"
    page.locator("footer").scroll_into_view_if_needed()
    expect(page.locator("footer")).to_be_in_viewport()


def test_what_is_published_meanwhile_repeats_no_card(
    visit: Callable[..., Page], many: None, make_video: Any
) -> None:
    page = visit("/search/?q=Video&sort=new")
    assert len(titles(page)) == 24
    for number in (40, 41):
        make_video(f"Video {number}")

    page.get_by_role("link", name="Load more").click()

    expect(page.locator("main .card")).to_have_count(40)
    assert len(set(titles(page))) == 40
    expect(
        page.locator("main .card").nth(24).get_by_role("heading").get_by_role("link")
    ).to_be_focused()


def test_without_javascript_links_lead_to_the_same_end(
    visit: Callable[..., Page], many: None
) -> None:
    page = visit("/", java_script_enabled=False)
    found = titles(page)
    while (more := page.get_by_role("link", name="Load more")).count():
        more.click()
        found += titles(page)

    assert len(set(found)) == len(found) == 40
    page.get_by_role("link", name="Back to the start").click()
    assert page.url.endswith("/feed/?placement=home&number=12")


@pytest.mark.parametrize("javascript", [True, False])
def test_chips_keep_to_a_subject_and_say_so(
    visit: Callable[..., Page], many: None, javascript: bool
) -> None:
    page = visit("/", java_script_enabled=javascript)

    page.locator("main").get_by_role("link", name="Music").click()

    expect(page).to_have_url(page.url.split("?")[0] + "?topic=music")
    expect(page.locator("[aria-current=page]", has_text="Music")).to_have_count(1)
    assert {int(title[-2:]) % 2 for title in titles(page)} == {1}


def test_suggestions_are_chosen_by_keyboard(visit: Callable[..., Page], many: None) -> None:
    page = visit("/")
    field = page.get_by_role("combobox", name="Search videos")
    options = page.get_by_role("option")

    field.press_sequentially("mus", delay=20)
    expect(options).to_have_count(1)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("mus")

    field.fill("")
    field.press_sequentially("vid", delay=20)
    expect(options).to_have_count(6)
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") is None, "back in the field"
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    title = options.first.inner_text().strip()
    field.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_what_was_typed_is_searched_unless_a_suggestion_is_chosen(
    visit: Callable[..., Page], many: None
) -> None:
    page = visit("/")
    field = page.get_by_role("combobox", name="Search videos")
    field.press_sequentially("video", delay=20)
    expect(page.get_by_role("option")).not_to_have_count(0)
    field.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “video”")
    expect(page.get_by_role("status").first).to_contain_text("40 videos")
    page.get_by_text("Filters and order").click()
    page.get_by_label("Subject").select_option("Music")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status").first).to_contain_text("20 videos")
    expect(page.get_by_label("Subject")).to_have_value("music")


def test_sections_scroll_sideways_by_buttons(visit: Callable[..., Page], many: None) -> None:
    page = visit("/", viewport={"width": 1280, "height": 900})
    row = page.locator(".shelf-row").first
    cards = row.locator("> li")

    expect(cards.last).not_to_be_in_viewport()
    later = page.get_by_role("button", name="Further in “New”")
    later.click()
    later.click()
    expect(cards.last).to_be_in_viewport()
    expect(later).to_be_disabled()
