"""Where a film is cut into segments: at key frames that it has, else at an even pace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import av

from . import picture
from .opening import opened, picture_of

#: Seconds that a segment lasts at least, and at most where the film's own key frames are taken.
SHORTEST, LONGEST = 4.0, 10.0


def choose(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Return ``cuts`` (seconds, the first is the start), ``end``, the picture's ``size``,
    whether it can be cut there as it is (``copied``), and whether AV1 can be written (``av1``).
    """
    with opened(file, request) as container:
        film = picture_of(container, request["limits"])
        size = [film.width, film.height]
        keys, even, end = moments(container, film)
    own = spaced(keys, end, SHORTEST)
    copied = max(later - cut for cut, later in zip(own, [*own[1:], end], strict=True)) <= LONGEST
    chosen = own if copied else spaced(even, end, SHORTEST - 1)
    av1 = picture.AV1 in av.codecs_available
    return {"cuts": chosen, "end": end, "size": size, "copied": copied, "av1": av1}


def moments(container: Any, film: Any) -> tuple[list[float], list[float], float]:
    """Return the moments from which a film can be decoded without what came before; when the first
    frame of each few seconds is shown; and the end.

    In an open group of pictures some that are shown before the key frame come after it and need
    the one before: nothing can be cut there.
    """
    keys: list[tuple[int, bool]] = []
    firsts: dict[int, int] = {}
    end = 0
    pace = max(1, round(SHORTEST / film.time_base))
    for packet in container.demux(film):
        if packet.pts is None:
            continue
        end = max(end, packet.pts + (packet.duration or 0))
        place = packet.pts // pace
        firsts[place] = min(packet.pts, firsts.get(place, packet.pts))
        if packet.is_keyframe:
            keys.append((packet.pts, True))
        elif keys and packet.pts < keys[-1][0]:
            keys[-1] = (keys[-1][0], False)
    clean = [pts for pts, stands_alone in keys if stands_alone or pts == keys[0][0]]
    seconds = film.time_base
    return (
        [float(pts * seconds) for pts in clean],
        [float(pts * seconds) for _, pts in sorted(firsts.items())],
        float(end * seconds),
    )


def spaced(keys: Sequence[float], end: float, shortest: float) -> list[float]:
    """Return those of some moments that are far enough from each other and from the end."""
    chosen = [keys[0]]
    for key in keys:
        if key - chosen[-1] >= shortest and end - key >= 1:
            chosen.append(key)
    return chosen
