"""Looks at a file: how long, how large, what is in it, and a frame that stands for it."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Iterator
from typing import Any

import av

from . import picture, sound
from .opening import Unusable, opened, picture_of, sound_of, upright

FRAMES_DECODED_AT_MOST = 400
CUT_SHORT = 0.8
#: Where the frame that stands for a video is looked for, as portions of its length.
PLACES = (0.4, 0.6, 0.25, 0.8, 0.1)
#: The names of codecs, and of what decodes them, that a WebM may have.
WEBM = {"vp8", "vp9", "av1", "opus", "vorbis", "libvpx", "libvpx-vp9", "libdav1d", "libopus"}
#: A picture whose brightness differs less than this from point to point shows nothing.
DULL = 6.0


def examine(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Read the streams and take a frame."""
    limits = request["limits"]
    with opened(file, request) as container:
        video = picture_of(container, limits)
        video.thread_type, video.thread_count = "NONE", 1
        seconds = duration(container, video)
        if seconds > limits["duration"]:
            raise Unusable("too_long")
        frame = telling_frame(container, video, seconds)
        heard = sound_of(container)
        width, height = upright(video, frame)
        return {
            "duration": round(seconds, 3),
            "width": width,
            "height": height,
            "codec": video.codec_context.name,
            "audio_codec": heard.codec_context.name if heard else "",
            "container": request["demuxer"],
            "plays": plays(file, request, video, heard, frame),
            "poster": base64.b64encode(jpeg(frame, limits["poster"], (width, height))).decode(
                "ascii"
            ),
        }


def plays(file: Any, request: dict[str, Any], video: Any, heard: Any, frame: Any) -> bool:
    """Return whether browsers play a file as it is: MP4 or WebM with what belongs in them."""
    if request["demuxer"] == "mov":
        suits = heard is None or sound.fits(heard, "mov")
        return suits and picture.fits(video, frame, "mov", min(video.width, video.height))
    file.seek(0)
    return (
        b"webm" in file.read(64)
        and {codec.codec_context.name for codec in (video, heard) if codec is not None} <= WEBM
    )


def duration(container: Any, video: Any) -> float:
    """Return the length in seconds, and make sure that the end of the file is there."""
    if container.duration:
        claimed = container.duration / av.time_base
    elif video.duration:
        claimed = float(video.duration * video.time_base)
    else:
        claimed = 0.0
    found = last_time(container, video, claimed * 0.95)
    if found <= 0:
        raise Unusable("damaged")
    if found < claimed * CUT_SHORT:
        raise Unusable("cut_short")
    return claimed or found


def last_time(container: Any, video: Any, after: float) -> float:
    """Return when the last packet, of picture or sound, ends, reading from before ``after``."""
    start = (container.start_time or 0) / av.time_base
    if after:
        container.seek(int((start + after) * av.time_base))
    last = 0.0
    for packet in container.demux(video, *container.streams.audio):
        if packet.pts is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            last = max(last, end - start)
    return last


def telling_frame(container: Any, video: Any, seconds: float) -> Any:
    """Return a frame that shows something; the first that was looked at when none does."""
    first = None
    for place in PLACES:
        frame = frame_at(container, video, seconds * place)
        if contrast(luma(frame)) >= DULL:
            return frame
        first = first or frame
    return first


def frame_at(container: Any, video: Any, seconds: float) -> Any:
    """Return the frame shown at a time, or the last before it that can be decoded."""
    start = (container.start_time or 0) / av.time_base
    for where in (seconds, 0.0):
        container.seek(int((start + where) * av.time_base))
        found = None
        for frame in frames(container, video):
            found = frame
            if frame.time is None or frame.time - start >= where:
                break
        if found is not None:
            return found
    raise Unusable("damaged")


def frames(container: Any, video: Any) -> Iterator[Any]:
    """Yield frames from here on, a limited number of them, stopping where the data is broken."""
    with contextlib.suppress(av.FFmpegError):
        for count, frame in enumerate(container.decode(video), start=1):
            yield frame
            if count == FRAMES_DECODED_AT_MOST:
                return


def luma(frame: Any) -> bytes:
    """Return the brightness of a frame, 32 × 18 points."""
    small = frame.reformat(width=32, height=18, format="gray").planes[0]
    rows, line = bytes(small), small.line_size
    return b"".join(rows[line * row : line * row + 32] for row in range(18))


def contrast(points: bytes) -> float:
    """Return by how much the brightness of points differs, as a standard deviation."""
    mean = sum(points) / len(points)
    return (sum((point - mean) ** 2 for point in points) / len(points)) ** 0.5


def image(frame: Any, longest: int, shape: tuple[int, int]) -> Any:
    """Return a frame as a picture of a shape, upright, no side longer than ``longest``."""
    scale = min(1.0, longest / max(shape))
    width, height = (max(2, round(side * scale)) for side in shape)
    if frame.rotation % 180 == 90:
        width, height = height, width
    picture = frame.to_image(width=width, height=height)
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


def jpeg(frame: Any, longest: int, shape: tuple[int, int]) -> bytes:
    """Return a frame as JPEG."""
    buffer = io.BytesIO()
    image(frame, longest, shape).save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()
