"""Drafts: there from the first keystroke, made once, never in the way of what is live."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

from video_cms.models import Picture, User, VideoFrame, VideoMedia, VideoPage
from video_cms.studio import drafts, videos

pytestmark = pytest.mark.django_db


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def token(member: Client, site_tree: Any, parent_categories: Any) -> str:
    return token_in(member.get("/upload/").content.decode())


def test_what_is_typed_is_there_again(member: Client, token: str) -> None:
    words = {"token": token, "title": "", "description": "Two owls", "tags": "owl, night"}
    kept = member.post("/upload/keep/", words).json()
    form = member.get(kept["edit"]).content.decode()
    assert "Two owls" in form
    assert "night" in form
    assert "Untitled video" in form

    again = {
        **words,
        "title": "Owls",
        "categories": ["birds"],
        "additional_parent_categories": ["music"],
    }
    assert member.post(kept["keep"], again).json()["video"] == kept["video"]

    video = VideoPage.objects.get()
    assert (video.title, video.draft_title, video.live) == ("Owls", "Owls", False)
    assert {category.name for category in video.parent_categories()} == {"Nature", "Music"}
    assert video.revisions.count() == 1, "keystrokes are no revisions"
    assert "Owls" in member.get("/studio/").content.decode()


def test_what_is_not_right_yet_leaves_the_rest_alone(member: Client, token: str) -> None:
    words = {"token": token, "title": "Owls", "tags": "owl", "visibility": "private"}
    member.post("/upload/keep/", words)
    wrong = {**words, "title": "Two owls", "tags": "x" * 50, "visibility": "everywhere"}
    assert member.post("/upload/keep/", {**wrong, "description": "a\0b"}).status_code == 200

    video = VideoPage.objects.get()
    assert (video.title, video.visibility, video.description) == ("Two owls", "private", "")
    assert [tag.name for tag in video.tags.all()] == ["owl"]


def test_sent_twice_it_is_made_once(member: Client, token: str) -> None:
    sent = {"token": token, "title": "Owls", "visibility": "public"}
    for _ in range(2):
        assert member.post("/upload/", sent).status_code == 302
    member.post("/upload/keep/", {**sent, "title": "Other owls"})
    assert VideoPage.objects.get().title == "Other owls"


def test_two_requests_at_once_make_one(
    member: Client, token: str, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = drafts.page_of(ada, token)
    member.post("/upload/keep/", {"token": token, "title": "Owls"})
    found, really = [late], drafts.page_of
    monkeypatch.setattr(drafts, "page_of", lambda *a: found.pop() if found else really(*a))

    assert member.post("/upload/", {"token": token, "title": "Two", "visibility": "public"}).url
    assert VideoPage.objects.get().title == "Two"


def test_a_token_is_its_visitors_own(token: str, make_user: Any, client: Client) -> None:
    client.force_login(make_user("bruno"))
    for theirs in (token, "x", "", "a" * 9000, f"{token}\0"):
        answer = client.post("/upload/keep/", {"token": theirs, "title": "Owls"})
        assert answer.status_code == 200
        assert (
            answer.json()["video"] not in base64.b64decode(token.partition(":")[0] + "==").decode()
        )
    assert VideoPage.objects.filter(creator__user__username="bruno").count() == 5


def test_unfinished_words_do_not_touch_what_is_live_or_due(
    member: Client, ada: User, make_video: Any
) -> None:
    video = make_video("A walk", creator=ada.profile)
    assert member.post(f"/studio/{video.video_id}/keep/", {"title": "x"}).status_code == 409
    assert "data-keep" not in member.get(f"/studio/{video.video_id}/").content.decode()
    assert VideoPage.objects.get().title == "A walk"


def test_many_new_drafts_a_day_are_limited(member: Client, site_tree: Any, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "draft": "1/d/user"}
    assert member.post("/upload/keep/", {"title": "One"}).status_code == 200
    assert member.post("/upload/keep/", {"title": "Two"}).status_code == 429


def test_saving_the_form_keeps_what_happened_meanwhile(
    member: Client, ada: User, make_video: Any
) -> None:
    video = make_video("A walk", creator=ada.profile)
    stale = VideoPage.objects.get()
    arrived = VideoMedia.objects.create(title="x", file="media/x.mp4", type="video", duration=0)
    videos.receive(video, arrived)
    VideoPage.objects.update(views=7)
    videos.catch_up(stale)
    stale.save()
    after = VideoPage.objects.get()
    assert (after.new_media, after.views) == (arrived, 7)


@pytest.fixture
def draft(ada: User, make_video: Any) -> VideoPage:
    """A draft whose film is ready."""
    video: VideoPage = make_video("A walk", creator=ada.profile, publish=False)
    VideoMedia.objects.update(state=VideoMedia.State.READY)
    return video


def sent(**fields: Any) -> dict[str, Any]:
    return {"title": "A walk", "visibility": "public", "publish": "1", **fields}


def test_a_video_is_published_at_its_time(member: Client, draft: VideoPage) -> None:
    when = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0, tzinfo=None)
    edit = f"/studio/{draft.video_id}/"
    words = sent(go_live_at=when.isoformat(timespec="minutes"), time_zone="Asia/Kolkata")
    assert member.post(edit, words).status_code == 302

    draft.refresh_from_db()
    due = draft.go_live_at
    assert due is not None
    assert due.replace(tzinfo=None) == when - timedelta(hours=5, minutes=30)
    assert not draft.live
    call_command("publish_scheduled")
    assert not VideoPage.objects.get().live

    draft.revisions.exclude(approved_go_live_at=None).update(
        approved_go_live_at=timezone.now() - timedelta(seconds=1)
    )
    VideoPage.objects.update(go_live_at=timezone.now() - timedelta(seconds=1))
    for revision in draft.revisions.exclude(approved_go_live_at=None):
        revision.content["go_live_at"] = (timezone.now() - timedelta(seconds=1)).isoformat()
        revision.save()
    call_command("publish_scheduled")
    assert VideoPage.objects.get().live


def test_saved_as_a_draft_it_is_due_no_longer(member: Client, draft: VideoPage) -> None:
    when = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    edit = f"/studio/{draft.video_id}/"
    member.post(edit, sent(go_live_at=when))
    assert VideoPage.objects.get().approved_schedule
    assert member.post(f"{edit}keep/", sent(title="x")).status_code == 409
    words = sent(go_live_at=when)
    del words["publish"]
    member.post(edit, words)
    assert not VideoPage.objects.get().approved_schedule


@pytest.mark.parametrize(
    ("when", "zone", "message"),
    [
        ("2020-01-01T00:00", "", "This time is over"),
        ("0001-01-01T00:00", "Pacific/Kiritimati", "This time is over"),
        ("9999-12-31T23:59", "America/Adak", "next two years"),
        ("tomorrow", "", "Enter a valid date/time"),
        ("2020-01-01T00:00", "../../etc/passwd", "This time is over"),
        ("2020-01-01T00:00", "America", "This time is over"),
        ("2020-01-01T00:00", "x" * 5000, "This time is over"),
    ],
)
def test_20_a_time_that_cannot_be_is_explained(
    member: Client, draft: VideoPage, when: str, zone: str, message: str
) -> None:
    answer = member.post(
        f"/studio/{draft.video_id}/", sent(go_live_at=when, time_zone=zone, title="Kept")
    )
    assert (answer.status_code, message in answer.content.decode()) == (400, True)
    assert "Kept" in answer.content.decode()


def test_38_only_some_may_offer_premium(member: Client, ada: User, draft: VideoPage) -> None:
    edit = f"/studio/{draft.video_id}/"
    assert "is_premium" not in member.get(edit).content.decode()
    member.post(edit, sent(is_premium="on"))
    assert not VideoPage.objects.get().is_premium

    ada.user_permissions.add(Permission.objects.get(codename="offer_premium"))
    assert "is_premium" in member.get(edit).content.decode()
    member.post(edit, sent(is_premium="on"))
    assert VideoPage.objects.get().is_premium


@pytest.mark.parametrize(("language", "status"), [("pt-br", 302), ("", 302), ("xx", 400)])
def test_a_video_has_a_language(
    member: Client, draft: VideoPage, language: str, status: int
) -> None:
    answer = member.post(f"/studio/{draft.video_id}/", sent(language=language))
    assert answer.status_code == status
    assert VideoPage.objects.get().language == (language if status == 302 else "")


def test_a_frame_of_the_film_may_be_the_thumbnail(
    member: Client, ada: User, draft: VideoPage, make_video: Any
) -> None:
    buffer = BytesIO()
    Image.new("RGB", (64, 36), "orange").save(buffer, "JPEG")

    def frame_of(video: VideoPage, at: float) -> VideoFrame:
        file = ContentFile(buffer.getvalue(), name="frame.jpg")
        picture = Picture.objects.create(title="A frame", file=file)
        return VideoFrame.objects.create(media=video.media, picture=picture, at=at)

    early, late = frame_of(draft, 1.0), frame_of(draft, 2.0)
    foreign = frame_of(make_video("Another"), 3.0)
    edit = f"/studio/{draft.video_id}/"
    assert member.get(edit).content.decode().count('name="frame"') == 3

    assert member.post(edit, sent(frame=late.pk)).status_code == 302
    assert VideoPage.objects.get(pk=draft.pk).thumbnail == late.picture
    assert member.post(edit, sent(frame=foreign.pk)).status_code == 400
    assert VideoPage.objects.get(pk=draft.pk).thumbnail != early.picture
    assert member.post(edit, sent(frame="")).status_code == 302
    assert VideoPage.objects.get(pk=draft.pk).thumbnail is None
