"""What a theme has of its own, and what it falls back on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client

from video_cms.models import LookSettings
from video_cms.themes import catalogue
from video_cms.themes.current import using

PLUM = 'name = "Plum"\nextends = "grid"\n'


def write(folder: Path, name: str, source: str) -> None:
    path = folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)


def test_a_theme_adds_its_styles_to_those_it_falls_back_on(make_theme: Callable[..., Path]) -> None:
    make_theme("plum", PLUM, {"css/theme.css": ":root {}"})
    make_theme("damson", 'name = "Damson"\nextends = "plum"', {"css/theme.css": ":root {}"})

    assert catalogue.theme_styles("damson") == (
        "/static/themes/grid/css/site.css",
        "/static/themes/plum/css/theme.css",
        "/static/themes/damson/css/theme.css",
    )


def test_a_theme_may_replace_the_whole_style_sheet(make_theme: Callable[..., Path]) -> None:
    make_theme("plum", PLUM, {"css/site.css": ""})

    assert catalogue.theme_styles("plum") == ("/static/themes/plum/css/site.css",)
    assert catalogue.theme_static("plum", "favicon.svg") == "/static/themes/grid/favicon.svg"


@pytest.mark.django_db
def test_a_theme_keeps_the_colour_behind_the_page_it_does_not_set(
    make_theme: Callable[..., Path],
) -> None:
    make_theme("plum", PLUM)
    make_theme("damson", PLUM + 'page_colour = ["#fdf7ff", "#120615"]')

    assert catalogue.page_colour("plum") == catalogue.page_colour("grid")
    with using("damson"):
        assert '"background_color": "#fdf7ff"' in render_to_string("manifest.webmanifest")
        head = render_to_string("includes/head_site.html")
    assert 'content="#120615" media="(prefers-color-scheme: dark)"' in head


def test_a_missing_static_file_is_named(make_theme: Callable[..., Path]) -> None:
    make_theme("plum", PLUM)

    with pytest.raises(LookupError, match=r"“plum” has no static file “css/none\.css”"):
        catalogue.theme_static("plum", "css/none.css")


@pytest.mark.django_db
def test_a_template_may_extend_the_one_it_replaces(make_theme: Callable[..., Path]) -> None:
    plum = make_theme("plum", PLUM)
    write(
        plum,
        "base.html",
        '{% extends "base.html" %}{% block main %}<hr>{{ block.super }}{% endblock %}',
    )

    with using("plum"):
        assert "<hr>" in render_to_string("base.html")
    assert "<hr>" not in render_to_string("base.html")


@pytest.mark.django_db
def test_each_site_has_its_own_theme(
    client: Client, site_tree: Any, make_theme: Callable[..., Path]
) -> None:
    from wagtail.models import Site

    plum = make_theme("plum", PLUM)
    write(plum, "includes/footer.html", "<footer>Plums</footer>")
    first = Site.objects.get()
    other = Site.objects.create(hostname="localhost", port=80, root_page=first.root_page)
    LookSettings.objects.create(site=other, theme="plum")

    assert b"Plums" in client.get("/", headers={"host": "localhost"}).content
    assert b"Plums" not in client.get("/", headers={"host": "testserver"}).content


@pytest.mark.django_db
def test_a_site_whose_theme_is_gone_falls_back_on_the_installations_own(
    client: Client, site_tree: Any
) -> None:
    from wagtail.models import Site

    LookSettings.objects.create(site=Site.objects.get(), theme="gone")

    assert b"themes/grid/css/site.css" in client.get("/").content


@pytest.mark.django_db
def test_the_error_page_is_drawn_while_the_database_is_away(client: Client, site_tree: Any) -> None:
    def away(*args: Any) -> None:
        raise OperationalError

    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = client.get("/explore/")

    assert answer.status_code == 500
    assert "Something went wrong here." in answer.content.decode()
