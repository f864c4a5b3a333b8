"""What the player of a video needs: where to start, its tracks, the viewer's choices, its words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from . import timestamps
from .controls import STYLE_HASHES, player_parts
from .models import Preferences, VideoPage, Watch
from .syndication import embedding
from .syndication.addresses import absolute
from .syndication.reach import free_file, is_open
from .viewers import watches_seen_by

#: Nearer than this many seconds, or this portion, to either end nobody wants to go on watching.
EDGE_SECONDS, EDGE = 10, 0.1
#: What viewers choose about the player; see ``Preferences``.
CHOICES = ("autoplay_next", "shortcuts")
#: Where a browser session keeps the choices of those without an account.
SESSION_KEY = "player"


def player_context(request: HttpRequest, page: VideoPage) -> dict[str, Any]:
    """Return what the player's template needs besides the video."""
    start = start_of(request, page)
    return {
        **player_parts(page),
        "start": start,
        "resume": resume_point(last_watch(request, page), page.duration) if not start else 0,
        "choices": choices(request),
        "address": absolute(request, page.get_url(request)),
        "embed_code": embed_code(request, page),
    }


# --- where to start -----------------------------------------------------------------------------


def start_of(request: HttpRequest, page: VideoPage) -> int:
    """Return the second that ``?t=`` names, 0 when the video has no such second."""
    start = timestamps.start_of(request.GET.get("t", ""))
    return start if start < page.duration else 0


def last_watch(request: HttpRequest, page: VideoPage) -> Watch | None:
    """Return what is known of the visitor's watching of a video."""
    return watches_seen_by(request).filter(video=page).first()


def resume_point(watch: Watch | None, duration: float) -> float:
    """Return the second where watching can go on, 0 when it would be near the start or the end."""
    edge = min(EDGE_SECONDS, EDGE * duration)
    if watch is None or not edge <= watch.position <= duration - edge:
        return 0
    return watch.position


# --- what viewers choose ------------------------------------------------------------------------


def choices(request: HttpRequest) -> dict[str, bool]:
    """Return how the visitor wants the player to behave."""
    preferences = Preferences.of(request.user)
    kept = {} if request.user.is_authenticated else request.session.get(SESSION_KEY, {})
    return {name: kept.get(name, getattr(preferences, name)) for name in CHOICES}


def choose(request: HttpRequest, name: str, on: bool) -> None:
    """Keep a choice: in the account, else in the browser session."""
    if request.user.is_authenticated:
        Preferences.objects.update_or_create(user=request.user, defaults={name: on})
    else:
        request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), name: on}


# --- the page -----------------------------------------------------------------------------------


def embed_code(request: HttpRequest, page: VideoPage) -> str:
    """Return the HTML that shows a video on another site; empty when not everybody may play it."""
    if not (free_file(page) and is_open(page)):
        return ""
    return embedding.frame(request, page, *embedding.frame_size(page))


def for_player(response: HttpResponse) -> HttpResponse:
    """Allow the controls' own styles, by their hashes."""
    response._csp_update = {"style-src": list(STYLE_HASHES)}  # type: ignore[attr-defined]
    return response
