"""How visitors' own words are shown: escaped, in paragraphs, with links nobody vouches for."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import Urlizer, escape, linebreaks
from django.utils.safestring import SafeString, mark_safe

#: A moment as players write it: 1:23 or 1:02:03.
MOMENT = re.compile(r"(?<![\w:.,/-])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?![\w:/])", re.ASCII)
#: Characters of an address that are shown.
SHOWN = 60


class _Links(Urlizer):
    """Addresses as links."""

    url_template = '<a href="{href}" rel="nofollow noopener ugc">{url}</a>'


class _LinksAndMoments(_Links):
    """Addresses as links, and moments of a video as links that seek."""

    def __init__(self, address: str, duration: float) -> None:
        self.address, self.duration = address, duration

    def handle_word(self, word: str, **options: Any) -> str:
        shown: str = super().handle_word(word, **options)
        return shown if "<a " in shown else MOMENT.sub(self.link, shown)

    def link(self, found: re.Match[str]) -> str:
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        second = hours * 3600 + minutes * 60 + seconds
        if (hours and minutes > 59) or (self.duration and second > self.duration):
            return found[0]
        address = escape(f"{self.address}?t={second}")
        return f'<a href="{address}" data-seek="{second}">{found[0]}</a>'


def shown(text: str, video: Any = None) -> SafeString:
    """Return words as HTML; with a video, its moments (1:23) are links with ``data-seek``."""
    links = _LinksAndMoments(video.get_url() or "", video.duration) if video else _Links()
    html = links(text, trim_url_limit=SHOWN, autoescape=True)
    return mark_safe(linebreaks(html, autoescape=False))  # noqa: S308 - escaped by the line above


def number_of_links(text: str) -> int:
    """Return how many links the words would show."""
    return str(_Links()(text, autoescape=True)).count("<a ")
