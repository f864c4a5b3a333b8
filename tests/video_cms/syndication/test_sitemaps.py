"""Sitemaps, held against the protocol and Google's video extension."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from defusedxml import ElementTree
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from .conftest import HOSTILE

pytestmark = pytest.mark.django_db

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
VIDEO = "{http://www.google.com/schemas/sitemap-video/1.1}"
#: In the order of Google's schema.
FIELDS = [
    "thumbnail_loc",
    "title",
    "description",
    "player_loc",
    "duration",
    "view_count",
    "publication_date",
    "tag",
    "requires_subscription",
    "uploader",
]


def read(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    return ElementTree.fromstring(answer.content)


def locations(root: Any) -> list[str]:
    return [element.text.removeprefix("http://testserver") for element in root.iter(f"{MAP}loc")]


def test_everything_that_is_open_can_be_found(client: Client, videos: Any) -> None:
    index = read(client, "/sitemap.xml")
    assert index.tag == f"{MAP}sitemapindex"

    found = [path for page in locations(index) for path in locations(read(client, page))]
    assert sorted(found) == sorted(
        [
            *("/", "/video/", "/video/id-public/", "/video/id-premium/"),
            *("/profile/maker/", "/browse/music/", "/category/jazz/"),
        ]
    )
    for path in found:
        assert client.get(path).status_code == 200


def test_a_video_has_what_the_extension_requires(client: Client, videos: Any) -> None:
    videos["public"].tags.add("quiet & loud")
    videos["public"].save()
    root = read(client, "/sitemap-videos.xml")
    url = next(url for url in root if url.findtext(f"{MAP}loc").endswith("id-public/"))
    video = url.find(f"{VIDEO}video")

    assert [element.tag.removeprefix(VIDEO) for element in video] == FIELDS
    assert video.findtext(f"{VIDEO}title") == "A public video"
    assert video.findtext(f"{VIDEO}player_loc") == "http://testserver/embed/id-public/"
    assert video.findtext(f"{VIDEO}duration") == "10"
    assert video.findtext(f"{VIDEO}tag") == "quiet & loud"
    assert client.get(video.findtext(f"{VIDEO}thumbnail_loc"))["Content-Type"] == "image/jpeg"
    assert dt.datetime.fromisoformat(video.findtext(f"{VIDEO}publication_date")).tzinfo
    subscription = [element.text for element in root.iter(f"{VIDEO}requires_subscription")]
    assert sorted(subscription) == ["no", "yes"]


def test_a_video_without_a_picture_is_an_address_only(client: Client, make_video: Any) -> None:
    make_video()
    root = read(client, "/sitemap-videos.xml")

    assert len(locations(root)) == 1
    assert root.find(f".//{VIDEO}video") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(
    client: Client, make_video: Any, make_picture: Any, text: str
) -> None:
    from video_cms.syndication.texts import summary

    make_video(text, description=text * 300, thumbnail=make_picture())
    video = read(client, "/sitemap-videos.xml").find(f".//{VIDEO}video")

    assert video.findtext(f"{VIDEO}title") == summary(text)
    assert len(video.findtext(f"{VIDEO}description")) <= 2048


def test_a_large_catalogue_comes_in_pages(
    client: Client, make_video: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("video_cms.syndication.sitemaps.Section.limit", 2)
    for _ in range(5):
        make_video()
    pages = [path for path in locations(read(client, "/sitemap.xml")) if "videos" in path]

    assert pages == ["/sitemap-videos.xml", "/sitemap-videos.xml?p=2", "/sitemap-videos.xml?p=3"]
    found = [path for page in pages for path in locations(read(client, page))]
    assert len(set(found)) == len(found) == 5
    for wrong in ("4", "0", "x", "%00"):
        assert client.get(f"/sitemap-videos.xml?p={wrong}").status_code == 404
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_an_empty_site_has_a_sitemap(client: Client, site_tree: Any) -> None:
    assert locations(read(client, "/sitemap.xml")) == ["/sitemap-pages.xml"]


@pytest.mark.parametrize("name", ["videos", "creators", "categories", "subjects"])
def test_a_page_costs_the_same_however_large_the_catalogue_is(
    client: Client,
    make_video: Any,
    make_user: Any,
    make_picture: Any,
    parent_categories: Any,
    name: str,
) -> None:
    def add(number: int) -> None:
        creator = make_user(f"creator-{number}").profile
        names = [["Jazz"], ["Birds"], ["Bread"], ["Soups"]][number % 4]
        video = make_video(thumbnail=make_picture(), creator=creator, categories=names)
        video.tags.add(f"tag-{number}", "shared")
        video.save()

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    add(0)
    for path in (f"/sitemap-{name}.xml", "/sitemap.xml"):  # fills the caches
        client.get(path)
    small, index = cost(f"/sitemap-{name}.xml"), cost("/sitemap.xml")
    for number in range(1, 8):
        add(number)

    assert cost(f"/sitemap-{name}.xml") == small <= 8
    assert cost("/sitemap.xml") == index <= 24


def test_robots_are_told_where_it_is_and_where_there_is_nothing(
    client: Client, site_tree: Any
) -> None:
    answer = client.get("/robots.txt")
    lines = answer.content.decode().splitlines()

    assert answer["Content-Type"].startswith("text/plain")
    assert lines[0] == "User-agent: *"
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"
    for path in ("/admin/", "/accounts/", "/search/"):
        assert f"Disallow: {path}" in lines
