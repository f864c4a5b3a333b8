"""One size of a film for adaptive streaming: a fragmented MP4 (CMAF), cut where all sizes are."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av

from . import picture
from .looking import frame_at
from .mp4 import through
from .opening import TOGETHER, opened, picture_of, sound_of

#: A fragment for each key frame; times count from 0 without a list of edits.
FRAGMENTED = {"movflags": "+cmaf+frag_keyframe+skip_trailer", **TOGETHER}
#: AAC-LC, which ``mp4`` writes.
SOUND = "mp4a.40.2"


def make(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Write ``output`` from a finished MP4: as it is (``copied``), or with sides of ``size``, as
    AV1 where ``av1`` says so.

    Returns where the head and each segment lies (``[offset, bytes]``), and what a playlist says
    of the whole.
    """
    with (
        opened(file, request) as source,
        av.open(request["output"], "w", format="mp4", options=FRAGMENTED) as target,
    ):
        film, heard = picture_of(source, request["limits"]), sound_of(source)
        film.thread_type = "AUTO"
        if request["copied"]:
            tracks: dict[int, Any] = {film.index: picture.Copied(film, target, Fraction(0))}
        else:
            first = frame_at(source, film, 0)
            source.seek(0)
            how = (request["size"], request["cuts"], request.get("av1", False))
            tracks = {film.index: picture.Encoded(film, target, Fraction(0), first, *how)}
        shown = tracks[film.index].target
        if heard is not None:
            tracks[heard.index] = picture.Copied(heard, target, Fraction(0))
        keys = []
        for made in packets(source, tracks, request, tell):
            if made.stream is shown and made.is_keyframe:
                keys.append(float(made.pts * made.time_base))
            target.mux(made)
        rate = film.average_rate or film.guessed_rate or Fraction(25)
        name = "" if request.get("av1") else avc(shown.codec_context.extradata)
        size = [shown.width, shown.height]
    head, fragments = layout(Path(request["output"]))
    name = name or av1(Path(request["output"]))
    return {
        "head": head,
        "segments": segments(fragments, keys, request["cuts"]),
        "codecs": ",".join([name, *([SOUND] if heard else [])]),
        "size": size,
        "rate": round(float(rate), 3),
    }


def packets(
    source: Any, tracks: dict[int, Any], request: dict[str, Any], tell: Any
) -> Iterator[Any]:
    """Yield what is to be written; sound before the start is the encoder's, not the film's."""
    streams = [source.streams[index] for index in tracks]
    for packet in through(source, streams, request, tell):
        if packet.stream.type == "audio" and packet.pts is not None and packet.pts < 0:
            continue
        yield from tracks[packet.stream.index].take(packet)
    for track in tracks.values():
        yield from track.end()


def avc(extradata: bytes) -> str:
    """Return the name of an H.264 stream as RFC 6381 wants it."""
    at = 1 if extradata[0] == 1 else extradata.index(b"\x67", 3) + 1
    return "avc1." + extradata[at : at + 3].hex()


def av1(path: Path) -> str:
    """Return the name of the AV1 stream in an MP4 as RFC 6381 wants it."""
    with path.open("rb") as file:
        head = file.read(4096)
    at = head.index(b"av1C") + 5
    profile, level = head[at] >> 5, head[at] & 31
    tier, depth = "H" if head[at + 1] & 128 else "M", 10 if head[at + 1] & 64 else 8
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"


def layout(path: Path) -> tuple[list[int], list[list[int]]]:
    """Return where the head of a fragmented MP4 lies, and each of its fragments."""
    fragments: list[list[int]] = []
    head = 0
    with path.open("rb") as file:
        for name, offset, size in boxes(file, path.stat().st_size):
            if name in {b"ftyp", b"moov"}:
                head = offset + size
            elif name == b"mdat":
                fragments[-1][1] = offset + size - fragments[-1][0]
            elif name == b"moof" and (not fragments or fragments[-1][1]):
                start = fragments[-1][0] + fragments[-1][1] if fragments else head
                fragments.append([start, 0])
    return [0, head], fragments


def boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, offset and size of the outer boxes of an MP4."""
    offset = 0
    while offset + 8 <= size:
        file.seek(offset)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length < 8:
            raise ValueError("a box without a size")
        yield header[4:8], offset, length
        offset += length


def segments(fragments: list[list[int]], keys: list[float], cuts: list[float]) -> list[list[int]]:
    """Return where each segment lies. Raises ``ValueError`` when a cut has no key frame."""
    if len(fragments) != len(keys):
        raise ValueError("fragments and key frames differ")
    found: list[list[int]] = []
    due = list(cuts)
    for (offset, size), key in zip(fragments, keys, strict=True):
        if due and key >= due[0] - 0.001:
            if key > due[0] + 0.5:
                raise ValueError("a cut without a key frame")
            due.pop(0)
            found.append([offset, size])
        else:
            found[-1][1] = offset + size - found[-1][0]
    if due:
        raise ValueError("a cut without a key frame")
    return found
