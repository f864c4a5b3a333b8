"""Where a film is cut into segments: at key frames that it has, else at an even pace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .opening import opened, picture_of

#: Seconds that a segment lasts at least, and at most where the film's own key frames are taken.
SHORTEST, LONGEST = 4.0, 10.0


def choose(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Return ``cuts`` (seconds, the first is the start), ``end``, the picture's ``size``, and
    whether it can be cut there as it is (``copied``).
    """
    with opened(file, request) as container:
        film = picture_of(container, request["limits"])
        size = [film.width, film.height]
        keys, end = clean_keys(container, film)
    own = spaced(keys, end)
    copied = max(later - cut for cut, later in zip(own, [*own[1:], end], strict=True)) <= LONGEST
    chosen = own if copied else even(own[0], end)
    return {"cuts": chosen, "end": end, "size": size, "copied": copied}


def clean_keys(container: Any, film: Any) -> tuple[list[float], float]:
    """Return the moments from which a film can be decoded without what came before; and its end.

    In an open group of pictures some that are shown before the key frame come after it and need
    the one before: nothing can be cut there.
    """
    keys: list[tuple[int, bool]] = []
    end = 0
    for packet in container.demux(film):
        if packet.pts is None:
            continue
        end = max(end, packet.pts + (packet.duration or 0))
        if packet.is_keyframe:
            keys.append((packet.pts, True))
        elif keys and packet.pts < keys[-1][0]:
            keys[-1] = (keys[-1][0], False)
    moments = [float(pts * film.time_base) for pts, clean in keys if clean or pts == keys[0][0]]
    return moments, float(end * film.time_base)


def spaced(keys: Sequence[float], end: float) -> list[float]:
    """Return those of some moments that are far enough from each other and from the end."""
    chosen = [keys[0]]
    for key in keys:
        if key - chosen[-1] >= SHORTEST and end - key >= 1:
            chosen.append(key)
    return chosen


def even(start: float, end: float) -> list[float]:
    """Return moments at an even pace."""
    count = max(1, int((end - start - 1) // SHORTEST) + 1)
    return [round(start + SHORTEST * number, 6) for number in range(count)]
