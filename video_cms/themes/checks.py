"""System checks: what is wrong with a theme is explained at start, with an id and a hint."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from .catalogue import KEYS, ThemeError, all_themes, chain, read_theme, theme_files


@register("themes")
def check_themes(**kwargs: Any) -> list[CheckMessage]:
    """Check the ``THEME`` setting and each ``theme.toml``."""
    problems = [problem for path in theme_files() for problem in _file(path)]
    return [*problems, *_setting()]


def _file(path: Path) -> Iterator[CheckMessage]:
    where = f"{path.parent.name}/{path.name}"
    try:
        theme = read_theme(path)
    except ThemeError as error:
        yield Error(
            f"The theme {where} is left out. {error}",
            hint="docs/themes.md lists what a theme.toml says.",
            id="video_cms.E001",
        )
        return
    for key in sorted(tomllib.loads(path.read_text(encoding="utf-8")).keys() - KEYS):
        yield Warning(
            f"The theme {where} says “{key}”, which means nothing.",
            hint=f"It may say: {', '.join(sorted(KEYS))}.",
            id="video_cms.W001",
        )
    if theme.extends and theme.extends not in all_themes():
        yield Error(
            f"The theme {where} extends “{theme.extends}”, and there is no such theme.",
            hint=f"The themes are: {', '.join(all_themes())}.",
            id="video_cms.E002",
        )
    elif chain(theme.slug)[-1].extends in all_themes():
        way = " → ".join(
            [*(each.slug for each in chain(theme.slug)), chain(theme.slug)[-1].extends]
        )
        yield Error(
            f"The theme {where} falls back on itself: {way}.",
            hint="Take “extends” out of one of them.",
            id="video_cms.E003",
        )


def _setting() -> Iterator[CheckMessage]:
    if settings.THEME not in all_themes():
        yield Error(
            f"The setting THEME is “{settings.THEME}”, and there is no such theme.",
            hint=f"The themes are: {', '.join(all_themes())}.",
            id="video_cms.E004",
        )
