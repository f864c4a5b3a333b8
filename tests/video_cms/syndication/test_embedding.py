"""Videos in frames on other sites, and oEmbed 1.0."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client

from .conftest import HOSTILE

pytestmark = pytest.mark.django_db

URL = "http://testserver/video/id-public/"
REQUIRED = {"type", "version"}
REQUIRED_OF_VIDEOS = REQUIRED | {"html", "width", "height"}


def ask(client: Client, url: str = URL, **options: Any) -> Any:
    return client.get("/oembed/", {"url": url, **options})


class Frame(HTMLParser):
    """The attributes of the only element in an oEmbed answer."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes = dict(attrs)


# --- the page for a frame -----------------------------------------------------------------------


def test_only_this_page_may_be_framed_by_others(client: Client, videos: Any) -> None:
    for path in ("/embed/id-public/", "/embed/id-private/", "/embed/nothing/"):
        answer = client.get(path)
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert answer.cookies == {}
    for path in ("/", "/video/id-public/", "/oembed/?url=" + URL, "/search/"):
        answer = client.get(path)
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_a_frame_keeps_the_rest_of_the_policy(client: Client, public_video: Any) -> None:
    frame = client.get("/embed/id-public/")["Content-Security-Policy"].split("; ")
    page = client.get("/video/id-public/")["Content-Security-Policy"].split("; ")

    assert {d for d in frame if not d.startswith("frame-")} == {
        d for d in page if not d.startswith("frame-")
    }


@pytest.mark.parametrize(
    ("query", "fragment"),
    [("", ".mp4"), ("?start=0", ".mp4"), ("?start=7", ".mp4#t=7"), ("?start=99", ".mp4")],
)
def test_a_frame_can_start_later(
    client: Client, public_video: Any, query: str, fragment: str
) -> None:
    page = client.get(f"/embed/id-public/{query}").content.decode()

    assert f'{fragment}">' in page


@pytest.mark.parametrize(
    "start", ["", "x", "-1", "1.5", "1e3", "9999999", "٣", "%00", '"><script>']
)
def test_a_wrong_start_is_refused_without_repeating_it(
    client: Client, public_video: Any, start: str
) -> None:
    answer = client.get(f"/embed/id-public/?start={start}")

    assert answer.status_code == 400
    assert "<video" not in answer.content.decode()
    assert "<script" not in answer.content.decode()


def test_a_frame_leads_to_the_page_and_is_not_indexed(read_head: Any, public_video: Any) -> None:
    head = read_head("/embed/id-public/")

    assert head.one("robots") == "noindex"
    assert head.link("canonical") == [URL]


def test_a_video_that_cannot_be_played_says_so(client: Client, make_video: Any) -> None:
    video = make_video()
    video.media.state = "failed"
    video.media.save()

    assert "<video" not in client.get("/embed/video-1/").content.decode()
    assert ask(client, "http://testserver/video/video-1/").json()["type"] == "link"


# --- oEmbed -------------------------------------------------------------------------------------


def test_json_and_xml_say_the_same(client: Client, public_video: Any) -> None:
    answer, written = ask(client), ask(client, format="xml")

    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert written["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(written.content)
    assert root.tag == "oembed"
    fields = answer.json()
    assert {element.tag: element.text for element in root} == {
        name: str(value) for name, value in fields.items()
    }
    assert fields.keys() >= REQUIRED_OF_VIDEOS
    assert fields["version"] == "1.0"
    assert fields["author_url"] == "http://testserver/profile/maker/"
    frame = Frame(fields["html"])
    assert frame.tags == ["iframe"]
    assert frame.attributes["src"] == "http://testserver/embed/id-public/"
    assert frame.attributes["width"] == str(fields["width"])


@pytest.mark.parametrize(
    ("most", "size", "thumbnail"),
    [
        ({}, (640, 360), 640),
        ({"maxwidth": 320}, (320, 180), 320),
        ({"maxheight": 100}, (177, 100), 160),
        ({"maxwidth": 400, "maxheight": 90}, (160, 90), 160),
        ({"maxwidth": 5000, "maxheight": 5000}, (640, 360), 1280),
        ({"maxwidth": 1}, (1, 1), None),
    ],
)
def test_frames_and_thumbnails_fit_the_room_there_is(
    client: Client,
    public_video: Any,
    most: dict[str, int],
    size: tuple[int, int],
    thumbnail: int | None,
) -> None:
    fields = ask(client, **most).json()

    assert (fields["width"], fields["height"]) == size
    assert fields.get("thumbnail_width") == thumbnail
    together = {"thumbnail_url", "thumbnail_width", "thumbnail_height"} & fields.keys()
    assert len(together) in {0, 3}


@pytest.mark.parametrize(
    "url",
    [
        URL,
        URL[:-1],
        URL + "?start=3#x",
        "https://TESTSERVER/video/id-public/",
        "http://testserver:80/embed/id-public/",
    ],
)
def test_every_spelling_of_an_own_address_is_known(
    client: Client, public_video: Any, url: str
) -> None:
    assert ask(client, url).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/video/id-public/",
        "http://testserver@elsewhere.example/video/id-public/",
        "http://testserver:81/video/id-public/",
        "http://testserver:x/video/id-public/",
        "http://[/video/id-public/",
        "ftp://testserver/video/id-public/",
        "//testserver/video/id-public/",
        "javascript:alert(1)//testserver/video/id-public/",
        "/video/id-public/",
        "http://testserver/",
        "http://testserver/browse/",
        "http://testserver/x/video/id-public/",
        "http://testserver/video/id-public/more/",
        "http://testserver/video/" + "x" * 5000,
    ],
)
def test_other_addresses_are_unknown(client: Client, public_video: Any, url: str) -> None:
    assert ask(client, url).status_code == 404


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"url": ""}, 400),
        ({"url": "http://testserver/\x00"}, 400),
        ({"maxwidth": "0"}, 400),
        ({"maxwidth": "-1"}, 400),
        ({"maxheight": "wide"}, 400),
        ({"maxheight": "\x00"}, 400),
        ({"format": "yaml"}, 501),
        ({"format": ""}, 501),
    ],
)
def test_wrong_questions_are_refused(
    client: Client, public_video: Any, options: dict[str, str], status: int
) -> None:
    assert ask(client, **options).status_code == status
    assert client.get("/oembed/").status_code == 400


def test_pages_lead_to_it(client: Client, read_head: Any, public_video: Any) -> None:
    head = read_head("/video/id-public/")

    (found,) = head.link("alternate", "application/json+oembed")
    assert client.get(found).json()["title"] == "A public video"
    (found,) = head.link("alternate", "text/xml+oembed")
    assert ElementTree.fromstring(client.get(found).content).findtext("title") == "A public video"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(client: Client, make_video: Any, text: str) -> None:
    from video_cms.syndication.texts import clean

    make_video(text)
    url = "http://testserver/video/video-1/"
    fields = ask(client, url).json()

    assert fields["title"] == clean(text)
    frame = Frame(fields["html"])
    assert frame.tags == ["iframe"]
    assert frame.attributes["title"] == clean(text)
    root = ElementTree.fromstring(ask(client, url, format="xml").content)
    assert root.findtext("html") == fields["html"]
    page = client.get("/embed/video-1/").content.decode()
    assert "<script>" not in page
    assert page.count("<script") == page.count("<script src=") > 0
