"""Start times in addresses, and chapters in descriptions."""

from __future__ import annotations

import pytest

from video_cms.timestamps import Chapter, chapters, start_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("83", 83),
        ("83s", 83),
        ("1m23s", 83),
        ("1h2m3s", 3723),
        ("2m", 120),
        ("", 0),
        ("-1", 0),
        ("1e3", 0),
        ("NaN", 0),
        ("9" * 5000, 0),
        ("٣", 0),
        ("1:23", 0),
        ("1\0", 0),
    ],
)
def test_addresses_name_a_start(text: str, seconds: int) -> None:
    assert start_of(text) == seconds


def test_three_lines_with_a_time_are_chapters() -> None:
    text = "About it.\n0:00 Dusk\n(1:05) - The first owl\n• 1:00:00: Dawn\n\nMore at 0:30."

    assert chapters(text, 4000) == [
        Chapter(0, 65, "Dusk"),
        Chapter(65, 3600, "The first owl"),
        Chapter(3600, 4000, "Dawn"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "0:00 One\n0:05 Two",
        "0:01 One\n0:05 Two\n0:09 Three",
        "0:00 One\n0:09 Two\n0:05 Three",
        "0:00 One\n0:05 Two\n0:05 Three",
        "0:00 One\n0:05 Two\n1:00 Three",
        "0:00\n0:05\n0:09",
        "0:00 One 0:05 Two 0:09 Three",
        "",
    ],
)
def test_other_times_are_not(text: str) -> None:
    assert chapters(text, 20) == []


def test_there_are_none_while_the_length_is_unknown() -> None:
    assert chapters("0:00 One\n0:05 Two\n0:09 Three", 0) == []
