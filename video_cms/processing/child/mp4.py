"""A film as an MP4 that every browser plays, and starts to play before it has all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import av

from . import picture, sound
from .looking import frame_at
from .opening import TOGETHER, opened, picture_of, sound_of, start_of, upright

FAST_START = {"movflags": "+faststart", **TOGETHER}


def make(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Write ``output``: streams that fit are taken over, others encoded anew.

    ``largest`` is the shorter side of the picture at most, ``loudness`` the aim in LUFS.
    """
    change = loudness_change(file, request)
    with opened(file, request) as container:
        film = picture_of(container, request["limits"])
        first = frame_at(container, film, 0)
        copied = picture.fits(film, first, request["demuxer"], request["largest_copied"])
    try:
        size = write(file, request, tell, first, change, copied)
    except ValueError:  # times that nobody can copy
        size = write(file, request, tell, first, change, copied=False, anew=True)
    return {"width": size[0], "height": size[1], "gain": round(change, 2)}


def loudness_change(file: Any, request: dict[str, Any]) -> float:
    """Return by how many decibels to change the sound, 0 where there is none."""
    with opened(file, request) as container:
        heard = sound_of(container)
        return sound.gain(container, heard, request["loudness"]) if heard else 0.0


def write(
    file: Any,
    request: dict[str, Any],
    tell: Any,
    first: Any,
    change: float,
    copied: bool,
    anew: bool = False,
) -> tuple[int, int]:
    """Write the file; returns the size of its picture.

    It is opened anew and read from its first byte: not every container finds back to that.
    """
    with (
        opened(file, request) as source,
        av.open(request["output"], "w", format="mp4", options=FAST_START) as target,
    ):
        film, heard = picture_of(source, request["limits"]), sound_of(source)
        film.thread_type = "AUTO"
        start = start_of(film, heard)
        size = (film.width, film.height)
        if copied:
            tracks: dict[int, Any] = {film.index: picture.Copied(film, target, start)}
        else:
            size = picture.scaled(upright(film, first), request["largest"])
            tracks = {film.index: picture.Encoded(film, target, start, first, size)}
        if heard is not None:
            if not (change or anew) and sound.fits(heard, request["demuxer"]):
                tracks[heard.index] = picture.Copied(heard, target, start)
            else:
                tracks[heard.index] = sound.Encoded(heard, target, start, change)
        for packet in through(source, [s for s in (film, heard) if s], request, tell):
            for made in tracks[packet.stream.index].take(packet):
                target.mux(made)
        for track in tracks.values():
            for made in track.end():
                target.mux(made)
    return size


def through(source: Any, streams: list[Any], request: dict[str, Any], tell: Any) -> Iterator[Any]:
    """Yield the packets of some streams as they come, and tell how far that is."""
    size = os.stat(request["path"]).st_size
    for packet in source.demux(*streams):
        if packet.pos is not None and packet.pos > 0:
            tell(packet.pos / size)
        yield packet
