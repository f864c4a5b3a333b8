"""Talking about a video, in a real browser: in place with JavaScript, by pages without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from video_cms.models import Comment, CommentReport, Notice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def test_comment_answer_like_edit_delete_and_report_in_place(
    visit: Callable[..., Page], video: Any, make_user: Any
) -> None:
    ada, bruno = make_user("ada"), make_user("bruno")
    first = Comment.objects.create(video=video, author=bruno, text="At 0:02 it turns.", likes=1)
    page = visit("/video/video-1/", ada)
    page.evaluate("() => { window.stayed = true }")
    theirs = page.locator(f"#comment-{first.pk}")
    expect(theirs.get_by_role("link", name="0:02")).to_have_attribute("data-seek", "2")

    page.get_by_label("Your comment").fill("What a walk!")
    page.get_by_role("button", name="Comment", exact=True).click()
    mine = page.locator(".comment").first
    expect(mine).to_contain_text("What a walk!")
    expect(mine).to_be_focused()
    expect(page.locator("#announce")).to_have_text("Your comment is published.")
    expect(page.get_by_label("Your comment")).to_have_value("")

    theirs.get_by_role("link", name="Answer").click()
    answer = theirs.get_by_label("Your answer")
    expect(answer).to_be_focused()
    theirs.get_by_role("link", name="Cancel").click()
    expect(answer).to_have_count(0)
    theirs.get_by_role("link", name="Answer").click()
    answer.fill("x" * 2001)
    theirs.get_by_role("button", name="Answer").click()
    expect(theirs).to_contain_text("you have 2001")
    expect(answer).to_be_focused()  # once it is, the caret waits behind what was typed
    answer.fill("So it does.")
    theirs.get_by_role("button", name="Answer").click()
    expect(page.locator(f"#thread-{first.pk} .answers")).to_contain_text("So it does.")

    heart = theirs.get_by_role("button", name="Like the comment by bruno")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_contain_text("2")
    expect(heart).to_be_focused()

    mine.get_by_role("link", name="Edit").click()
    page.locator("#comments .threads").get_by_label("Your comment").fill("What a long walk!")
    page.get_by_role("button", name="Save").click()
    expect(mine).to_contain_text("What a long walk!")
    expect(mine).to_contain_text("(edited)")

    theirs.get_by_role("link", name="Report").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Spam or advertising").check()
    dialog.get_by_role("button", name="Report").click()
    expect(dialog).to_contain_text("A moderator will look at it.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert CommentReport.objects.get().reporter == ada

    mine.get_by_role("link", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".comment")).to_have_count(2)
    expect(page.locator("#announce")).to_have_text("Your comment is deleted.")
    assert page.evaluate("() => window.stayed"), "the page was loaded anew"


def test_comment_report_and_read_a_notice_without_javascript(
    visit: Callable[..., Page], video: Any, make_user: Any
) -> None:
    ada, bruno = make_user("ada"), make_user("bruno")
    Comment.objects.create(video=video, author=bruno, text="Buy my hats")
    page = visit("/video/video-1/", ada, java_script_enabled=False)

    page.get_by_label("Your comment").fill("What a walk!")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment")).to_contain_text("What a walk!")
    page.get_by_role("link", name="All comments on this video").click()
    page.get_by_role("link", name="Report").click()
    page.get_by_label("Spam or advertising").check()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_role("link", name="Back to the comment").click()
    expect(page.locator(".comment")).to_contain_text("Buy my hats")
    assert CommentReport.objects.get().reason == "spam"

    Notice.objects.create(user=ada, video=video, kind="video")
    page.goto("/notices/")
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".bell-number")).to_have_count(0)
    page.get_by_role("link", name="has a new video").click()
    expect(page).to_have_url("/video/video-1/")


def test_opening_a_notice_reads_it(visit: Callable[..., Page], video: Any, make_user: Any) -> None:
    ada = make_user("ada")
    Notice.objects.create(user=ada, video=video, kind="video")
    page = visit("/search/", ada)

    page.get_by_role("link", name="Notices (1 unread)").click()
    with page.expect_request("**/read/"):
        page.get_by_role("link", name="has a new video").click()

    expect(page).to_have_url("/video/video-1/")
    page.reload()
    expect(page.locator(".bell-number")).to_have_count(0)


def test_no_words_burst_the_layout(visit: Callable[..., Page], video: Any, make_user: Any) -> None:
    ada = make_user("ada")
    for text in ("y" * 2000, "e" + "\u0301" * 1999, "\u202eright to left", "# " * 900):
        Comment.objects.create(video=video, author=ada, text=text)
    for width in (320, 1280):
        page = visit("/video/video-1/comments/", viewport={"width": width, "height": 800})
        sizes = "() => [document.documentElement.scrollWidth, window.innerWidth]"
        scrolled, shown = page.evaluate(sizes)
        assert scrolled <= shown
        tallest = page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('.comment-words')].map("
            "(words) => words.scrollWidth - words.clientWidth))"
        )
        assert tallest <= 1
