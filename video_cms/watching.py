"""The page of a video: what it shows, and the reports its player sends."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from recommendations_plugin import api

from . import engagement, played
from .arrivals import source_of
from .models import VideoPage
from .player import player_context
from .syndication.reach import file_of
from .viewers import has_liked, is_following, watching_as

#: Cards beside a video.
UP_NEXT = 8
#: Longest report accepted, in bytes, and longest video, in seconds.
REPORT_SIZE = 4096
LONGEST = 48 * 3600
#: A browser and the server may measure a video a little differently: portion and seconds.
SLACK, SLACK_SECONDS = 0.02, 1.0

NUMBERS = {"watch_time", "watched_duration", "position"}
TEXTS = {"played", "came_from"}
FIELDS = NUMBERS | TEXTS
NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class BadReport(ValueError):
    """A report that cannot be true."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a player says: portion (0–1), seconds and parts watched, and where it is.

    ``came_from``: the address of the page that led to the video, empty for none.
    """

    portion: float
    seconds: float
    position: float | None = None
    parts: played.Parts = ()
    came_from: str | None = None


def watch_context(request: HttpRequest, page: VideoPage) -> dict[str, Any]:
    """Return what the template of a video's page needs besides the page."""
    viewer, user = api.viewer(request), request.user
    return {
        "video": page,
        "creator": page.creator,
        "playable": page.playable_by(user),
        "ready": file_of(page) is not None,
        "owned": page.owned_by(user),
        "liked": has_liked(request, page),
        "following": is_following(request, page.creator),
        "categories": page.categories.select_related("parent"),
        "up_next": up_next(request, page, viewer),
        **player_context(request, page),
    }


def up_next(request: HttpRequest, page: VideoPage, viewer: api.Viewer) -> api.Feed:
    """Return what to watch after a video: its like, else the viewer's feed."""
    feed = api.similar(page, viewer, limit=UP_NEXT, request=request)
    if feed.items:
        return feed
    return api.recommend(
        viewer, placement="sidebar", limit=UP_NEXT, exclude=[page], request=request
    )


def read_report(request: HttpRequest, duration: float) -> Report:
    """Return the report in a request, a form or JSON; raises ``BadReport``."""
    fields = _json_fields(request) if _is_json(request) else _form_fields(request)
    return check_report(fields, duration)


def check_report(fields: Mapping[str, float | str], duration: float) -> Report:
    """Return the report that these fields make; raises ``BadReport``.

    Where parts are told, they decide; else the seconds do, where the video's duration is known.
    """
    numbers = {name: value for name, value in fields.items() if isinstance(value, float)}
    longest = duration * (1 + SLACK) + SLACK_SECONDS if duration else LONGEST
    parts = _parts(fields.get("played", ""), longest, duration)
    portion = numbers.get("watch_time")
    if portion is None:
        raise BadReport("watch_time is missing.")
    seconds = played.seconds(parts) or numbers.get("watched_duration", portion * duration)
    if not (0 <= portion <= 1 + SLACK):
        raise BadReport("watch_time is a portion from 0 to 1.")
    if not (0 <= seconds <= longest):
        raise BadReport("watched_duration is longer than the video.")
    position = numbers.get("position")
    if position is not None and not (0 <= position <= longest):
        raise BadReport("position is beyond the video.")
    if duration:
        portion, seconds = min(portion, seconds / duration), min(seconds, duration)
    came_from = fields.get("came_from")
    return Report(
        min(portion, 1.0), seconds, position, parts, None if came_from is None else str(came_from)
    )


def keep_report(request: HttpRequest, video: VideoPage, report: Report) -> None:
    """Note what a visitor watched, as far as they let it be kept."""
    viewer = watching_as(request)
    kept = viewer.key == api.viewer(request).key
    # Without a name, creators' watching of their own videos would be taken for somebody's view.
    if kept or not video.owned_by(request.user):
        told = asdict(report)
        source = source_of(request, told.pop("came_from"))
        engagement.watch(viewer, video, **told, learn=kept, source=source)


def _parts(text: str | float, longest: float, duration: float) -> played.Parts:
    try:
        parts = played.read(str(text))
    except ValueError as error:
        raise BadReport("played is a list of parts, such as 0-4.5,10-12.") from error
    if parts and parts[-1][1] > longest:
        raise BadReport("played is beyond the video.")
    return played.within(parts, duration) if duration else parts


def _is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _json_fields(request: HttpRequest) -> dict[str, float | str]:
    if len(request.body) > REPORT_SIZE:
        raise BadReport("The report is too long.")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadReport("The report is not JSON.") from error
    if not isinstance(found, dict) or not found.keys() <= FIELDS:
        raise BadReport("The report has fields that are unknown.")
    return {name: _text(v) if name in TEXTS else _number(v) for name, v in found.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadReport("played and came_from are text.")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadReport("A report consists of numbers.")
    if not -LONGEST <= value <= LONGEST or not math.isfinite(value):
        raise BadReport("A number is out of range.")
    return float(value)


def _form_fields(request: HttpRequest) -> dict[str, float | str]:
    found = {name: request.POST[name] for name in NUMBERS & request.POST.keys()}
    if not all(NUMBER.fullmatch(value) for value in found.values()):
        raise BadReport("A report consists of decimal numbers.")
    texts = {name: request.POST[name] for name in TEXTS & request.POST.keys()}
    return texts | {name: float(value) for name, value in found.items()}
