"""Which files are taken for films, told by their first bytes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..processing.sniff import sniff


def ending_of(head: bytes) -> str:
    """Return how the file that begins so shall be called; nothing if browsers play no such."""
    container = sniff(head)
    if container == "matroska":
        return "webm" if b"webm" in head[:64] else ""
    return "mp4" if container == "mov" else ""


def not_a_film() -> str:
    """Return what is said of a file that is not taken."""
    return _("This is not a video that browsers play. Choose an MP4, MOV or WebM file.")
