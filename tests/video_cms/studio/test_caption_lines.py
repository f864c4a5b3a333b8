"""Captions line by line: what is wrong is said in its row, and a long track comes in pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from video_cms import captions
from video_cms.captions import Cue
from video_cms.models import CaptionTrack, VideoPage
from video_cms.studio import cue_rows

pytestmark = pytest.mark.django_db

Line = tuple[str, str, str]


@pytest.fixture
def mine(ada: Any, make_video: Any) -> VideoPage:
    """A draft of ten seconds with two lines."""
    page: VideoPage = make_video("My owls", creator=ada.profile, publish=False)
    cues = [Cue(1, 2, "Listen"), Cue(3, 4.5, "<i>They</i> call", "line:0")]
    CaptionTrack.objects.create(video=page, language="en", webvtt=captions.write(cues))
    return page


def place(video: VideoPage, language: str = "en/") -> str:
    return f"/studio/{video.video_id}/captions/{language}lines/"


def send(
    browser: Client,
    path: str,
    lines: Sequence[Line],
    form: dict[str, str] | None = None,
    **sent: str,
) -> Any:
    """Send rows as the page's form does, with the state it was shown in."""
    shown = browser.get(path).content.decode()
    version = re.search(r'name="version" value="(\w*)"', shown)
    assert version
    data = {"language": "en", "label": "", "version": version[1], "line-INITIAL_FORMS": "0"}
    data["line-TOTAL_FORMS"] = str(len(lines))
    for number, (start, end, text) in enumerate(lines):
        row = {"start": start, "end": end, "text": text, "settings": ""}
        data |= {f"line-{number}-{name}": value for name, value in row.items()}
    return browser.post(path, {**data, **sent})


def cues(video: VideoPage, language: str = "en") -> list[Cue]:
    return captions.read(CaptionTrack.objects.get(video=video, language=language).webvtt)


def rows_in(answer: Any) -> list[Line]:
    return [(row["start"].value(), row["end"].value(), row["text"].value()) for row in rows(answer)]


def rows(answer: Any) -> Any:
    return answer.context["rows"].forms


def test_rows_become_the_track_in_the_order_of_their_times(member: Client, mine: VideoPage) -> None:
    page = member.get(place(mine)).content.decode()
    assert 'value="0:01.000"' in page
    assert "&lt;i&gt;They&lt;/i&gt; call" in page

    sent = [("5", "0:06,5", "Tom & Jerry <3"), ("0:01", "0:02.5", "Hear\n\n--> <b>now</b>")]
    answer = send(member, place(mine), [*sent, ("", "", "")])

    assert answer["Location"] == place(mine)
    assert [(cue.start, cue.end) for cue in cues(mine)] == [(1, 2.5), (5, 6.5)]
    assert cues(mine)[0].text == "Hear\n→ <b>now</b>"
    assert cues(mine)[1].plain == "Tom & Jerry <3"
    assert "Tom &amp; Jerry &lt;3" in member.get(place(mine)).content.decode()


@pytest.mark.parametrize(
    ("lines", "row", "message"),
    [
        ([("0:02", "0:01", "x")], 0, "The end must come after the start."),
        ([("0:01", "0:03", "x"), ("0:02", "0:04", "y")], 1, "The line above ends at 0:03.000"),
        ([("0:04", "0:05", "y"), ("0:01", "0:04.5", "x")], 0, "The line above ends at 0:04.500"),
        ([("0:09", "0:11", "x")], 0, "The video is over at 0:10."),
        ([("soon", "0:02", "x")], 0, "Write the time as 1:23.5"),
        ([("9" * 400, "0:02", "x")], 0, "Write the time as 1:23.5"),
        ([("0:01", "0:02", "")], 0, "Write what is said here"),
        ([("0:01", "0:02", "a\0")], 0, "Null characters"),
    ],
)
def test_what_is_wrong_stands_in_its_row_and_all_that_was_typed_stays(
    member: Client, mine: VideoPage, lines: list[Line], row: int, message: str
) -> None:
    answer = send(member, place(mine), lines)
    assert answer.status_code == 400
    assert message in str(rows(answer)[row].errors)
    assert rows_in(answer) == lines
    assert cues(mine)[0].text == "Listen"


def test_lines_at_different_places_may_be_shown_at_once(member: Client, mine: VideoPage) -> None:
    lines = [("0:01", "0:03", "Below"), ("0:01", "0:03", "Above")]
    answer = send(member, place(mine), lines, **{"line-1-settings": "line:0 <script>"})
    assert answer.status_code == 302
    assert [cue.settings for cue in cues(mine)] == ["", "line:0"]


