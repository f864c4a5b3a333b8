"""The child process: opens files that may be hostile, and knows nothing else of the site.

Run as ``python -I worker.py``. Each line on standard input is a request in JSON, ``path``,
``demuxer`` and ``limits``; each line on standard output the answer: what was found, or ``error``.
It imports PyAV and the standard library only, and its parent kills it when it takes too long.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import av

with contextlib.suppress(ImportError):  # not on Windows, where the time limit has to do
    import resource

MEMORY = 3 * 1024**3
FRAMES_DECODED_AT_MOST = 400
CUT_SHORT = 0.8


class Unusable(Exception):
    """The file cannot be used; the argument is one of the codes in ``probe.REASONS``."""


def main() -> None:
    limit_process()
    for line in sys.stdin:
        request = json.loads(line)
        limit_processor_time(request["limits"]["seconds"])
        print(json.dumps(answer(request)), flush=True)


def limit_process() -> None:
    """Give up the right to much memory and to write any file."""
    if "resource" in globals():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_processor_time(seconds: int) -> None:
    """Allow this much processor time from now on: the system's limit counts from the start."""
    if "resource" in globals():
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = int(used.ru_utime + used.ru_stime) + seconds + 1
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return what was found in the file of a request, or why it cannot be used."""
    try:
        with open(request["path"], "rb") as file:
            return examine(file, request["demuxer"], request["limits"])
    except Unusable as unusable:
        return {"error": str(unusable)}
    except MemoryError:
        return {"error": "too_heavy"}
    except (av.FFmpegError, OSError, ValueError):
        return {"error": "damaged"}


def examine(file: Any, demuxer: str, limits: dict[str, int]) -> dict[str, Any]:
    """Read the streams and take a frame. FFmpeg gets an open file and may open no other."""
    options = {
        "protocol_whitelist": "none",
        "format_whitelist": demuxer_names(demuxer),
        "max_streams": str(limits["streams"]),
    }
    with av.open(file, format=demuxer, options=options) as container:
        if not container.streams.video:
            raise Unusable("no_picture")
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        if not 0 < video.width * video.height <= limits["pixels"]:
            raise Unusable("too_many_pixels" if video.width else "damaged")
        seconds = duration(container)
        if seconds > limits["duration"]:
            raise Unusable("too_long")
        frame = frame_at(container, seconds * 0.4)
        turned = frame.rotation % 180 == 90
        return {
            "duration": round(seconds, 3),
            "width": video.height if turned else video.width,
            "height": video.width if turned else video.height,
            "codec": video.codec_context.name,
            "audio_codec": next((s.codec_context.name for s in container.streams.audio), ""),
            "container": demuxer,
            "poster": base64.b64encode(jpeg(frame, limits["poster"])).decode("ascii"),
        }


def demuxer_names(demuxer: str) -> str:
    """Return all the names FFmpeg gives a demuxer: its own white list compares with these."""
    return av.format.ContainerFormat(demuxer, "r").name


def duration(container: Any) -> float:
    """Return the length in seconds, and make sure that the end of the file is there."""
    video = container.streams.video[0]
    if container.duration:
        claimed = container.duration / av.time_base
    elif video.duration:
        claimed = float(video.duration * video.time_base)
    else:
        claimed = 0.0
    found = last_time(container, claimed * 0.95)
    if found <= 0:
        raise Unusable("damaged")
    if found < claimed * CUT_SHORT:
        raise Unusable("cut_short")
    return claimed or found


def last_time(container: Any, after: float) -> float:
    """Return when the last packet, of picture or sound, ends, reading from before ``after``."""
    start = (container.start_time or 0) / av.time_base
    if after:
        container.seek(int((start + after) * av.time_base))
    last = 0.0
    for packet in container.demux(*container.streams.video[:1], *container.streams.audio):
        if packet.pts is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            last = max(last, end - start)
    return last


def frame_at(container: Any, seconds: float) -> Any:
    """Return the frame shown at a time, or the last before it that can be decoded."""
    start = (container.start_time or 0) / av.time_base
    for where in (seconds, 0.0):
        container.seek(int((start + where) * av.time_base))
        found = None
        for frame in frames(container):
            found = frame
            if frame.time is None or frame.time - start >= where:
                break
        if found is not None:
            return found
    raise Unusable("damaged")


def frames(container: Any) -> Iterator[Any]:
    """Yield frames from here on, a limited number of them, stopping where the data is broken."""
    with contextlib.suppress(av.FFmpegError):
        for count, frame in enumerate(container.decode(video=0), start=1):
            yield frame
            if count == FRAMES_DECODED_AT_MOST:
                return


def jpeg(frame: Any, width: int) -> bytes:
    """Return a frame as JPEG, upright and not wider or higher than ``width``."""
    scale = min(1.0, width / max(frame.width, frame.height))
    image = frame.to_image(
        width=max(2, round(frame.width * scale)), height=max(2, round(frame.height * scale))
    )
    if frame.rotation:
        image = image.rotate(frame.rotation, expand=True)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
