"""A day at the editors' desk, with just the permissions it takes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Site,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)

from recommendations_plugin import runs, tasks
from recommendations_plugin.index import artifacts
from recommendations_plugin.models import EditorialRule, Item, TrainingRun
from recommendations_plugin.training import train as training
from recommendations_plugin.training.recipe import Recipe
from tests.plugin.index.conftest import embeddings_of
from tests.plugin.training.conftest import communities  # noqa: F401
from tests.support import graph_of
from tests.video_cms.test_standing import MODERATORS
from video_cms.models import (
    Comment,
    CommentReport,
    CommentRules,
    HomePage,
    UploadRules,
    VideoMedia,
    VideoPage,
)
from video_cms.studio import videos

pytestmark = pytest.mark.django_db(transaction=True)

TRAINING = "wagtailsnippets_recommendations_plugin_trainingrun"
RULES = "wagtailsnippets_recommendations_plugin_editorialrule"
DESK = [
    "access_admin",
    "view_dashboard",
    "inspect_feed",
    "add_editorialrule",
    "change_editorialrule",
    "view_trainingrun",
    "train_model",
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
def moderator(make_user: Any) -> Any:
    """Somebody who approves rules."""
    group = Group.objects.create(name="Chiefs")
    wanted = ["access_admin", "change_editorialrule", "publish_editorialrule"]
    group.permissions.set(Permission.objects.filter(codename__in=wanted))
    task = GroupApprovalTask.objects.create(name="Look at it")
    task.groups.add(group)
    workflow = Workflow.objects.create(name="Rules")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    rules = ContentType.objects.get_for_model(EditorialRule)
    WorkflowContentType.objects.create(workflow=workflow, content_type=rules)
    user = make_user("chief")
    user.groups.add(group)
    return user


@pytest.fixture
def training_ground(settings: Any, tmp_path: Path, monkeypatch: Any, communities: Any) -> None:  # noqa: F811
    """Trainings learn two drawn communities; which encoders do best is not looked for."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}
    monkeypatch.setattr(tasks, "open_graph", graph_of(communities))
    monkeypatch.setattr(training, "choose", lambda *given, **more: (Recipe(), []))


@pytest.fixture
def trained_elsewhere(training_ground: None) -> TrainingRun:
    """A training that ended well, with drawn numbers."""
    return TrainingRun.objects.create(
        status=TrainingRun.Status.DONE,
        started_at=timezone.now(),
        finished_at=timezone.now(),
        version=artifacts.publish(embeddings_of(seed=1), metrics={}),
        metrics={
            "recall@20": 0.9,
            "ndcg@20": 0.9,
            "popularity": {"recall@20": 0.1, "ndcg@20": 0.05},
        },
        data={"viewers": 10, "items": 23, "interactions": 90},
    )


def test_a_day_at_the_desk(
    visit: Callable[..., Page],
    make_video: Any,
    make_user: Any,
    parent_categories: Any,
    editor: Any,
    moderator: Any,
    trained_elsewhere: TrainingRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    video = make_video("A jazz hour", categories=["Jazz"])
    Item.objects.update(published_at=timezone.now() - timezone.timedelta(days=60))
    page = visit("/admin/", editor)
    page.set_default_timeout(30_000)

    add_a_block(page)
    train_a_model(page)
    release_a_model(page, TrainingRun.objects.latest("pk"), trained_elsewhere)
    inspect_a_feed(page)
    hide_a_comment(page, video, make_user("bruno"))
    export_a_report(page)
    sort_a_video(page, video)
    schedule_a_pin(page)
    approve_it(visit(reverse(f"{RULES}:list"), moderator))
    see_it_when_its_time_has_come(visit("/"), monkeypatch)


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


def train_a_model(page: Page) -> None:
    """Start a training, and see what came of it: its page reads itself anew."""
    page.clock.install()
    page.goto(reverse("recommendations_status"))
    page.get_by_role("button", name="Train now").click()
    page.locator(".messages").filter(has_text="A training is queued.").wait_for()
    tasks.run_training(TrainingRun.objects.latest("pk").pk)
    page.locator("[data-refresh]").wait_for()
    page.clock.run_for(6_000)
    page.get_by_role("link", name="Model card").wait_for()
    assert page.locator("[data-refresh]").count() == 0
    assert runs.active_version() == TrainingRun.objects.latest("pk").version


def release_a_model(page: Page, live: TrainingRun, better: TrainingRun) -> None:
    """Compare, activate and roll back."""
    page.goto(reverse(f"{TRAINING}:inspect", args=[better.pk]))
    page.get_by_role("link", name="Compare with the live model").click()
    page.get_by_role("main").filter(has_text="0.9000").wait_for()
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


def schedule_a_pin(page: Page) -> None:
    """Pin the older one of two videos for tomorrow, and hand that in."""
    page.goto(reverse(f"{RULES}:add"))
    page.get_by_role("button", name="Choose item").click()
    page.get_by_role("link", name="A jazz hour").click()
    page.get_by_role("textbox", name="Reason").fill("Our favourite")
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name="Set schedule").click()
    tomorrow = timezone.localtime() + timezone.timedelta(days=1)
    page.get_by_label("Go live date/time").fill(tomorrow.strftime("%Y-%m-%d %H:%M"))
    page.get_by_role("button", name="Save schedule").press("Enter")
    page.locator(".messages").filter(has_text="created").wait_for()
    actions = page.get_by_role("navigation", name="Actions (footer)")
    actions.get_by_text("More actions").click()
    page.get_by_role("button", name="Submit to Rules").click()
    page.locator(".messages").filter(has_text="submitted").wait_for()


