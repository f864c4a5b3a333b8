"""Which files are taken for films, told by their first bytes."""

from __future__ import annotations

from ..processing.probe import REASONS
from ..processing.sniff import sniff

#: How a file of each container is called here. Processing makes of each what browsers play.
ENDINGS = {"mov": "mp4", "ogg": "ogv", "avi": "avi", "mpeg": "mpg", "mpegts": "ts"}
#: What a browser offers to choose; what is in the file decides.
ACCEPTED = "video/*,.mkv,.avi,.mts,.m2ts,.ts"


def ending_of(head: bytes) -> str:
    """Return how the file that begins so shall be called; nothing if it is no film."""
    container = sniff(head)
    if container == "matroska":
        return "webm" if b"webm" in head[:64] else "mkv"
    return ENDINGS.get(container or "", "")


def not_a_film() -> str:
    """Return what is said of a file that is not taken."""
    return str(REASONS["not_a_video"])
