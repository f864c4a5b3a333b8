"""Captions of one's own videos: written as text, in several languages, with errors by line."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from video_cms.models import CaptionTrack, VideoPage

pytestmark = pytest.mark.django_db

TEXT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nListen\n"


@pytest.fixture
def mine(ada: Any, make_video: Any) -> VideoPage:
    page: VideoPage = make_video("My owls", creator=ada.profile)
    return page


def write(browser: Client, video: VideoPage, place: str = "", /, **sent: str) -> Any:
    place = f"/studio/{video.video_id}/captions/{place}"
    return browser.post(place, {"language": "en", "webvtt": TEXT, **sent})


def test_captions_are_added_changed_downloaded_and_removed(member: Client, mine: VideoPage) -> None:
    assert write(member, mine).status_code == 302
    write(member, mine, language="de", webvtt=TEXT.replace("Listen", "Hört"))

    changed = write(member, mine, "en/", label="English", webvtt=TEXT.replace("Listen", "Look"))

    assert changed["Location"] == f"/studio/{mine.video_id}/captions/en/"
    assert "Look" in Client().get(f"/video/{mine.video_id}/captions/en.vtt").content.decode()
    page = member.get(f"/studio/{mine.video_id}/captions/en/").content.decode()
    assert 'data-start="1.0"' in page
    assert "Deutsch" in page
    file = member.get(f"/studio/{mine.video_id}/captions/de.vtt")
    assert "attachment" in file["Content-Disposition"]
    assert "Hört" in file.content.decode()
    assert "My owls" in member.get("/search/?q=look").content.decode()
    member.post(f"/studio/{mine.video_id}/captions/de/remove/")
    assert [track.language for track in CaptionTrack.objects.all()] == ["en"]


def test_a_draft_gets_captions_too(member: Client, ada: Any, make_video: Any) -> None:
    draft = make_video("Draft", creator=ada.profile, publish=False)
    write(member, draft)
    assert (CaptionTrack.objects.count(), VideoPage.objects.get().live) == (1, False)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"webvtt": "WEBVTT\n\n00:00:03.000 --> 00:00:02.000\nBack"}, "Line 3: the end must come"),
        ({"webvtt": "WEBVTT\n\nhello there"}, "Line 3: a time such as"),
        ({"webvtt": "a\0b"}, "Null characters"),
        ({"webvtt": ""}, "This field is required"),
        ({"language": "English!"}, "language code"),
        ({"language": "fr"}, "in this language already"),
    ],
)
def test_what_is_wrong_is_said_by_its_line_and_the_text_stays(
    member: Client, mine: VideoPage, sent: dict[str, str], message: str
) -> None:
    CaptionTrack.objects.create(video=mine, language="fr", webvtt=TEXT)
    answer = write(member, mine, **sent)
    page = answer.content.decode()
    assert (answer.status_code, message in page) == (400, True)
    assert "hello there" in page or "hello" not in sent.get("webvtt", "")
    assert CaptionTrack.objects.count() == 1


@pytest.mark.parametrize("path", ["", "en/", "en/remove/", "en.vtt", "xx/"])
def test_35_captions_of_others_are_not_found(member: Client, video: VideoPage, path: str) -> None:
    CaptionTrack.objects.create(video=video, language="en", webvtt=TEXT)
    place = f"/studio/{video.video_id}/captions/{path}"
    assert member.post(place, {"language": "de", "webvtt": TEXT}).status_code in (404, 405)
    assert member.get(place).status_code in (404, 405)
    assert CaptionTrack.objects.count() == 1
