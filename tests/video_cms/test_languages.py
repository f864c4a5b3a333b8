"""The site in the visitor's language: the browser's, or the one chosen in the footer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from video_cms.templatetags.videos import ago

pytestmark = pytest.mark.django_db


def test_the_browsers_language_is_spoken(client: Client, make_video: Any) -> None:
    make_video("A walk")

    page = client.get("/", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})

    assert '<html lang="de"' in page.content.decode()
    assert "Entdecken" in page.content.decode()
    assert page.headers["Content-Language"] == "de"
    assert "Accept-Language" in page.headers["Vary"]


def test_a_chosen_language_stays(client: Client, make_video: Any) -> None:
    make_video("A walk")
    page = client.get("/video/video-1/").content.decode()
    assert all(f'value="{code}" lang="{code}"' in page for code in ("en", "de", "hi"))

    answer = client.post("/language/", {"language": "hi", "next": "/video/video-1/"})

    assert answer["Location"] == "/video/video-1/"
    page = client.get("/video/video-1/").content.decode()
    assert '<html lang="hi"' in page
    assert "खोजबीन" in page
    assert '<html lang="hi"' in client.get("/", headers={"accept-language": "de"}).content.decode()


@pytest.mark.parametrize("language", ["xx", "", "de\0", "x" * 10_000])
def test_unknown_languages_change_nothing(client: Client, site_tree: Any, language: str) -> None:
    answer = client.post("/language/", {"language": language, "next": "//evil.example"})

    assert answer["Location"] == "/"
    assert '<html lang="en"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "3 days ago"), ("de", "vor 3 Tagen"), ("hi", "3 दिन पहले")],
)
def test_times_are_whole_phrases_in_every_language(language: str, words: str) -> None:
    with translation.override(language):
        assert ago(timezone.now() - dt.timedelta(days=3, hours=2)).replace("\xa0", " ") == words
