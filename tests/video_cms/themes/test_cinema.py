"""The cinema: the top recommendation on the screen, the others in rows below it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from recommendations_plugin import api
from video_cms.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cinema(settings: Any) -> None:
    settings.THEME = "cinema"


def part(page: str, start: str, end: str) -> str:
    return page.split(start, 1)[1].split(end, 1)[0]


def screen(page: str) -> str:
    return part(page, '<section class="hero"', "</section>")


def row(page: str) -> str:
    return part(page, '<ul class="cards shelf-row" id="cards-home">', "</ul>\n</section>")


def test_the_top_recommendation_is_on_the_screen_and_not_in_the_row_below(
    client: Client, make_video: Any, make_user: Any
) -> None:
    for number in range(4):
        make_video(f"Film {number}", description="What it is about.")
    ada = make_user("ada")
    client.force_login(ada)
    first = api.recommend(api.viewer(ada), placement="home").items[0].object
    page = client.get("/").content.decode()

    assert first.title in screen(page)
    assert "What it is about." in screen(page)
    assert reverse("account_signup") not in screen(page)
    assert first.title not in row(page)
    assert row(page).count('<article class="card">') == 3
    assert page.index('class="hero"') < page.index('class="shelf"')


def test_the_rows_can_be_scrolled_without_javascript(client: Client, make_video: Any) -> None:
    for number in range(3):
        make_video(f"Film {number}")
    page = client.get("/").content.decode()

    assert row(page).count('<article class="card">') == 2
    buttons = re.findall(r'<button[^>]*data-step="-?1"([^>]*)>', page)
    assert buttons
    assert {button.strip() for button in buttons} == {"hidden"}


def test_a_newcomer_finds_the_way_in_on_the_screen(client: Client, make_video: Any) -> None:
    make_video("Film")

    assert reverse("account_signup") in screen(client.get("/").content.decode())


def test_an_empty_house_says_so(client: Client, site_tree: Any) -> None:
    page = client.get("/").content.decode()

    assert "Nothing new for you here" in page
    assert 'class="hero"' not in page
    assert HomePage.objects.exists()


def test_every_page_keeps_one_first_heading(client: Client, make_video: Any) -> None:
    make_video("Film")

    for path in ("/", "/video/video-1/", "/profile/maker/", "/accounts/login/", "/nothing/"):
        assert client.get(path).content.decode().count("<h1") == 1, path
