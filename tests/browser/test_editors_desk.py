"""A day at the editors' desk, with just the permissions it takes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page
from wagtail.models import GroupPagePermission

from recommendations_plugin import releases, runs
from recommendations_plugin.index import artifacts
from recommendations_plugin.models import Item, TrainingRun
from tests.plugin.index.conftest import embeddings_of
from video_cms.models import Comment, CommentReport, HomePage, VideoPage

pytestmark = pytest.mark.django_db(transaction=True)

TRAINING = "wagtailsnippets_recommendations_plugin_trainingrun"
DESK = [
    "access_admin",
    "view_dashboard",
    "inspect_feed",
    "view_trainingrun",
    "activate_model",
    "view_comment",
    "change_comment",
]


@pytest.fixture
def editor(make_user: Any, site_tree: Any) -> Any:
    """Somebody who may do what this file does, and no more."""
    group = Group.objects.create(name="Desk")
    group.permissions.set(Permission.objects.filter(codename__in=DESK))
    for codename in ("change_page", "publish_page"):
        permission = Permission.objects.get(codename=codename, content_type__model="page")
        GroupPagePermission.objects.create(
            group=group, page=HomePage.objects.get(), permission=permission
        )
    user = make_user("ed")
    user.groups.add(group)
    return user


@pytest.fixture
def models(settings: Any, tmp_path: Path) -> list[TrainingRun]:
    """Two trainings that ended well, with drawn numbers; the first one is served."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}
    made = []
    for seed, recall in ((1, 0.2), (2, 0.3)):
        figures = {"recall@20": recall, "ndcg@20": recall / 2}
        popular = {"recall@20": 0.1, "ndcg@20": 0.05}
        run = TrainingRun.objects.create(
            status=TrainingRun.Status.DONE,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            version=artifacts.publish(embeddings_of(seed=seed), metrics={}),
            metrics={**figures, "popularity": popular},
            data={"viewers": 10, "items": 23, "interactions": 90},
        )
        made.append(run)
    releases.release(made[0])
    return made


def test_a_day_at_the_desk(
    visit: Callable[..., Page],
    make_video: Any,
    make_user: Any,
    parent_categories: Any,
    editor: Any,
    models: list[TrainingRun],
) -> None:
    video = make_video("A jazz hour", categories=["Jazz"])
    Item.objects.update(published_at=timezone.now() - timezone.timedelta(days=60))
    page = visit("/admin/", editor)
    page.set_default_timeout(30_000)

    add_a_block(page)
    release_a_model(page, *models)
    inspect_a_feed(page)
    hide_a_comment(page, video, make_user("bruno"))
    export_a_report(page)
    sort_a_video(page, video)


def add_a_block(page: Page) -> None:
    """See a block among the choices with real items, add it, and see it on the page."""
    home = HomePage.objects.get()
    page.goto(reverse("wagtailadmin_pages:edit", args=[home.pk]))
    page.locator(".c-sf-add-button").first.click()
    choice = page.get_by_role("option", name="Personal feed", exact=True)
    row = page.locator(".w-combobox__option-row").filter(has=choice)
    row.get_by_role("button", name="Preview").click()
    preview = page.frame_locator("iframe[src*='block-preview']")
    preview.get_by_role("link", name="A jazz hour").wait_for()
    choice.click()
    page.get_by_label("Heading").first.fill("Chosen for you")
    page.get_by_role("navigation", name="Actions (footer)").get_by_text("More actions").click()
    page.get_by_role("button", name="Publish").click()
    page.locator(".messages").filter(has_text="published").wait_for()
    assert "Chosen for you</h2>" in Client().get("/").content.decode()


def release_a_model(page: Page, live: TrainingRun, better: TrainingRun) -> None:
    """Compare, activate and roll back."""
    page.goto(reverse(f"{TRAINING}:inspect", args=[better.pk]))
    page.get_by_role("link", name="Compare with the live model").click()
    page.get_by_role("main").filter(has_text="0.3000").wait_for()
    page.goto(reverse(f"{TRAINING}:inspect", args=[better.pk]))
    page.get_by_role("link", name="Activate").click()
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("link", name="Roll back to").wait_for()
    assert runs.active_version() == better.version
    page.get_by_role("link", name="Roll back to").click()
    page.get_by_label("Reason").fill("The better one is not understood yet.")
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**" + reverse(f"{TRAINING}:inspect", args=[live.pk]))
    assert runs.active_version() == live.version


def inspect_a_feed(page: Page) -> None:
    """Look as a newcomer who likes music."""
    page.goto(reverse("recommendations_inspect"))
    page.get_by_label("Music").check()
    page.get_by_role("button", name="Look").click()
    page.locator(".inspector-table").first.filter(has_text="A jazz hour").wait_for()


def hide_a_comment(page: Page, video: VideoPage, author: Any) -> None:
    """Take a reported comment from the site by a bulk action."""
    comment = Comment.objects.create(video=video, author=author, text="Buy my hats")
    CommentReport.objects.create(comment=comment, reporter=author, reason="spam")
    page.goto("/admin/snippets/video_cms/comment/")
    page.locator(f"[data-object-id='{comment.pk}']").check()
    page.get_by_role("link", name="Hide the chosen comments").click()
    page.get_by_role("main").locator("form [type=submit]").first.click()
    page.locator(".messages").filter(has_text="1 comment is hidden.").wait_for()


def sort_a_video(page: Page, video: VideoPage) -> None:
    """Give a video another category from the list of videos."""
    page.goto(reverse("videos:index"))
    page.locator(f"[data-object-id='{video.pk}']").check()
    page.get_by_role("link", name="Change the categories").click()
    page.locator("input[name=add]").and_(page.get_by_label("Folk")).check()
    page.get_by_role("main").locator("form [type=submit]").first.click()
    page.locator(".messages").filter(has_text="changed").wait_for()
    video.refresh_from_db()
    assert {category.name for category in video.categories.all()} == {"Jazz", "Folk"}


def export_a_report(page: Page) -> None:
    """Download what was never recommended."""
    page.goto(reverse("recommendations_orphans"))
    page.get_by_role("navigation", name="Actions").get_by_role("button").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert any("A jazz hour" in cell for row in rows for cell in row)
