"""Still pictures of a film: frames to choose a thumbnail from, and the storyboard."""

from __future__ import annotations

import base64
from itertools import islice
from typing import Any

from .looking import contrast, frames, image, jpeg, luma
from .opening import Unusable, opened, picture_of, upright

#: Where candidates are looked for, as portions of the length, and how many are kept.
PLACES = [number / 14 for number in range(1, 14)]
CANDIDATES = 3
#: Brightness that counts as black or white, and the contrast below which a frame shows nothing.
DARK, BRIGHT, FLAT = 24, 232, 10
#: Seconds that a frame may come before the moment it stands for, and frames decoded to get there.
NEAR, DECODED_AT_MOST = 0.5, 120
#: The storyboard: longest side of a picture, pictures at most and in a row, seconds between two.
SIDE, MOST, COLUMNS, PACE = 178, 100, 10, 2.0


def candidates(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Return frames that are clear and differ from each other, in order: ``at`` and ``jpeg``."""
    found: list[tuple[float, bytes, float, Any]] = []
    with opened(file, request) as container:
        film = picture_of(container, request["limits"])
        for count, place in enumerate(PLACES, start=1):
            frame = frame_near(container, film, request["duration"] * place)
            tell(count / len(PLACES))
            if frame is None or any(at == frame.time for at, *_ in found):
                continue
            points = luma(frame)
            found.append((frame.time, points, clearness(points), frame))
        if not found:
            raise Unusable("damaged")
        chosen = sorted(different(found), key=lambda entry: entry[0])
        longest = request["limits"]["poster"]
        return {
            "frames": [
                {
                    "at": round(at, 3),
                    "jpeg": base64.b64encode(jpeg(frame, longest, upright(film, frame))).decode(
                        "ascii"
                    ),
                }
                for at, _, _, frame in chosen
            ]
        }


def frame_near(container: Any, film: Any, seconds: float) -> Any | None:
    """Return a frame of about a moment. Decodes few, however long the film is."""
    container.seek(int(seconds / film.time_base), stream=film)
    found = None
    for found in islice(frames(container, film), DECODED_AT_MOST):
        if found.time is None or found.time >= seconds - NEAR:
            break
    return found


def clearness(points: bytes) -> float:
    """Return how much a frame shows: 0 for one that is black, white or of one colour."""
    mean, spread = sum(points) / len(points), contrast(points)
    if not DARK < mean < BRIGHT or spread < FLAT:
        return 0.0
    return spread


def different(
    found: list[tuple[float, bytes, float, Any]],
) -> list[tuple[float, bytes, float, Any]]:
    """Return the clearest frame, then those that show most of what is not shown yet."""
    chosen = [max(found, key=lambda entry: entry[2])]
    while len(chosen) < min(CANDIDATES, len(found)):
        rest = [entry for entry in found if entry not in chosen]
        chosen.append(
            max(rest, key=lambda e: (e[2] > 0, min(distance(e[1], c[1]) for c in chosen)))
        )
    return chosen


def distance(one: bytes, other: bytes) -> float:
    """Return by how much two frames differ in brightness, on average."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def storyboard(file: Any, request: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Write ``output``: small pictures from the whole film in one; returns their size and pace."""
    from PIL import Image

    pace = max(PACE, request["duration"] / MOST)
    count = max(1, min(MOST, int(request["duration"] // pace) + 1))
    columns = min(COLUMNS, count)
    with opened(file, request) as container:
        film = picture_of(container, request["limits"])
        sheet, size = None, (0, 0)
        for number in range(count):
            frame = frame_near(container, film, pace * number)
            tell((number + 1) / count)
            if frame is None:
                continue
            picture = image(frame, SIDE, upright(film, frame))
            if sheet is None:
                size = picture.size
                rows = -(-count // columns)
                sheet = Image.new("RGB", (size[0] * columns, size[1] * rows))
            sheet.paste(picture, (number % columns * size[0], number // columns * size[1]))
    if sheet is None:
        raise Unusable("damaged")
    sheet.save(request["output"], "JPEG", quality=70, optimize=True)
    return {"size": size, "columns": columns, "count": count, "pace": pace}
