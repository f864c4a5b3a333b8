"""A folder of themes of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import forget_themes


@pytest.fixture
def themes_dir(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder with the real grid and whatever the test adds."""
    (tmp_path / "grid").symlink_to(Path(settings.BASE_DIR, "themes", "grid"))
    settings.THEMES_DIR = tmp_path
    forget_themes()
    yield tmp_path
    forget_themes()


@pytest.fixture
def make_theme(themes_dir: Path) -> Callable[..., Path]:
    """Make a theme: ``make_theme("plum", 'name = "Plum"', {"css/theme.css": "…"})``."""

    def make(slug: str, toml: str = 'name = "X"', static: dict[str, str] | None = None) -> Path:
        folder = themes_dir / slug
        folder.mkdir()
        (folder / "theme.toml").write_bytes(toml.encode(errors="surrogateescape"))
        for name, content in (static or {}).items():
            path = folder / "static" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        forget_themes()
        return folder

    return make
