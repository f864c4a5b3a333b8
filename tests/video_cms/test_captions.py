"""Captions: what is read, what is refused and why, and what they become."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_cms import captions
from video_cms.captions import BadCaptions, Cue

SRT = """\ufeff1
00:00:00,000 --> 00:00:01,500
{\\an8}<font color="red">Fish & <i>chips</i></font>

2
00:00:01,500 --> 01:00:02,250
<script>no</script>
second line
"""

WEBVTT = """WEBVTT - made by hand
Kind: captions

STYLE
::cue { background: url(https://evil.example/) }

NOTE nobody sees this

intro
00:00.000 --> 00:01.500 align:start position:10% region:top href:x
<v Ada Lovelace>Hello <b>there</b> &amp; <00:01.000>welcome

01:02:03.004 --> 01:02:04.000
Late
"""


def test_subrip_becomes_webvtt() -> None:
    assert captions.write(captions.read(SRT)) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.500\nFish &amp; <i>chips</i>\n\n"
        "00:00:01.500 --> 01:00:02.250\n&lt;script&gt;no&lt;/script&gt;\nsecond line\n"
    )


def test_webvtt_keeps_words_and_places_and_loses_styles_and_notes() -> None:
    text = captions.write(captions.read(WEBVTT))

    assert "00:00:00.000 --> 00:00:01.500 align:start position:10%\n" in text
    assert "evil" not in text
    assert "nobody" not in text
    assert captions.read(text) == captions.read(WEBVTT)


def test_plain_words_have_no_markup_and_name_who_speaks() -> None:
    first, last = captions.read(WEBVTT)

    assert first.plain == "Ada Lovelace: Hello there & welcome"
    assert (last.start, last.plain) == (3723.004, "Late")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no line with a time"),
        ("WEBVTT", "There is no line with a time"),
        ("Just some words.", "Line 1: a time such as"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\nTwo", "Line 6: a time such as"),
        ("1\n00:00:01 --> 00:00:02\nOne", "Line 2: write times as"),
        ("00:00:01,000 --> 00:99:02,000\nOne", "Line 1: write times as"),
        ("00:00:01,000 -> 00:00:02,000\nOne", "Line 1: a time such as"),
        ("00:00:02,000 --> 00:00:01,000\nOne", "Line 1: the end must come after"),
        (
            "00:00:05,000 --> 00:00:06,000\nOne\n\n00:00:01,000 --> 00:00:02,000\nTwo",
            "Line 4: this starts before",
        ),
        ("x" * (captions.LONGEST + 1), "too long"),
        ("٠٠:٠١.٠٠٠ --> ٠٠:٠٢.٠٠٠\nOne", "Line 1: write times as"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(BadCaptions, match=reason):
        captions.read(text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for start in ("", "WEBVTT\n\n", "00:01.000 --> 00:02.000\n"):
        try:
            cues = captions.read(start + text)
        except BadCaptions:
            continue
        assert captions.read(captions.write(cues)) == cues


def test_long_lines_are_read_quickly() -> None:
    words = "<v " * 50_000 + "&lt" * 50_000 + "{\\" * 50_000 + "<font" * 50_000
    cue = Cue(0, 1, words)

    began = time.process_time()
    assert cue.plain
    assert captions.from_srt(words)
    assert time.process_time() - began < 1


def test_a_cue_cannot_start_another_one() -> None:
    text = captions.write([Cue(0, 1, captions.from_srt("a --> b"))])

    assert len(captions.read(text)) == 1
