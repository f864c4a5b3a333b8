"""Videos that a moderator looks at before others see them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import Site

from video_cms.models import UploadRules, VideoMedia, VideoPage
from video_cms.studio import videos

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed(site_tree):
    """A site that looks at videos first."""
    UploadRules.objects.create(site=Site.objects.get(), review=True)


@pytest.fixture
def draft(reviewed, make_video, make_user):
    """A creator's draft with a good file."""
    user = make_user("vera")
    page = make_video("Mine", creator=user.profile, publish=False, owner=user)
    VideoMedia.objects.update(state=VideoMedia.State.READY)
    page.media.refresh_from_db()
    return page


def publish(page):
    page.publish_when_ready = True
    videos.keep(page, page.owner)
    return VideoPage.objects.get(pk=page.pk)


def moderate(client, make_user, page, action):
    moderator = make_user("mod")
    moderator.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(moderator)
    task = page.current_workflow_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, task.pk])
    client.post(address, {"comment": "Louder, please"})
    return VideoPage.objects.get(pk=page.pk)


def test_a_video_waits_until_a_moderator_approves_it(draft, client, make_user):
    page = publish(draft)
    assert not page.live
    client.force_login(page.owner)
    assert "Waiting for review" in client.get(reverse("studio")).content.decode()
    page = moderate(client, make_user, page, "approve")
    assert page.live
    assert videos.state_of(page) == "live"


def test_what_is_changed_meanwhile_is_what_moderators_approve(draft, client, make_user):
    page = publish(draft)
    page.title = "Better words"
    videos.keep(page, page.owner)
    page = moderate(client, make_user, VideoPage.objects.get(pk=page.pk), "approve")
    assert (page.live, page.title) == (True, "Better words")


def test_a_refused_video_stays_a_draft_and_may_be_sent_again(draft, client, make_user):
    page = moderate(client, make_user, publish(draft), "reject")
    assert not page.live
    assert publish(page).workflow_in_progress


def test_another_file_of_a_live_video_is_looked_at_too(draft, client, make_user):
    page = moderate(client, make_user, publish(draft), "approve")
    VideoPage.objects.filter(pk=page.pk).update(new_media=page.media)
    videos.take_up(page.media)
    page.refresh_from_db()
    assert not page.live
    assert page.workflow_in_progress


def test_creators_with_the_badge_and_other_sites_publish_at_once(draft):
    draft.creator.verified = True
    assert publish(draft).live
    UploadRules.objects.update(review=False)
    draft.creator.verified, draft.live = False, False
    assert publish(draft).live
