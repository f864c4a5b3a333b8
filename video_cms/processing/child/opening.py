"""Opens a file with the one demuxer that may read it, and finds its streams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import av
from av.stream import Disposition

#: Our own clock: fine enough for every frame rate, and what HLS counts in.
TICK = Fraction(1, 90_000)
#: Sound waits this long (microseconds) for a picture that comes seldom, to be written beside it.
TOGETHER = {"max_interleave_delta": "120000000"}
#: The portion of packets that may be broken.
BROKEN_AT_MOST = 0.2


class Unusable(Exception):
    """The file cannot be used; the argument is one of the codes in ``probe.REASONS``."""


@contextmanager
def opened(file: Any, request: dict[str, Any]) -> Iterator[Any]:
    """Open a file's container. FFmpeg gets an open file and may open no other."""
    file.seek(0)
    options = {
        "protocol_whitelist": "none",
        "format_whitelist": demuxer_names(request["demuxer"]),
        "max_streams": str(request["limits"]["streams"]),
    }
    with av.open(file, format=request["demuxer"], options=options) as container:
        yield container


def demuxer_names(demuxer: str) -> str:
    """Return all the names FFmpeg gives a demuxer: its own white list compares with these."""
    return av.format.ContainerFormat(demuxer, "r").name


def picture_of(container: Any, limits: dict[str, int]) -> Any:
    """Return the stream that is the film, which a cover picture is not."""
    films = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not films:
        raise Unusable("no_picture")
    film = films[0]
    if film.codec_context is None:
        raise Unusable("damaged")
    if not 0 < film.width * film.height <= limits["pixels"]:
        raise Unusable("too_many_pixels" if film.width else "damaged")
    return film


def sound_of(container: Any) -> Any | None:
    """Return the stream of the sound, if there is one that can be decoded."""
    sounds = [s for s in container.streams.audio if s.codec_context is not None and s.sample_rate]
    best = container.streams.best("audio")
    return best if best in sounds else next(iter(sounds), None)


def start_of(*streams: Any) -> Fraction:
    """Return the second at which the first of some streams starts."""
    starts = [s.start_time * s.time_base for s in streams if s is not None and s.start_time]
    if any(s is not None and not s.start_time for s in streams):
        starts.append(Fraction(0))
    return min(starts, default=Fraction(0))


def upright(stream: Any, frame: Any) -> tuple[int, int]:
    """Return width and height of a film as it is to be shown: square pixels, turned upright."""
    width, height = stream.width, stream.height
    shape = stream.sample_aspect_ratio
    if shape and shape != 1 and Fraction(1, 10) < shape < 10:
        width, height = (
            (round(width * shape), height) if shape > 1 else (width, round(height / shape))
        )
    return (height, width) if frame.rotation % 180 == 90 else (width, height)


class Decoder:
    """Decodes packets; what is broken is left out, unless it is much."""

    def __init__(self) -> None:
        self.taken = self.broken = 0

    def frames(self, packet: Any) -> list[Any]:
        """Return the frames of a packet. Raises ``Unusable``."""
        self.taken += 1
        try:
            found: list[Any] = packet.decode()
        except av.FFmpegError as error:
            self.broken += 1
            if self.broken > 10 + self.taken * BROKEN_AT_MOST:
                raise Unusable("damaged") from error
            return []
        return found
