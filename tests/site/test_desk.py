"""Each thing that editors do: with its permission alone, and without it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from recommendations_plugin.models import EditorialRule, TrainingRun
from recommendations_plugin.reports import REPORTS
from video_cms.models import Comment, CreatorProfile, HomePage

pytestmark = pytest.mark.django_db

RULES = "wagtailsnippets_recommendations_plugin_editorialrule"
TRAINING = "wagtailsnippets_recommendations_plugin_trainingrun"
COMMENTS = "wagtailsnippets_video_cms_comment"
CREATORS = "wagtailsnippets_video_cms_creatorprofile"

#: What stands in the menu, by the one permission that shows and opens it.
IN_MENU = {
    "recommendations_status": "view_dashboard",
    **{f"recommendations_{report.slug}": "view_dashboard" for report in REPORTS},
    "recommendations_inspect": "inspect_feed",
    f"{RULES}:list": "view_editorialrule",
    f"{TRAINING}:list": "view_trainingrun",
    f"{COMMENTS}:list": "view_comment",
    f"{CREATORS}:list": "view_creatorprofile",
}

#: What is reached from there; all of it is denied without its permission, to look and to send.
FURTHER = {
    "recommendations_train": "train_model",
    "recommendations_compare": "view_trainingrun",
    "recommendations_releases": "view_trainingrun",
    f"{RULES}:add": "add_editorialrule",
    "videos:index": "change_page",
}
OF_A_RUN = {
    "recommendations_cancel": "train_model",
    "recommendations_activate": "activate_model",
    "recommendations_card": "view_trainingrun",
    f"{TRAINING}:inspect": "view_trainingrun",
}


@pytest.fixture
def ed(make_user: Any, client: Client) -> Any:
    """Somebody who may open the admin and nothing in it, signed in."""
    user = make_user("ed")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    return user


@pytest.fixture
def run(settings: Any, tmp_path: Any) -> TrainingRun:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}
    return TrainingRun.objects.create(status=TrainingRun.Status.DONE, version="v1")


def test_without_permissions_all_is_denied_and_no_menu_tells_of_it(
    ed: Any, client: Client, run: TrainingRun, make_video: Any
) -> None:
    video = make_video("One")
    comment = Comment.objects.create(video=video, author=ed, text="Hm")
    addresses = [
        *map(reverse, [*IN_MENU, *FURTHER]),
        *(reverse(name, args=[run.pk]) for name in OF_A_RUN),
        reverse("wagtailadmin_pages:edit", args=[HomePage.objects.get().pk]),
        reverse("wagtailadmin_pages:edit", args=[video.pk]),
        reverse(f"{COMMENTS}:edit", args=[comment.pk]),
    ]
    menu = client.get(reverse("wagtailadmin_home")).content.decode()
    for address in addresses:
        for answer in (client.get(address), client.post(address, {"reason": "Mine"})):
            assert answer.status_code in (302, 403, 405), address
        assert f'"{address}"' not in menu
    for model, action, pk in (
        ("video_cms/comment", "hide", comment.pk),
        ("video_cms/creatorprofile", "suspend", video.creator_id),
        ("wagtailcore/page", "unpublish", video.pk),
    ):
        client.post(f"/admin/bulk/{model}/{action}/?id={pk}", {"reason": "Mine"})
    assert video.creator.standing == CreatorProfile.objects.get(pk=video.creator_id).standing
    assert (TrainingRun.objects.count(), EditorialRule.objects.count()) == (1, 0)
    assert Comment.objects.get().state == Comment.State.PUBLISHED
    assert Page.objects.get(pk=video.pk).live


@pytest.mark.parametrize("name", IN_MENU)
def test_one_permission_opens_its_page_and_its_menu_entry_alone(
    ed: Any, client: Client, name: str
) -> None:
    ed.user_permissions.add(*Permission.objects.filter(codename=IN_MENU[name]))
    menu = client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.get(reverse(name)).status_code == 200
    for other, permission in IN_MENU.items():
        assert (f'"{reverse(other)}"' in menu) is (permission == IN_MENU[name]), other
