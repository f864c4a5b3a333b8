"""The themes' files: vendored ones, icons, errors, and what a strict CSP needs."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.test import Client

from video_cms.themes.catalogue import all_themes, page_colour
from video_cms.themes.current import using

pytestmark = pytest.mark.django_db

THEMES = all_themes()
THEME = THEMES["grid"].folder
TEMPLATES = [
    (theme.slug, str(path.relative_to(theme.folder / "templates")), path)
    for theme in THEMES.values()
    for path in sorted((theme.folder / "templates").rglob("*.html"))
]
PLUGIN = Path(settings.BASE_DIR, "recommendations_plugin", "templates")


@pytest.mark.parametrize("slug", THEMES)
def test_vendored_files_are_what_they_say(slug: str) -> None:
    vendor = THEMES[slug].folder / "static" / "vendor"
    rows = re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})` \|", (vendor / "README.md").read_text())
    files = {
        str(path.relative_to(vendor))
        for path in vendor.rglob("*")
        if path.is_file() and path.name not in {"README.md", "LICENSE"}
    }

    assert {name for name, _ in rows} == files
    for name, checksum in rows:
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == checksum
        assert (vendor / name).parent.joinpath("LICENSE").exists()


@pytest.mark.parametrize("slug", THEMES)
def test_a_browsers_bars_have_the_colour_of_the_page(slug: str) -> None:
    css = "\n".join(
        (theme.folder / "static" / "css" / name).read_text()
        for theme, name in ((THEMES["grid"], "site.css"), (THEMES["cinema"], "theme.css"))
        if theme.slug == slug
    )
    light, dark = re.search(r"--page: light-dark\((#\w+), (#\w+)\);", css).groups()  # type: ignore[union-attr]
    if re.search(r":root \{\s*color-scheme: dark;", css):
        light = dark

    assert page_colour(slug) == (light, dark)


def test_the_style_sheets_are_small() -> None:
    assert (THEME / "static" / "css" / "site.css").stat().st_size < 40_000
    assert (THEMES["cinema"].folder / "static" / "css" / "theme.css").stat().st_size < 24_000


@pytest.mark.parametrize("path", sorted(THEME.glob("static/css/*.css")), ids=lambda path: path.stem)
def test_the_grids_rules_are_in_layers_so_that_themes_can_change_them(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    bare = re.sub(r"@layer [\w, ]+;", "", css).strip()

    if path.stem != "embed":  # a page of its own, without themes
        assert bare.startswith("@layer ")


def test_icons_that_templates_name_exist() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (THEME / "static" / "icons.svg").read_text()))
    source = "\n".join(path.read_text() for _, _, path in TEMPLATES)
    named = set(re.findall(r'{% icon "([^"]+)"', source)) | set(
        re.findall(r'picture="(\w+)"', source)
    )

    assert named <= drawn
    assert {"music", "leaf", "flask", "pot", "compass", "ball", "gamepad", "palette"} <= drawn
    assert {"column", "chip", "heart", "scissors", "play"} <= drawn


ALL = [*TEMPLATES, *(("grid", str(p.relative_to(PLUGIN)), p) for p in PLUGIN.rglob("*.html"))]


@pytest.mark.parametrize(("slug", "name", "path"), ALL, ids=[f"{s}-{n}" for s, n, _ in ALL])
def test_templates_compile_and_suit_a_strict_policy(slug: str, name: str, path: Path) -> None:
    source = path.read_text()
    with using(slug):
        get_template(name)

    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", source)
    for script in re.findall(r"<script([^>]*)>", source):
        assert "src=" in script
    assert not re.search(r"https?://", source), "nothing comes from elsewhere"


def test_pages_carry_a_strict_policy(client: Client, site_tree: Any) -> None:
    policy = client.get("/")["Content-Security-Policy"]

    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy


def test_htmx_evaluates_nothing(client: Client, site_tree: Any) -> None:
    page = client.get("/").content.decode()

    assert '"allowEval": false' in page
    assert '"includeIndicatorStyles": false' in page


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    page = render_to_string(name)

    assert "css/site.css" in page
    assert "<h1>" in page


def test_missing_pages_offer_a_way_on(client: Client, site_tree: Any) -> None:
    answer = client.get("/nothing/")

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.content.decode()
    assert "Explore everything" in answer.content.decode()


def test_broken_pages_show_a_calm_face(
    client: Client, site_tree: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setattr("video_cms.views.browse.ParentCategory.objects", fail)
    answer = client.get("/explore/")

    assert answer.status_code == 500
    assert "Something went wrong here." in answer.content.decode()


def test_every_page_can_be_reached_past_the_header(client: Client, site_tree: Any) -> None:
    for path in ("/", "/explore/", "/search/", "/accounts/login/", "/nothing/"):
        page = client.get(path).content.decode()
        assert '<a class="skip" href="#main">' in page
        assert page.count("<h1") == 1
        assert page.count("<main") == 1
