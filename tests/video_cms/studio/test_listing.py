"""The list of one's own videos: found, filtered, changed many at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageLogEntry

from video_cms.models import Upload, VideoMedia, VideoPage
from video_cms.studio import bulk, videos

pytestmark = pytest.mark.django_db

LONG = "An evening walk to the owls behind the mill " * 4


@pytest.fixture
def several(ada: Any, make_video: Any, parent_categories: Any) -> dict[str, VideoPage]:
    """One video of ada's in each state."""
    made = {
        name: make_video(f"The {name} one", creator=ada.profile, **fields)
        for name, fields in {
            "live": {"categories": ["Birds"], "views": 5},
            "private": {"visibility": "private", "views": 9},
            "draft": {"publish": False},
            "scheduled": {"publish": False},
            "looking": {"publish": False},
            "failed": {"publish": False},
        }.items()
    }
    VideoMedia.objects.update(state="ready")
    for name, state in (("looking", "new"), ("failed", "failed")):
        VideoMedia.objects.filter(pages=made[name]).update(state=state, failure="It is cut off.")
    scheduled = made["scheduled"]
    scheduled.go_live_at = timezone.now() + timedelta(days=1)
    scheduled.save()
    scheduled.save_revision().publish()
    return made


def listed(member: Client, **asked: str) -> list[str]:
    answer = member.get("/studio/", asked)
    assert answer.status_code == 200
    return [video.title.split()[1] for video in answer.context["page_obj"]]


@pytest.mark.parametrize("state", ["draft", "scheduled", "looking", "failed"])
def test_each_state_can_be_asked_for_and_is_shown(
    member: Client, several: dict[str, VideoPage], state: str
) -> None:
    assert listed(member, state=state) == [state]
    assert videos.state_of(VideoPage.objects.get(pk=several[state].pk)) == state
    assert state not in listed(member, state="live")


def test_a_file_that_has_not_arrived_and_the_zone_of_a_publish_time_are_named(
    member: Client, several: dict[str, VideoPage], ada: Any
) -> None:
    Upload.objects.create(user=ada, video=several["draft"], size=9, name="owls.mp4")
    page = member.get("/studio/").content.decode()
    assert page.count("Not all of “owls.mp4” has arrived.") == 1
    assert re.search(r'Scheduled for <time datetime="[^"]+" data-own-clock>[^<]+ UTC</time>', page)


def test_search_filters_and_order(member: Client, several: dict[str, VideoPage]) -> None:
    several["draft"].tags.add("Barn owls")
    several["draft"].save()
    assert listed(member, q="OWLS") == ["draft"]
    assert listed(member, visibility="private") == ["private"]
    assert listed(member, category="birds") == ["live"]
    assert listed(member, order="views")[:2] == ["private", "live"]
    assert listed(member, order="title")[0] == "draft"
    assert listed(member, state="live", order="old") == ["live", "private"]
    assert listed(member, q="nothing like it") == []
    assert "Show all" in member.get("/studio/?q=nothing").content.decode()


@pytest.mark.parametrize("asked", ["q=a%00b", "state=x", "category=x", "order=x", "page=abc"])
def test_28_nonsense_is_answered_calmly(
    member: Client, several: dict[str, VideoPage], asked: str
) -> None:
    assert member.get(f"/studio/?{asked}").status_code == 200


def change(member: Client, action: str, *chosen: VideoPage, **more: str) -> Any:
    ids = [video.video_id for video in chosen]
    return member.post("/studio/many/", {"action": action, "video": ids, **more})


def test_many_are_changed_at_once(member: Client, several: dict[str, VideoPage]) -> None:
    live, draft = several["live"], several["draft"]

    change(member, "private", live, draft)
    change(member, "no_comments", live)
    change(member, "add", live, draft, category="jazz")
    change(member, "remove", live, category="birds")
    change(member, "publish", draft)

    now = {video.title.split()[1]: video for video in VideoPage.objects.all()}
    assert now["live"].visibility == now["draft"].visibility == "private"
    assert (now["live"].comments_enabled, now["draft"].comments_enabled) == (False, True)
    assert [one.slug for one in now["live"].categories.all()] == ["jazz"]
    assert now["draft"].live
    assert now["live"].get_latest_revision_as_object().visibility == "private"
    change(member, "unpublish", live)
    change(member, "delete", draft)
    assert listed(member, state="live") == ["private"]


def test_a_change_of_many_is_in_revisions_and_log_and_told_to_feeds_once(
    member: Client, several: dict[str, VideoPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that no revision knows of ends too: to publish it when its file is good."""
    told: list[Any] = []
    monkeypatch.setattr("recommendations_plugin.api.index_items", told.append)
    live = several["live"]
    VideoPage.objects.filter(pk=live.pk).update(publish_when_ready=True)
    before = live.revisions.count()
    change(member, "no_comments", live)
    assert told == [[live]]
    live.refresh_from_db()
    assert (live.publish_when_ready, live.has_unpublished_changes) == (False, False)
    assert (live.revisions.count(), live.live_revision) == (before + 1, live.latest_revision)
    log = PageLogEntry.objects.for_instance(live).order_by("pk")
    assert list(log.values_list("action", flat=True))[-2:] == ["wagtail.edit", "wagtail.publish"]


def test_what_is_scheduled_is_published_as_it_is_now(
    member: Client, several: dict[str, VideoPage], ada: Any
) -> None:
    scheduled = several["scheduled"]
    change(member, "private", scheduled)
    assert scheduled.scheduled_revision.as_object().visibility == "private"

    member.post(f"/studio/{scheduled.video_id}/unpublish/")
    assert listed(member, state="scheduled") == []
    member.post(f"/studio/{scheduled.video_id}/publish/", {"next": "//evil.example"})
    assert VideoPage.objects.get(pk=scheduled.pk).live


@pytest.mark.parametrize(
    ("action", "more", "message"),
    [
        ("", {}, "Choose what to do"),
        ("add", {}, "Choose a category"),
        ("add", {"category": "no\0where"}, "Null characters"),
        ("explode", {}, "not one of the available choices"),
    ],
)
def test_a_change_that_cannot_be_says_why_and_keeps_the_ticks(
    member: Client, several: dict[str, VideoPage], action: str, more: Any, message: str
) -> None:
    answer = change(member, action, several["live"], **more)
    page = answer.content.decode()
    assert (answer.status_code, message in page) == (400, True)
    assert page.count(" checked") == 1
    assert "Tick the videos" in change(member, "private").content.decode()


def test_35_others_videos_stay_as_they_are(
    member: Client, several: dict[str, VideoPage], make_video: Any
) -> None:
    theirs = make_video("Theirs")
    for action in bulk.ACTIONS:
        change(member, action, theirs, category="jazz")
    member.post("/studio/many/", {"action": "delete", "video": ["\0", "x" * 900]})
    after = VideoPage.objects.get(pk=theirs.pk)
    assert (after.live, after.visibility, after.deleted_at) == (True, "public", None)


def test_the_list_takes_the_same_queries_however_long(
    member: Client, several: dict[str, VideoPage], ada: Any, make_video: Any
) -> None:
    asked = "/studio/?q=one&state=live&category=birds"
    member.get("/studio/")
    with CaptureQueriesContext(connection) as few:
        member.get(asked)
    for number in range(8):
        make_video(f"Video one {number} {LONG}", creator=ada.profile, categories=["Birds"])
    with CaptureQueriesContext(connection) as many:
        assert "Video one 7" in member.get(asked).content.decode()
    assert len(many) <= len(few)
