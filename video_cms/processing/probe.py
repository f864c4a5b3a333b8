"""What probing finds in a video file, or why the file is of no use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

#: What a file may be at most: pixels of a frame, streams, seconds of play, seconds of processor
#: time to look at it; and the longer side of its poster.
LIMITS = {
    "pixels": 8192 * 4320,
    "streams": 32,
    "duration": 12 * 3600,
    "seconds": 30,
    "poster": 1280,
}

REASONS = {
    "empty": _("The file is empty."),
    "missing": _("The file is gone. Upload it again."),
    "not_a_video": _(
        "This is not a video file we can read. Use MP4, MOV, WebM, MKV, Ogg, AVI or MPEG."
    ),
    "no_picture": _("The file has sound only: there is no picture in it."),
    "damaged": _("The file is damaged or not complete. Export it again."),
    "cut_short": _("The end of the file is missing. Upload it again."),
    "too_long": _("The video is longer than 12 hours."),
    "too_many_pixels": _("The picture is too large: 8192 × 4320 pixels at most."),
    "too_heavy": _("The file cannot be read with reasonable effort. Export it again as MP4."),
    "too_slow": _("Reading the file took too long. Export it again as MP4."),
    "no_space": _("There is no room left for this video. Try again later."),
    "killed": _("The work on this video was stopped. Try again."),
    "stopped": _("This stopped the machine that worked on it, several times."),
}


class UnusableVideo(Exception):
    """A file is no video, or none that can be shown; ``reason`` says so to its owner."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = REASONS[code]

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video file holds. ``duration`` is in seconds; sizes are as shown, turned upright.

    ``plays`` tells whether browsers play the file as it is.
    """

    duration: float
    width: int
    height: int
    codec: str
    audio_codec: str
    container: str
    plays: bool


class Findings(NamedTuple):
    """What one look at a file gives: its probe and a frame as JPEG."""

    probe: Probe
    poster: bytes
