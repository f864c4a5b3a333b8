"""Where in a video: a start as addresses name it, and chapters as descriptions list them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

#: A start as addresses name it: 83, 83s, 1m23s, 1h2m3s.
START = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,6})s?)?", re.ASCII)
#: A line of chapters: a time, such as 0:07, 12:30 or 1:02:03, then its title.
CHAPTER = re.compile(
    r"[\s(\[•*-]*(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)[)\]]?[\s:–—.-]*(\S.*)", re.ASCII
)
#: Fewer lines with a time are no chapters.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a video: its title, and from where to where, in seconds."""

    start: int
    end: float
    title: str


def start_of(text: str) -> int:
    """Return the second that an address asks to start at; 0 where it names none."""
    match = START.fullmatch(text)
    return seconds(*match.groups()) if match else 0


def seconds(hours: str | None, minutes: str | None, rest: str | None) -> int:
    """Return the seconds of hours, minutes and seconds as matched."""
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(rest or 0)


def chapters(description: str, duration: float) -> list[Chapter]:
    """Return the chapters that a description lists, if it does.

    Three lines or more start with a time, the first with 0:00, each later than the one before and
    within the video.
    """
    found = [match for line in description.splitlines() if (match := CHAPTER.fullmatch(line))]
    starts = [seconds(*match.groups()[:3]) for match in found]
    in_order = all(before < after for before, after in itertools.pairwise(starts))
    if len(found) < FEWEST or starts[0] != 0 or not in_order or starts[-1] >= duration:
        return []
    titles = [match[4].strip() for match in found]
    ends = [*map(float, starts[1:]), duration]
    return [Chapter(*parts) for parts in zip(starts, ends, titles, strict=True)]
