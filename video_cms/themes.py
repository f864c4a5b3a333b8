"""Looks: folders of templates and static files, one of them chosen for each Wagtail site.

A theme is a folder of ``settings.THEMES_DIR`` with a ``theme.toml``. What it does not have comes
from the theme it ``extends``, and at last from the apps' own templates.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loaders import cached, filesystem
from django.templatetags.static import static

#: The folder of static addresses under which each theme's files stand.
PREFIX = "themes"


@dataclass(frozen=True, slots=True)
class Theme:
    """One look, as its ``theme.toml`` describes it."""

    slug: str
    name: str
    description: str
    folder: Path
    extends: str = ""


@cache
def all_themes() -> dict[str, Theme]:
    """Return the installed themes by their folders' names."""
    found = {}
    for path in sorted(Path(settings.THEMES_DIR).glob("*/theme.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.parent.name] = Theme(
            path.parent.name,
            told["name"],
            told.get("description", ""),
            path.parent,
            told.get("extends", ""),
        )
    return found


@cache
def chain(slug: str) -> tuple[Theme, ...]:
    """Return a theme and those it falls back on, in order; unknown ones are left out."""
    themes, found = all_themes(), {}
    while slug in themes and slug not in found:
        found[slug] = themes[slug]
        slug = themes[slug].extends
    return tuple(found.values())


@cache
def theme_static(slug: str, name: str) -> str:
    """Return the address of a static file of a theme or of one it falls back on."""
    for theme in chain(slug):
        if Path(f"{theme.folder}/static/{name}").is_file():
            return static(f"{PREFIX}/{theme.slug}/{name}")
    raise LookupError(f"The theme “{slug}” has no static file “{name}”.")


# --- which one ----------------------------------------------------------------------------------

_request: ContextVar[HttpRequest | None] = ContextVar("theme_request", default=None)
_forced: ContextVar[str] = ContextVar("theme_forced", default="")


def theme_of(request: HttpRequest) -> str:
    """Return the slug of the theme of a request's site, read once per request."""
    chosen: str | None = getattr(request, "_theme", None)
    if chosen is None:
        from .models import LookSettings

        chosen = LookSettings.for_request(request).theme
        chosen = chosen if chosen in all_themes() else settings.THEME
        request._theme = chosen  # type: ignore[attr-defined]
    return chosen


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


# --- templates ----------------------------------------------------------------------------------


class Loader(filesystem.Loader):
    """Finds templates in the current theme and in those it falls back on."""

    def get_dirs(self) -> list[str | Path]:
        return [theme.folder / "templates" for theme in chain(current())]


class CachedLoader(cached.Loader):
    """Keeps compiled templates, each theme's apart."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{current()}:{super().cache_key(template_name, skip)}"
