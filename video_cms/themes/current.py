"""Which theme a request is drawn with: its site's, or the one an editor is trying."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from .catalogue import Theme, all_themes

#: Where the session of an editor keeps the theme they are trying.
SESSION_KEY = "theme_preview"

_request: ContextVar[HttpRequest | None] = ContextVar("theme_request", default=None)
_forced: ContextVar[str] = ContextVar("theme_forced", default="")


def theme_of(request: HttpRequest) -> str:
    """Return the slug of the theme of a request, found once per request."""
    chosen: str | None = getattr(request, "_theme", None)
    if chosen is None:
        try:
            preview = previewed(request)
            chosen = preview.slug if preview else site_theme(request)
        except DatabaseError:  # the page that tells of it has to be drawn, too
            return settings.THEME
        request._theme = chosen  # type: ignore[attr-defined]
    return chosen


def site_theme(request: HttpRequest) -> str:
    """Return the slug of the theme that visitors of a request's site see."""
    from ..models import LookSettings

    chosen: str = LookSettings.for_request(request).theme
    return chosen if chosen in all_themes() else settings.THEME


def current() -> str:
    """Return the slug of the theme to draw with now."""
    if forced := _forced.get():
        return forced
    request = _request.get()
    return theme_of(request) if request is not None else settings.THEME


@contextmanager
def using(slug: str) -> Iterator[None]:
    """Draw with a certain theme."""
    token = _forced.set(slug)
    try:
        yield
    finally:
        _forced.reset(token)


class ThemeMiddleware:
    """Remembers the request, so that templates are looked for in its site's theme."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


# --- trying a theme -----------------------------------------------------------------------------


def may_choose(user: Any, site: Any) -> bool:
    """Return whether somebody may choose a site's theme, and so try one."""
    from wagtail.permissions import policy_registry

    from ..models import LookSettings

    policy = policy_registry.get_by_type(LookSettings)
    return bool(site) and policy.user_has_permission_for_instance(user, "change", site)


def previewed(request: HttpRequest) -> Theme | None:
    """Return the theme that an editor is trying in this session; visitors try none."""
    from wagtail.models import Site

    session, user = getattr(request, "session", None), getattr(request, "user", None)
    # Without a cookie there is nothing to read: such answers may be shared between visitors.
    if session is None or user is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    theme = all_themes().get(session.get(SESSION_KEY, ""))
    return theme if theme and may_choose(user, Site.find_for_request(request)) else None
