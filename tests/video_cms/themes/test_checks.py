"""A wrong ``theme.toml`` is explained at start, and left out instead of breaking the site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from video_cms.themes import catalogue
from video_cms.themes.checks import check_themes

WRONG = {
    "broken TOML": ("name = ", "video_cms.E001", "not valid TOML"),
    "not text": ("name = '\udcff'", "video_cms.E001", "not valid TOML"),
    "no name": ('description = "A"', "video_cms.E001", "no “name”"),
    "blank name": ('name = " "', "video_cms.E001", "no “name”"),
    "name is a number": ("name = 5", "video_cms.E001", "“name” has to be text"),
    "one colour": ('name = "A"\npage_colour = "#ffffff"', "video_cms.E001", "“page_colour”"),
    "a colour's name": (
        'name = "A"\npage_colour = ["white", "#000000"]',
        "video_cms.E001",
        "“page_colour”",
    ),
    "a colour that is more": (
        'name = "A"\npage_colour = ["#ffffff", "#000000\\"><script>"]',
        "video_cms.E001",
        "“page_colour”",
    ),
    "unknown extends": ('name = "A"\nextends = "gird"', "video_cms.E002", "“gird”"),
    "extends itself": ('name = "A"\nextends = "plum"', "video_cms.E003", "plum → plum"),
    "unknown key": ('name = "A"\nextends = "grid"\ncolor = "red"', "video_cms.W001", "“color”"),
}


def found() -> list[tuple[str | None, str]]:
    return [(problem.id, problem.msg) for problem in check_themes()]


def test_the_installed_themes_are_right() -> None:
    assert check_themes() == []


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(make_theme: Callable[..., Path], case: str) -> None:
    toml, code, words = WRONG[case]
    make_theme("plum", toml)

    ((said_code, said),) = found()
    assert said_code == code
    assert "plum/theme.toml" in said
    assert words in said


def test_a_longer_way_round_is_said_of_each_theme_on_it(make_theme: Callable[..., Path]) -> None:
    make_theme("a", 'name = "A"\nextends = "b"')
    make_theme("b", 'name = "B"\nextends = "a"')

    assert [code for code, _ in found()] == ["video_cms.E003", "video_cms.E003"]
    assert "a → b → a" in found()[0][1]


def test_a_broken_theme_leaves_the_others_alone(make_theme: Callable[..., Path]) -> None:
    make_theme("plum", "name = ")

    assert list(catalogue.all_themes()) == ["grid"]


def test_the_setting_names_a_theme(themes_dir: Path, settings: Any) -> None:
    settings.THEME = "gone"

    assert found() == [
        ("video_cms.E004", "The setting THEME is “gone”, and there is no such theme.")
    ]
