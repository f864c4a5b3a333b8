"""Captions as WebVTT (https://www.w3.org/TR/webvtt1/): read, checked, written, made from SubRip."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .timestamps import Chapter

#: The longest captions that are kept, in characters.
LONGEST = 2_000_000

#: WebVTT writes 00:01.500, SubRip 00:00:01,500.
MOMENT = re.compile(r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})", re.ASCII)
TIMING = re.compile(r"(\S+)[ \t]+-->[ \t]+(\S+)(?:[ \t]+(.*))?")
#: Where a line stands. Regions and styles are left out: the player has its own.
SETTING = re.compile(r"(?:vertical|line|position|size|align):[\w%.,+-]+", re.ASCII)
#: What SubRip files have of HTML, and what is kept of it.
SRT_KEPT = re.compile(r"&lt;(/?[biu])&gt;", re.IGNORECASE)
SRT_LOST = re.compile(r"\{\\[^{}]*\}|</?font[^<>]*>", re.IGNORECASE)
VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]+)>")
TAG = re.compile(r"<[^<>]*>")


class BadCaptions(ValueError):
    """Text that is neither WebVTT nor SubRip; says what to change."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words and when they are shown, in seconds."""

    start: float
    end: float
    text: str
    settings: str = ""

    @property
    def plain(self) -> str:
        """The words on one line, without markup; who speaks stands before them."""
        words = TAG.sub("", VOICE.sub(r"\1: ", self.text))
        return " ".join(html.unescape(words).split())


def read(text: str) -> list[Cue]:
    """Return the cues of a WebVTT or SubRip text; raises ``BadCaptions``."""
    if len(text) > LONGEST:
        raise BadCaptions(_("These captions are too long."))
    lines = text.lstrip("\ufeff\r\n").replace("\0", "\ufffd").splitlines()
    webvtt = bool(lines) and re.fullmatch(r"WEBVTT([ \t].*)?", lines[0]) is not None
    cues: list[Cue] = []
    for number, block in blocks(lines):
        if webvtt and (number == 1 or re.match(r"(NOTE|STYLE|REGION)\b", block[0])):
            continue
        cue = read_cue(number, block, webvtt)
        if cues and cue.start < cues[-1].start:
            raise BadCaptions(
                _("Line %(line)s: this starts before the captions above it.") % {"line": number}
            )
        cues.append(cue)
    if not cues:
        raise BadCaptions(_("There is no line with a time such as “00:01.000 --> 00:04.000”."))
    return cues


def blocks(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the paragraphs of a text, each with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line.strip())
        elif block:
            yield number - len(block), block
            block = []


def read_cue(number: int, block: list[str], webvtt: bool) -> Cue:
    """Return the cue of a paragraph: maybe a name, then a timing, then the words."""
    place = 0 if "-->" in block[0] else 1
    timing = TIMING.fullmatch(block[place]) if place < len(block) else None
    if timing is None:
        raise BadCaptions(
            _("Line %(line)s: a time such as “00:01.000 --> 00:04.000” is missing.")
            % {"line": number}
        )
    line = {"line": number + place}
    start, end = (read_moment(text) for text in timing.groups()[:2])
    if start is None or end is None:
        raise BadCaptions(_("Line %(line)s: write times as 00:01.000 or 00:00:01,000.") % line)
    if end <= start:
        raise BadCaptions(_("Line %(line)s: the end must come after the start.") % line)
    text = "\n".join(block[place + 1 :]).replace("-->", "→")
    kept = filter(SETTING.fullmatch, (timing[3] or "").split())
    return Cue(start, end, text if webvtt else from_srt(text), " ".join(kept))


def read_moment(text: str) -> float | None:
    match = MOMENT.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, rest = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{rest}")


def from_srt(text: str) -> str:
    """Return SubRip's words as WebVTT writes them."""
    return SRT_KEPT.sub(r"<\1>", escape(SRT_LOST.sub("", text)))


def escape(words: str) -> str:
    """Return plain words as WebVTT writes them."""
    return html.escape(words, quote=False)


def write(cues: Iterable[Cue]) -> str:
    """Return cues as WebVTT."""
    parts = (
        f"{moment(cue.start)} --> {moment(cue.end)} {cue.settings}".rstrip() + f"\n{cue.text}\n"
        for cue in cues
    )
    return "\n".join(["WEBVTT\n", *parts])


def write_chapters(chapters: Iterable[Chapter]) -> str:
    """Return chapters as WebVTT."""
    return write(Cue(part.start, part.end, escape(part.title)) for part in chapters)


def moment(seconds: float) -> str:
    """Return a time as WebVTT writes it."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"
