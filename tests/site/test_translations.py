"""Every word of the site is there in every language."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
PLACES = [ROOT / "video_cms" / "locale", ROOT / "recommendations_plugin" / "locale"]
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
CATALOGUES = [place / code / "LC_MESSAGES" / "django.po" for place in PLACES for code in LANGUAGES]
#: ``%(name)s``, ``%s`` and ``{name}``: what a translation has to repeat.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def name_of(path: Path) -> str:
    return f"{path.parents[3].name}-{path.parents[1].name}"


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_catalogues_are_complete(path: Path) -> None:
    catalogue = polib.pofile(str(path))

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_translations_repeat_the_placeholders(path: Path) -> None:
    wrong = []
    for entry in polib.pofile(str(path)):
        translations = list(entry.msgstr_plural.values()) or [entry.msgstr]
        wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(
            PLACEHOLDER.findall(entry.msgid_plural)
        )
        for translation in translations:
            found = set(PLACEHOLDER.findall(translation))
            # One form of a plural may leave the number out: “one video”.
            if found - wanted or (wanted - found and not entry.msgid_plural):
                wrong.append((entry.msgid, translation))
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_compiled_catalogues_are_those_of_the_words(path: Path) -> None:
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    words = polib.pofile(str(path))

    def meaning(entries: object) -> set[object]:
        return {
            (entry.msgctxt, entry.msgid, entry.msgstr, tuple(entry.msgstr_plural.items()))
            for entry in entries  # type: ignore[attr-defined]
        }

    assert meaning(compiled) == meaning(words.translated_entries())


@pytest.mark.skipif(
    shutil.which("xgettext") is None and os.environ.get("CI") != "true",
    reason="needs GNU gettext: install the package `gettext`",
)
def test_no_word_is_missing_in_the_catalogues(tmp_path: Path) -> None:
    parts = ("manage.py", "site", "video_cms", "recommendations_plugin", "themes")
    for part in parts:
        source, target = ROOT / part, tmp_path / part
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    command = [sys.executable, "manage.py", "makemessages", "--no-location", "--no-obsolete"]
    languages = [f"--locale={code}" for code in LANGUAGES]
    endings = "--extension=html,py,txt,webmanifest"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "videosite.settings.dev"}
    subprocess.run([*command, *languages, endings], cwd=tmp_path, env=environment, check=True)

    for path in CATALOGUES:
        fresh = polib.pofile(str(tmp_path / path.relative_to(ROOT)))
        known = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path))}
        assert {(entry.msgctxt, entry.msgid) for entry in fresh} - known == set(), name_of(path)
