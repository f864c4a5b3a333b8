"""What can be set, run or called is documented."""

from __future__ import annotations

import re
from inspect import isfunction
from pathlib import Path

import pytest
from django.dispatch import Signal

from recommendations_plugin import api, conf, signals

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PLUGIN_README = (ROOT / "recommendations_plugin" / "README.md").read_text()
DOCS = README + "".join(path.read_text() for path in (ROOT / "docs").rglob("*.md"))


def commands(package):
    return sorted(
        path.stem
        for path in (ROOT / package / "management" / "commands").glob("*.py")
        if path.stem != "__init__"
    )


@pytest.mark.parametrize("name", sorted(conf.DEFAULTS))
def test_every_setting_of_the_plugin_is_documented(name):
    assert f"`{name}`" in PLUGIN_README


@pytest.mark.parametrize("name", commands("recommendations_plugin"))
def test_every_command_of_the_plugin_is_documented(name):
    assert f"`{name}`" in PLUGIN_README


@pytest.mark.parametrize("name", commands("video_cms"))
def test_every_command_of_the_site_is_documented(name):
    assert name in DOCS


def test_every_environment_variable_is_documented():
    folder = ROOT / "site" / "videosite" / "settings"
    text = "".join((folder / f"{name}.py").read_text() for name in ("base", "production"))
    variables = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
    assert variables
    undocumented = {name for name in variables if f"`{name}`" not in README}
    assert undocumented <= {"SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"}


def test_every_public_name_of_the_api_has_a_docstring():
    missing = [name for name in api.__all__ if not getattr(api, name).__doc__]
    assert missing == []


@pytest.mark.parametrize("name", [name for name in api.__all__ if isfunction(getattr(api, name))])
def test_every_function_of_the_api_is_in_an_example(name):
    examples = "".join(re.findall(r"```python\n(.*?)```", PLUGIN_README, re.DOTALL))
    assert f"api.{name}(" in examples


@pytest.mark.parametrize(
    "name", [name for name, found in vars(signals).items() if isinstance(found, Signal)]
)
def test_every_signal_is_documented(name):
    assert f"`{name}`" in PLUGIN_README


def test_links_in_the_documents_lead_somewhere():
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_each_hostile_case_names_tests_that_exist():
    text = (ROOT / "docs" / "security.md").read_text()
    rows = re.findall(r"^\| ([\d, ]+) \|(.*)$", text, re.MULTILINE)
    numbers = {int(number) for cell, _ in rows for number in cell.split(",")}
    assert numbers == set(range(1, 46))
    for cell, row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
        assert named, cell
        for path, name in named:
            source = (ROOT / path).read_text()
            assert not name or f"def {name}(" in source, f"{cell}: {path}::{name}"
