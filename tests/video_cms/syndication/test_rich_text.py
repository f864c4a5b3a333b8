"""Videos that editors embed in their texts by an address of the site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from wagtail.embeds.models import Embed
from wagtail.rich_text import expand_db_html

from video_cms.models import CreatorProfile, HomePage

pytestmark = pytest.mark.django_db

HOST = "http://localhost"  # Wagtail takes no host without a dot but this one


def embed(address: str) -> str:
    return f'<p>Look:</p><embed embedtype="media" url="{address}"/>'


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)


@pytest.fixture
def choose(client: Client, db: None) -> Callable[[str], Any]:
    """Give an address to Wagtail's dialog, as an editor."""
    client.force_login(get_user_model().objects.create_superuser("ed", "ed@example.org", "secret"))

    def give(address: str) -> Any:
        answer = client.post("/admin/embeds/chooser/upload/", {"embed-chooser-url": address})
        assert answer.status_code == 200
        return answer.json()

    return give


def test_the_dialog_knows_the_sites_videos_by_both_their_addresses(
    choose: Any, videos: Any
) -> None:
    for path in ("/video/id-public/", "/video/id-public", "/embed/id-public/?start=3"):
        answer = choose(HOST + path)
        assert answer["step"] == "embed_chosen"
        assert answer["embed_data"]["title"] == "A public video"
        assert answer["embed_data"]["thumbnail"]


@pytest.mark.parametrize(
    "address",
    [
        *(f"{HOST}/video/id-{state}/" for state in ("private", "draft", "restricted", "deleted")),
        HOST + "/video/nothing/",
        HOST + "/elsewhere/id-public/",
        HOST + "/video/id-public/\0",
        "http://elsewhere.example/video/id-public/",
        "https://www.youtube.com/watch?v=y8Kyi0WNg40",
    ],
)
def test_the_dialog_says_what_cannot_be_embedded(choose: Any, videos: Any, address: str) -> None:
    answer = choose(address)
    assert answer["step"] == "chooser"
    assert not Embed.objects.exists()
    assert "embed_data" not in answer
    assert expand_db_html(embed(address)) == "<p>Look:</p>"


def test_a_text_shows_a_player_to_visitors(client: Client, videos: Any) -> None:
    home = HomePage.objects.get()
    home.body = [("text", embed(HOST + "/video/id-public/"))]
    home.save()
    answer = client.get("/")
    page = answer.content.decode()
    assert '<iframe src="/embed/id-public/" title="A public video"' in page
    assert '<a href="/video/id-public/">' in page
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-src" not in answer["Content-Security-Policy"]  # so it is default-src
    assert not Embed.objects.exists()


def test_what_is_no_longer_for_everybody_leaves_the_text_at_once(choose: Any, videos: Any) -> None:
    video, text = videos["public"], embed(HOST + "/video/id-public/")
    choose(HOST + "/video/id-public/")
    assert "iframe" in expand_db_html(text)
    video.visibility = "private"
    video.save()
    assert expand_db_html(text) == "<p>Look:</p>"
    assert choose(HOST + "/video/id-public/")["step"] == "chooser"  # nothing is kept of before
    video.visibility = "unlisted"
    video.save()
    assert "iframe" in expand_db_html(text)
    CreatorProfile.objects.update(standing=CreatorProfile.Standing.SUSPENDED)
    assert expand_db_html(text) == "<p>Look:</p>"


def test_titles_are_inert_and_a_longer_text_takes_no_more_queries(
    videos: Any, make_video: Any, django_assert_num_queries: Any
) -> None:
    make_video("</iframe><script>alert(1)</script>", video_id="hostile")
    ids = ["hostile", "id-public", "id-unlisted", "id-private", "nothing"]
    text = "".join(embed(f"{HOST}/video/{name}/") for name in ids)
    expand_db_html(text)
    with django_assert_num_queries(2):
        page = expand_db_html(text)
    assert page.count("<iframe") == 3
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
