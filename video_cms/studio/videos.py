"""Creators' videos: made as drafts, published when their file is ready, replaced, deleted.

Being its creator is permission enough here; Wagtail's permissions are for the admin.

A file that was sent waits in ``new_media`` until a worker has looked at it. What viewers see stays
as it is meanwhile, and for good when the new file is of no use.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from wagtail.actions.unpublish_page import UnpublishPageAction

from ..models import (
    CaptionTrack,
    CreatorProfile,
    Picture,
    User,
    VideoFrame,
    VideoIndexPage,
    VideoMedia,
    VideoPage,
)
from ..site_tree import ensure_site_tree
from . import review
from .forms import VideoForm

#: What of a video changes while its form is open somewhere: its files, its figures.
NOT_IN_THE_FORM = (
    *("media", "new_media", "publish_when_ready", "live", "views", "likes", "deleted_at"),
)


class AlreadyMade(Exception):
    """Another request has made this very page a moment ago."""


@transaction.atomic
def add(page: VideoPage, user: User) -> None:
    """Give a creator's new page its place, one after the other: two at once would want the same.

    Raises ``AlreadyMade``.
    """
    page.creator = CreatorProfile.objects.get(user=user)
    page.owner = user
    page.slug = page.video_id
    index = ensure_site_tree().videos
    parent = VideoIndexPage.objects.select_for_update(of=("self",)).get(pk=index.pk)
    if VideoPage.objects.filter(video_id=page.video_id).exists():
        raise AlreadyMade
    parent.add_child(instance=page)


def catch_up(page: VideoPage) -> None:
    """Wait for whoever changes a video just now; take over what its form knows nothing of."""
    VideoPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    page.refresh_from_db(fields=NOT_IN_THE_FORM)


@transaction.atomic
def save(form: VideoForm, user: User, publish: bool) -> VideoPage:
    """Keep what a creator sent, as a draft until it can be shown if ``publish`` is wanted."""
    page: VideoPage = form.save(commit=False)
    if page.pk is None:
        add(page, user)
    else:
        catch_up(page)
        page.revisions.exclude(approved_go_live_at=None).update(approved_go_live_at=None)
    page.draft_title = page.title
    form.save_m2m()
    _set_files(page, user, form.cleaned_data)
    page.publish_when_ready = publish
    keep(page, user)
    return page


def keep(page: VideoPage, user: User | None = None) -> None:
    """Save a video as a revision; publish it if it is live, or wanted and its file is good.

    Where the site wants to look at it first, it is handed to moderators instead. One that has a
    publish time gets this revision published then; a deleted one stays away.
    """
    ready = page.media is not None and page.media.state == VideoMedia.State.READY
    wanted = page.live or page.approved_schedule or (page.publish_when_ready and ready)
    shown = wanted and page.deleted_at is None
    page.publish_when_ready = page.publish_when_ready and not shown
    looked_at = not page.live and (shown or page.workflow_in_progress) and review.is_needed(page)
    if looked_at or not shown or _waits(page):
        page.save()
    else:  # publishing saves it: one time less is faster, since each is indexed
        page.captions.commit()  # a revision tells of them by their numbers
    revision = page.save_revision(user=user, log_action=user is not None)
    if looked_at:
        page.revisions.update(approved_go_live_at=None)
        review.submit(page, user)
    elif shown:
        revision.publish(user=user, skip_permission_checks=True)


def _waits(page: VideoPage) -> bool:
    """Return whether a video's publish time is yet to come."""
    return page.go_live_at is not None and page.go_live_at > timezone.now()


def _set_files(page: VideoPage, user: User, sent: dict[str, Any]) -> None:
    if sent.get("file"):
        page.uploads.filter(finished_at=None).delete()  # the one that came whole takes their place
        _forget(page.new_media)
        page.new_media = _media(page, user, sent["file"])
    if sent.get("thumbnail_file"):
        page.thumbnail = Picture.objects.create(
            title=page.title, file=sent["thumbnail_file"], uploaded_by_user=user
        )
    elif sent.get("frame"):
        page.thumbnail = sent["frame"].picture
    elif "frame" in sent and VideoFrame.objects.filter(picture=page.thumbnail_id).exists():
        page.thumbnail = None  # none of them any more
    if sent.get("captions_file"):
        language = sent["captions_language"]
        kept = [track for track in page.captions.all() if track.language != language]
        page.captions = [*kept, CaptionTrack(language=language, webvtt=sent["captions_file"])]


def _media(page: VideoPage, user: User, upload: UploadedFile) -> VideoMedia:
    """Keep a file; a worker looks at it after the commit."""
    return VideoMedia.objects.create(
        title=page.title, file=upload, type="video", duration=0, uploaded_by_user=user
    )


@transaction.atomic
def receive(page: VideoPage, media: VideoMedia) -> None:
    """Have a file that arrived wait in the place of an earlier one."""
    current = VideoPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    earlier, current.new_media = current.new_media, media
    current.save(update_fields=["new_media"], clean=False)
    _forget(earlier)


def _forget(media: VideoMedia | None) -> None:
    """Delete a file that no video shows any more."""
    if media is not None and not media.pages.exists():
        media.delete()


@transaction.atomic
def take_up(media: VideoMedia) -> None:
    """Show a file that was found good in the videos that wait for it."""
    if media.state != VideoMedia.State.READY:
        return
    for page in VideoPage.objects.select_for_update(of=("self",)).filter(new_media=media):
        page.media, page.new_media = media, None
        if page.live and review.is_needed(page):  # nobody has looked at this file
            UnpublishPageAction(page).execute(skip_permission_checks=True)
            page.publish_when_ready = True
        keep(page)


@transaction.atomic
def unpublish(page: VideoPage, user: User) -> None:
    """Make a video a draft again, also one that is going to be published."""
    page.publish_when_ready, page.go_live_at = False, None
    UnpublishPageAction(page, user=user).execute(skip_permission_checks=True)
    page.revisions.update(approved_go_live_at=None)
    VideoPage.objects.filter(pk=page.pk).update(publish_when_ready=False, go_live_at=None)


@transaction.atomic
def publish(page: VideoPage, user: User) -> None:
    """Publish a video now, or as soon as its file is found good."""
    page.publish_when_ready, page.go_live_at, page.expire_at = True, None, None
    keep(page, user)


def state_of(video: VideoPage) -> str:
    """Return what a creator is told of a video.

    ``looking``, ``failed``, ``scheduled``, ``review``, ``live`` or ``draft``.
    """
    waiting = video.new_media or (video.media if not video.live else None)
    if waiting is not None and waiting.state == VideoMedia.State.FAILED:
        return "failed"
    if video.new_media or (waiting is not None and waiting.state == VideoMedia.State.NEW):
        return "looking"  # a good file too, until its video has taken it up
    if video.live:
        return "live"
    if video.go_live_at and video.approved_schedule:
        return "scheduled"
    return "review" if video.workflow_in_progress else "draft"