def approve_it(page: Page) -> None:
    """Approve what was handed in; it waits for its time."""
    page.get_by_role("link", name="Pin “A jazz hour” at 1").click()
    page.get_by_role("navigation", name="Actions (footer)").get_by_text("More actions").click()
    page.get_by_role("button", name="Approve and Publish").click()
    page.locator(".messages").filter(has_text="updated").wait_for()
    assert not EditorialRule.objects.get().live
    assert tasks.publish_pins() == 0


def see_it_when_its_time_has_come(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees the pin today; everybody does the day after."""
    assert page.get_by_text("Our favourite").count() == 0
    later = timezone.now() + timezone.timedelta(days=1, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert tasks.publish_pins() == 1
    page.reload()
    page.get_by_role("main").filter(has_text="Our favourite").wait_for()


# --- a moderator ----------------------------------------------------------------------------------


@pytest.fixture
def mod(make_user: Any, site_tree: Any) -> Any:
    """Somebody of the group “Moderators”, and of no other.

    Group and workflow are those of migrations, which tests before this one may have deleted.
    """
    group, _new = Group.objects.get_or_create(name="Moderators")
    names = [name.partition(".")[2] for name in MODERATORS]
    group.permissions.set(Permission.objects.filter(codename__in=names))
    home = HomePage.objects.get()
    for codename in ("add_page", "change_page", "publish_page"):
        permission = Permission.objects.get(codename=codename, content_type__model="page")
        GroupPagePermission.objects.get_or_create(group=group, page=home, permission=permission)
    task = GroupApprovalTask.objects.create(name="Moderators")
    task.groups.add(group)
    workflow = Workflow.objects.create(name="Moderators")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page=home)
    user = make_user("mod")
    user.groups.add(group)
    return user


def test_a_moderators_walk(
    visit: Callable[..., Page], make_video: Any, make_user: Any, mod: Any
) -> None:
    """Approve a video that waits, show a held comment, act on many, and see nothing else."""
    site = Site.objects.get()
    UploadRules.objects.create(site=site, review=True)
    CommentRules.objects.create(site=site, held_words="hats")
    vera, talker = make_user("vera"), make_user("bruno")
    draft = make_video("Mine", creator=vera.profile, publish=False, owner=vera)
    other = make_video("Another's")
    VideoMedia.objects.update(state=VideoMedia.State.READY)
    draft.refresh_from_db()
    draft.publish_when_ready = True
    videos.keep(draft, vera)
    talking = Client()
    talking.force_login(talker)
    talking.post(reverse("comments", args=[other.video_id]), {"text": "Buy my hats"})
    comment = Comment.objects.get()
    assert comment.state == "held"

    page = visit("/admin/", mod)
    menu = page.get_by_role("navigation", name="Main menu")
    assert menu.get_by_text("Recommender").count() == 0
    approve_the_video(page, draft)
    assert videos.state_of(draft) == "live"
    show_the_comment(page, comment)
    act_under_more(page, other)
    name_a_new_video(page, draft.get_parent().pk)


def approve_the_video(page: Page, draft: VideoPage) -> None:
    """Follow what the first page says waits, and approve it."""
    waiting = page.get_by_role("region", name="Awaiting your review")
    waiting.get_by_role("link", name="Mine").first.click()
    page.get_by_role("navigation", name="Actions (footer)").get_by_text("More actions").click()
    page.get_by_role("button", name="Approve and Publish").click()
    page.locator(".messages").filter(has_text="Mine").wait_for()
    draft.refresh_from_db()
    assert draft.live


def show_the_comment(page: Page, comment: Comment) -> None:
    """Approve what the rules held, from the first page's link."""
    page.goto("/admin/")
    page.get_by_role("link", name="1 comment waits").click()
    page.locator(f"[data-object-id='{comment.pk}']").check()
    page.get_by_role("link", name="Approve the chosen comments").click()
    page.get_by_role("main").locator("form [type=submit]").first.click()
    page.locator(".messages").filter(has_text="1 comment is").wait_for()
    comment.refresh_from_db()
    assert comment.state == "published"


def act_under_more(page: Page, video: VideoPage) -> None:
    """An action under “More” gets the selection, even if clicked before the menu is there."""
    page.goto(reverse("videos:index"))
    page.locator(f"[data-object-id='{video.pk}']").check()
    page.evaluate(
        """() => {
          const footer = document.querySelector("[data-bulk-action-footer]");
          footer.querySelector("[data-w-dropdown-target=toggle]").click();
          [...document.querySelectorAll("[data-bulk-action-button]")].at(-1).click();
        }"""
    )
    page.wait_for_url("**/bulk/**")
    page.get_by_role("main").filter(has_text="Another's").wait_for()


def name_a_new_video(page: Page, parent: int) -> None:
    """Typing a title fills in no slug, which is not on the form: ``visit`` would hear the error."""
    page.goto(reverse("wagtailadmin_pages:add", args=["video_cms", "videopage", parent]))
    title = page.locator("[name=title]")
    title.press_sequentially("A new one")
    title.blur()
    assert title.input_value() == "A new one"
