"""docs/themes.md is right: its theme can be built as it says, and what it names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.support import forget_themes
from video_cms.themes import catalogue
from video_cms.themes.checks import check_themes

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "themes.md").read_text()
GRID = ROOT / "themes" / "grid"
BLOCK = re.compile(r"`themes/plum/(?P<name>[\w./]+)`[^`]*?```\w+\n(?P<content>.*?)```", re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """Return the names in the cells of the first table after a line."""
    after = DOCUMENT.split(heading, 1)[1].lstrip().split("\n\n", 1)[0]
    return [re.findall(r"`([^`]+)`", line) for line in after.splitlines()[2:]]


@pytest.fixture
def plum(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """The document's theme, made of the document's own words."""
    themes = tmp_path / "themes"
    themes.mkdir()
    (themes / "grid").symlink_to(GRID)
    for found in BLOCK.finditer(DOCUMENT):
        path = themes / "plum" / found["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found["content"])
    settings.THEMES_DIR, settings.THEME = themes, "plum"
    forget_themes()
    yield themes / "plum"
    settings.THEMES_DIR = ROOT / "themes"
    forget_themes()


@pytest.mark.django_db
def test_the_documents_theme_works(client: Client, plum: Path, make_video: Any) -> None:
    make_video("A walk")
    assert check_themes() == []

    for path in ("/", "/explore/", "/video/video-1/", "/accounts/login/", "/nothing/"):
        page = client.get(path).content.decode()
        assert "Made of plums." in page
        assert 'content="#140c18"' in page
        grid, own = re.findall(r'<link rel="stylesheet" href="/static/themes/(\w+)/css', page)[:2]
        assert (grid, own) == ("grid", "plum")
    assert "Have a plum instead." in page


def test_the_documents_tables_name_what_exists() -> None:
    for names in table("Templates, beneath `templates/`:"):
        files = [name for name in names if name.endswith(".html")]
        for name in files:
            assert (GRID / "templates" / name).exists(), name
        source = "".join((GRID / "templates" / name).read_text() for name in files)
        for block in set(names) - set(files):
            assert f"{{% block {block} %}}" in source, f"{files}: {block}"


def test_the_document_names_every_custom_property() -> None:
    css = (GRID / "static" / "css" / "site.css").read_text()
    root = re.search(r":root \{(.*?)\n  \}", css, re.DOTALL)
    assert root
    defined = set(re.findall(r"(--[\w-]+):", root[1])) - {f"--s{n}" for n in range(2, 8)}
    named = {name for row in table("Custom properties of `css/site.css`:") for name in row}

    assert defined - {"--quick"} == named


def test_the_document_names_every_key_of_a_theme() -> None:
    rows = table('page_colour = ["#fdf9ff", "#140c18"]\n```')
    assert {name for row in rows for name in row[:1]} == catalogue.KEYS
