"""HLS playlists (RFC 8216), and the WebVTT of a storyboard (small pictures for seeking)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..captions import moment

MASTER, STORYBOARD = "master.m3u8", "storyboard.vtt"


def durations(cuts: Sequence[float], end: float) -> list[float]:
    """Return how long each segment lasts, in seconds."""
    return [later - cut for cut, later in zip(cuts, [*cuts[1:], end], strict=True)]


def media_playlist(file: str, rung: dict[str, Any], cuts: Sequence[float], end: float) -> str:
    """Return the playlist of one size: every segment is a part of one file."""
    lasting = durations(cuts, end)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, *(int(seconds + 0.5) for seconds in lasting))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{file}",BYTERANGE="{rung["head"][1]}@{rung["head"][0]}"',
    ]
    for (offset, size), seconds in zip(rung["segments"], lasting, strict=True):
        lines += [f"#EXTINF:{seconds:.6f},", f"#EXT-X-BYTERANGE:{size}@{offset}", file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(rungs: Iterable[tuple[str, dict[str, Any]]], lasting: Sequence[float]) -> str:
    """Return the playlist of all sizes; each is the address of its playlist and what it is."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for address, rung in rungs:
        sizes = [size for _, size in rung["segments"]]
        most = max(8 * size / seconds for size, seconds in zip(sizes, lasting, strict=True))
        attributes = {
            "BANDWIDTH": str(int(most) + 1),
            "AVERAGE-BANDWIDTH": str(int(8 * sum(sizes) / sum(lasting)) + 1),
            "CODECS": f'"{rung["codecs"]}"',
            "RESOLUTION": "{}x{}".format(*rung["size"]),
            "FRAME-RATE": f"{rung['rate']:.3f}",
        }
        lines.append("#EXT-X-STREAM-INF:" + ",".join(f"{k}={v}" for k, v in attributes.items()))
        lines.append(address)
    return "\n".join([*lines, ""])


def storyboard(image: str, board: dict[str, Any], duration: float) -> str:
    """Return which part of a picture shows which moments of the film."""
    width, height = board["size"]
    parts = ["WEBVTT\n"]
    for number in range(board["count"]):
        start, last = number * board["pace"], number + 1 == board["count"]
        end = max(duration, start + 0.001) if last else start + board["pace"]
        column, row = number % board["columns"], number // board["columns"]
        where = f"xywh={column * width},{row * height},{width},{height}"
        parts.append(f"{moment(start)} --> {moment(end)}\n{image}#{where}\n")
    return "\n".join(parts)
