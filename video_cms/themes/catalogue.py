"""The installed themes: what their ``theme.toml`` says, and where their files are."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

#: The folder of static addresses under which each theme's files stand.
PREFIX = "themes"
#: What a ``theme.toml`` may say.
KEYS = {"name", "description", "extends", "page_colour"}
#: The picture of a theme that editors choose by, in its static files.
PREVIEW = "preview.webp"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class ThemeError(ValueError):
    """A ``theme.toml`` cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One look, as its ``theme.toml`` describes it."""

    slug: str
    name: str
    folder: Path
    description: str = ""
    extends: str = ""
    #: What is behind its pages, light and dark: for a browser's bars and an app's first screen.
    page_colour: tuple[str, str] | None = None

    @property
    def preview(self) -> str:
        """The address of the picture that editors choose by; empty if there is none."""
        return self.static(PREVIEW)

    def static(self, name: str) -> str:
        """Return the address of a static file of this very theme; empty if it has none."""
        found = Path(f"{self.folder}/static/{name}").is_file()
        return static(f"{PREFIX}/{self.slug}/{name}") if found else ""


# --- reading ------------------------------------------------------------------------------------


def theme_files() -> list[Path]:
    """Return each installed theme's ``theme.toml``."""
    return sorted(Path(settings.THEMES_DIR).glob("*/theme.toml"))


def read_theme(path: Path) -> Theme:
    """Return the theme of a ``theme.toml``; raises ``ThemeError`` where it is wrong."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"It is not valid TOML: {error}") from error
    for key in ("name", "description", "extends"):
        if not isinstance(told.get(key, ""), str):
            raise ThemeError(f"Its “{key}” has to be text in quotation marks.")
    if not told.get("name", "").strip():
        raise ThemeError("It has no “name”.")
    return Theme(
        path.parent.name,
        told["name"],
        path.parent,
        told.get("description", ""),
        told.get("extends", ""),
        _page_colour(told.get("page_colour")),
    )


def _page_colour(told: Any) -> tuple[str, str] | None:
    if told is None:
        return None
    if isinstance(told, list) and len(told) == 2:
        light, dark = map(str, told)
        if COLOUR.fullmatch(light) and COLOUR.fullmatch(dark):
            return light, dark
    raise ThemeError(
        'Its “page_colour” has to be two colours, light and dark, such as ["#ffffff", "#0f1211"].'
    )


@cache
def all_themes() -> dict[str, Theme]:
    """Return the usable themes by their folders' names; ``checks`` tells of the others."""
    found = {}
    for path in theme_files():
        try:
            theme = read_theme(path)
        except ThemeError:
            continue
        found[theme.slug] = theme
    return found


@cache
def chain(slug: str) -> tuple[Theme, ...]:
    """Return a theme and those it falls back on, in order; unknown ones are left out."""
    themes, found = all_themes(), {}
    while slug in themes and slug not in found:
        found[slug] = themes[slug]
        slug = themes[slug].extends
    return tuple(found.values())


# --- what a theme has or falls back on ----------------------------------------------------------


@cache
def theme_static(slug: str, name: str) -> str:
    """Return the address of a static file of a theme or of one it falls back on."""
    for theme in chain(slug):
        if address := theme.static(name):
            return address
    raise LookupError(f"The theme “{slug}” has no static file “{name}”.")


@cache
def theme_styles(slug: str) -> tuple[str, ...]:
    """Return the addresses of a theme's style sheets, in the order they apply.

    First ``css/site.css``, then the ``css/theme.css`` of every theme in the chain, the theme's own
    last: so each adds to what it falls back on.
    """
    added = (theme.static("css/theme.css") for theme in reversed(chain(slug)))
    return (theme_static(slug, "css/site.css"), *filter(None, added))


def page_colour(slug: str) -> tuple[str, str]:
    """Return what is behind a theme's pages, light and dark."""
    told = (theme.page_colour for theme in chain(slug))
    return next((colours for colours in told if colours), ("#ffffff", "#000000"))
