"""Templates of the current theme, then of those it falls back on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.template.loaders import cached, filesystem

from .catalogue import all_themes, chain
from .current import current


def templates(themes: Any) -> list[str | Path]:
    """Return the folders of themes' templates."""
    return [theme.folder / "templates" for theme in themes]


class Loader(filesystem.Loader):
    """Finds templates in the current theme and in those it falls back on."""

    def get_dirs(self) -> list[str | Path]:
        return templates(chain(current()))


class CachedLoader(cached.Loader):
    """Keeps compiled templates, each theme's apart."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{current()}:{super().cache_key(template_name, skip)}"

    def get_dirs(self) -> Iterator[str | Path]:
        """Yield what Django's development server watches, to forget templates that changed."""
        yield from templates(all_themes().values())
        yield from super().get_dirs()
