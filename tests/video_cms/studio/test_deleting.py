"""Deleting a video: away at once, back within two weeks, erased after that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from video_cms import erasure, tasks
from video_cms.models import Comment, VideoDay, VideoMedia, VideoPage
from video_cms.studio import deleting, videos

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(ada: Any, make_video: Any) -> VideoPage:
    page: VideoPage = make_video("My owls", creator=ada.profile)
    return page


def again(page: VideoPage) -> VideoPage:
    return VideoPage.objects.get(pk=page.pk)


def test_a_deleted_video_is_away_at_once_and_can_be_brought_back(
    indexed: None, member: Client, mine: VideoPage
) -> None:
    Comment.objects.create(video=mine, author=mine.creator.user, text="Hello")
    assert "14 days" in member.get(f"/studio/{mine.video_id}/delete/").content.decode()

    member.post(f"/studio/{mine.video_id}/delete/")

    for place in (
        f"/video/{mine.video_id}/",
        f"/video/{mine.video_id}/comments/",
        f"/studio/{mine.video_id}/",
        f"/studio/{mine.video_id}/statistics/",
        f"/embed/{mine.video_id}/",
    ):
        assert member.get(place).status_code == 404, place
    for place in ("/studio/", "/video/", "/search/?q=owls", "/profile/ada/", "/videos.rss"):
        page = member.get(place).content.decode().replace("“My owls” is deleted", "")
        assert "My owls" not in page, place
    assert "My owls" in member.get("/studio/deleted/").content.decode()

    member.post(f"/studio/{mine.video_id}/restore/")

    assert Client().get(f"/video/{mine.video_id}/").status_code == 200
    assert Comment.objects.exists()
    assert "My owls" in member.get("/studio/").content.decode()


def test_a_draft_comes_back_as_a_draft(member: Client, mine: VideoPage, ada: Any) -> None:
    videos.unpublish(mine, ada)
    deleting.delete(mine, ada)
    deleting.restore(mine, ada)
    assert not again(mine).live


def test_a_file_that_is_found_good_meanwhile_shows_nothing(mine: VideoPage, ada: Any) -> None:
    new = VideoMedia.objects.create(title="x", type="video", duration=3, file="media/x.mp4")
    VideoMedia.objects.update(state="ready")
    new.refresh_from_db()
    VideoPage.objects.filter(pk=mine.pk).update(new_media=new)
    deleting.delete(again(mine), ada)

    videos.take_up(new)

    assert (again(mine).live, again(mine).media) == (False, new)
    deleting.restore(mine, ada)
    assert again(mine).live


def test_a_publish_time_does_not_bring_it_back(mine: VideoPage, ada: Any) -> None:
    videos.unpublish(mine, ada)
    mine = again(mine)
    mine.go_live_at = timezone.now() + timedelta(hours=1)
    mine.save_revision().publish()
    assert again(mine).approved_schedule

    deleting.delete(again(mine), ada)
    mine.revisions.update(created_at=timezone.now() - timedelta(days=2))
    tasks.publish_scheduled()

    assert (again(mine).live, again(mine).approved_schedule) == (False, False)


def test_after_two_weeks_nothing_is_left(
    mine: VideoPage, ada: Any, make_video: Any, django_capture_on_commit_callbacks: Any
) -> None:
    kept = make_video("Kept", creator=ada.profile)
    VideoDay.objects.create(video=mine, day=timezone.localdate(), source="home", viewers=1)
    path = Path(mine.media.file.path)
    for page in (mine, kept):
        deleting.delete(page, ada)
    just_before = timezone.now() + timedelta(days=14, minutes=-1)
    assert deleting.erase_due(just_before) == 0
    deleting.restore(kept, ada)

    with django_capture_on_commit_callbacks(execute=True):
        assert deleting.erase_due(just_before + timedelta(minutes=2)) == 1
    assert deleting.erase_due(just_before + timedelta(minutes=2)) == 0

    assert [page.title for page in VideoPage.objects.all()] == ["Kept"]
    assert not path.exists()
    assert not VideoDay.objects.exists()


def test_erasing_at_once_asks_first_and_only_what_was_deleted(
    member: Client, mine: VideoPage, ada: Any
) -> None:
    assert member.post(f"/studio/{mine.video_id}/erase/").status_code == 404
    deleting.delete(mine, ada)
    assert "cannot be undone" in member.get(f"/studio/{mine.video_id}/erase/").content.decode()
    member.post(f"/studio/{mine.video_id}/erase/")
    assert not VideoPage.objects.exists()


def test_35_nobody_brings_back_what_is_not_theirs(member: Client, video: VideoPage) -> None:
    deleting.delete(video, video.creator.user)
    for verb in ("restore", "erase"):
        assert member.post(f"/studio/{video.video_id}/{verb}/").status_code == 404
    assert again(video).deleted_at


def test_a_closed_account_leaves_nothing_deleted_behind(mine: VideoPage, ada: Any) -> None:
    deleting.delete(mine, ada)
    erasure.erase(ada)
    assert not VideoPage.objects.exists()


def test_editors_see_that_it_is_deleted_and_cannot_publish_it(
    mine: VideoPage, ada: Any, admin_client: Client
) -> None:
    deleting.delete(mine, ada)
    admin = again(mine).permissions_for_user(ada.__class__(is_superuser=True, is_active=True))

    form = admin_client.get(f"/admin/pages/{mine.pk}/edit/")
    sent = {"title": "Changed", "slug": mine.slug, "action-publish": "1"}
    admin_client.post(f"/admin/pages/{mine.pk}/edit/", sent)

    assert "Its creator deleted this video" in form.content.decode()
    assert not admin.can_publish()
    assert (again(mine).live, again(mine).title) == (False, "My owls")