def test_another_language_is_begun_with_a_row(member: Client, mine: VideoPage) -> None:
    assert rows_in(member.get(place(mine, ""))) == [("0:00.000", "0:04.000", None)]
    taken = send(member, place(mine, ""), [("0:00", "0:04", "Hört")])
    assert "in this language already" in taken.content.decode()
    assert send(member, place(mine, ""), [], language="de").status_code == 302, "nothing is made"
    send(member, place(mine, ""), [("0:00", "0:04", "Hört")], language="de")
    assert cues(mine, "de") == [Cue(0, 4, "Hört")]

    send(member, place(mine, "de/"), [], language="de")
    assert not CaptionTrack.objects.filter(language="de").exists()


@pytest.mark.parametrize(
    ("button", "told", "after"),
    [
        (
            "add-0",
            {},
            [("0:01", "0:03", "one two"), ("0:03.000", "0:05.000", ""), ("0:05", "0:06", "three")],
        ),
        ("remove-0", {}, [("0:05", "0:06", "three")]),
        ("merge-0", {}, [("0:01", "0:06", "one two\nthree")]),
        ("merge-1", {}, [("0:01", "0:03", "one two"), ("0:05", "0:06", "three")]),
        (
            "split-0",
            {},
            [("0:01", "0:02.000", "one"), ("0:02.000", "0:03", "two"), ("0:05", "0:06", "three")],
        ),
        (
            "split-0",
            {"time": "1.25", "caret": "2"},
            [("0:01", "0:01.250", "on"), ("0:01.250", "0:03", "e two"), ("0:05", "0:06", "three")],
        ),
        (
            "split-1",
            {"time": "99", "caret": "1e9"},
            [("0:01", "0:03", "one two"), ("0:05", "0:05.500", "three"), ("0:05.500", "0:06", "")],
        ),
    ],
)
def test_a_rows_button_changes_the_form_and_saves_nothing(
    member: Client, mine: VideoPage, button: str, told: dict[str, str], after: list[Line]
) -> None:
    lines = [("0:01", "0:03", "one two"), ("0:05", "0:06", "three")]
    answer = send(member, place(mine), lines, do=button, **told)
    assert (answer.status_code, rows_in(answer)) == (200, after)
    assert answer.content.count(b"autofocus") == 1
    assert cues(mine)[0].text == "Listen"


def test_a_row_that_is_wrong_can_be_split_and_odd_buttons_do_nothing(
    member: Client, mine: VideoPage
) -> None:
    lines = [("soon", "", "one two")]
    assert len(rows_in(send(member, place(mine), lines, do="split-0"))) == 2
    for odd in ("split-7", "fly-0", "remove-99999", "split-²"):
        answer = send(member, place(mine), lines, do=odd)
        assert rows_in(answer) == lines
    answer = member.post(place(mine), {"do": "add-0"})
    assert answer.status_code == 200, "a form without its rows is no error"


def test_thousands_of_lines_come_in_pages_that_are_saved_one_by_one(
    member: Client, mine: VideoPage, django_assert_max_num_queries: Any
) -> None:
    mine.media.duration = 2000
    mine.media.save()
    many = [Cue(n, n + 1, f"Line {n}") for n in range(1500)]
    CaptionTrack.objects.update(webvtt=captions.write(many))
    with django_assert_max_num_queries(30):
        answer = member.get(f"{place(mine)}?at=0:20:00.5")
    assert answer.context["page_obj"].start_index() == 1201
    assert len(rows(answer)) == cue_rows.PER_PAGE
    assert len(answer.content) < 200_000

    second = f"{place(mine)}?page=2"
    answer = send(member, second, [("0:49", "0:51", "Too early"), ("1:39", "1:41", "Too late")])
    assert "The line above ends at 0:50.000" in str(rows(answer)[0].errors)
    assert "The next line starts at 1:40.000" in str(rows(answer)[1].errors)

    assert send(member, second, [("0:50", "0:52", "Only this")])["Location"] == second
    after = cues(mine)
    assert [cue.text for cue in (after[49], after[50], after[51])] == [
        "Line 49",
        "Only this",
        "Line 100",
    ]
    assert len(after) == 1500 - 50 + 1


def test_lines_that_were_changed_meanwhile_are_not_lost(member: Client, mine: VideoPage) -> None:
    answer = send(member, place(mine), [("0:01", "0:02", "Mine")], version="older")
    assert answer.status_code == 400
    assert "changed in another place" in answer.content.decode()
    assert rows_in(answer) == [("0:01", "0:02", "Mine")]
    assert cues(mine)[0].text == "Listen"


@given(st.text(alphabet="<>&;/ibcvltgamp#1 .:-x\n", max_size=40))
def test_words_go_into_a_row_and_come_back_the_same(text: str) -> None:
    once = cue_rows.kept(text)
    assert cue_rows.kept(cue_rows.shown(once)) == once
    assert captions.read(captions.write([Cue(1, 2, once)]))[0].text == once


def test_35_lines_of_others_are_not_found(member: Client, video: VideoPage) -> None:
    CaptionTrack.objects.create(video=video, language="en", webvtt=captions.write([Cue(1, 2, "x")]))
    for path in (place(video), place(video, "")):
        assert member.get(path).status_code == 404
        assert member.post(path, {"language": "de"}).status_code == 404
