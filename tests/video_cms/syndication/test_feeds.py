"""RSS and Atom, held against what their specifications require."""

from __future__ import annotations

import datetime as dt
import mimetypes
import uuid
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client

from .conftest import HOSTILE

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


def rss(client: Client, path: str = "/videos.rss") -> Any:
    answer = client.get(path)
    assert answer["Content-Type"].startswith("application/rss+xml")
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    return root.find("channel")


def atom(client: Client, path: str = "/videos.atom") -> Any:
    answer = client.get(path)
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content)


def test_rss_has_what_rss_requires(client: Client, public_video: Any) -> None:
    channel = rss(client)

    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert channel.find(f"{ATOM}link").get("href") == "http://testserver/videos.rss"
    item = next(i for i in channel.iter("item") if i.findtext("title") == "A public video")
    assert item.findtext("link") == "http://testserver/video/id-public/"
    assert item.findtext("description") == "<p>About the public one.</p>"
    assert item.findtext(CREATOR) == "maker"
    assert [category.text for category in item.iter("category")] == ["Jazz"]
    assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo is not None
    enclosure, media = item.find("enclosure"), public_video.media
    assert enclosure.get("url") == f"http://testserver{media.url}"
    assert enclosure.get("type") == mimetypes.guess_type("x.mp4")[0]
    assert int(enclosure.get("length")) == media.file.size


def test_atom_has_what_atom_requires(client: Client, public_video: Any) -> None:
    feed = atom(client)

    for element in [feed, *feed.iter(f"{ATOM}entry")]:
        assert element.findtext(f"{ATOM}title")
        assert element.findtext(f"{ATOM}id").startswith(("http://testserver/", "urn:uuid:"))
        assert dt.datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo is not None
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == "http://testserver/videos.atom"
    entry = feed.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == "http://testserver/profile/maker/"
    assert entry.find(f"{ATOM}summary").get("type") == "html"
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)


def test_thumbnails_are_pictures_of_the_size_they_say(
    client: Client, make_video: Any, make_picture: Any
) -> None:
    make_video("Tall", thumbnail=make_picture(300, 901))

    for found in (
        rss(client).find(f".//{MEDIA}thumbnail"),
        atom(client).find(f".//{MEDIA}thumbnail"),
    ):
        answer = client.get(found.get("url"))
        assert answer["Content-Type"] == "image/jpeg"
        from io import BytesIO

        from PIL import Image

        picture = Image.open(BytesIO(b"".join(answer.streaming_content)))
        assert picture.size == (int(found.get("width")), int(found.get("height")))


def test_addresses_of_pictures_cannot_be_made_up(client: Client, make_picture: Any) -> None:
    picture = make_picture()

    for path in (f"/images/AAAA/{picture.pk}/original/x.png", "/images///original/x"):
        assert client.get(path).status_code == 403


def test_an_entry_stays_the_same_when_its_words_address_and_host_change(
    client: Client, make_video: Any, settings: Any
) -> None:
    video = make_video("Before")
    before = rss(client).find("item/guid")
    video.title, video.video_id = "After", "elsewhere"
    video.full_clean()
    video.save()
    settings.ALLOWED_HOSTS = ["*"]
    after = ElementTree.fromstring(client.get("/videos.rss", headers={"host": "b.org"}).content)

    assert after.findtext(".//item/title") == "After"
    assert after.findtext(".//item/guid") == before.text
    assert before.get("isPermaLink") == "false"
    assert uuid.UUID(before.text) == video.translation_key


def test_the_newest_stand_first_and_no_more_than_thirty(client: Client, make_video: Any) -> None:
    made = [make_video(f"Number {number}") for number in range(32)]

    titles = [item.findtext("title") for item in rss(client).iter("item")]
    assert titles == [video.title for video in reversed(made)][:30]


def test_each_subject_and_creator_has_its_own(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    make_video("Jazz one", categories=["Jazz"])
    make_video("Folk one", categories=["Folk"])
    make_video("Bread one", categories=["Bread"], creator=make_user("a.b+c@d-e").profile)

    def titles(path: str) -> set[str]:
        return {item.findtext("title") for item in rss(client, path).iter("item")}

    assert titles("/videos.rss") == {"Jazz one", "Folk one", "Bread one"}
    assert titles("/browse/music/videos.rss") == {"Jazz one", "Folk one"}
    assert titles("/category/folk/videos.rss") == {"Folk one"}
    assert titles("/profile/a.b+c@d-e/videos.rss") == {"Bread one"}
    assert titles("/profile/maker/videos.rss") == {"Jazz one", "Folk one"}


@pytest.mark.parametrize(
    "path", ["/browse/none/videos.rss", "/category/none/videos.atom", "/profile/none/videos.rss"]
)
def test_unknown_subjects_have_none(client: Client, site_tree: Any, path: str) -> None:
    assert client.get(path).status_code == 404


def test_inactive_creators_have_none_and_are_not_linked(client: Client, make_video: Any) -> None:
    video = make_video("Left behind")
    video.creator.user.is_active = False
    video.creator.user.save()

    assert client.get("/profile/maker/videos.rss").status_code == 404
    assert "/profile/maker/" not in client.get("/videos.atom").content.decode()


def test_an_empty_feed_is_a_feed(client: Client, site_tree: Any) -> None:
    assert rss(client).findtext("link") == "http://testserver/video/"
    assert atom(client).findtext(f"{ATOM}updated")


def test_a_lost_file_is_no_enclosure(client: Client, make_video: Any) -> None:
    video = make_video()
    video.media.file.storage.delete(video.media.file.name)

    assert rss(client).find("item/enclosure") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(
    client: Client, make_video: Any, make_user: Any, text: str
) -> None:
    from video_cms.syndication.texts import clean

    profile = make_user("villain").profile
    profile.name, profile.bio = text[:80], text
    profile.save()
    make_video(text, description=text, creator=profile)

    channel, feed = rss(client), atom(client, "/profile/villain/videos.atom")
    assert channel.findtext("item/title") == clean(text)
    assert "<script" not in channel.findtext("item/description")
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == clean(text)
    assert feed.findtext(f"{ATOM}subtitle") == clean(text)
    assert feed.findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name") == clean(text)


def test_readers_that_ask_again_get_a_short_answer(client: Client, public_video: Any) -> None:
    first = client.get("/videos.rss")
    again = client.get("/videos.rss", headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert first.cookies == {}


def test_a_feed_costs_the_same_however_long_it_is(
    client: Client, make_video: Any, make_picture: Any, parent_categories: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/videos.atom")
        return len(queries)

    make_video(thumbnail=make_picture(), categories=["Jazz"])
    client.get("/videos.atom")
    one = cost()
    for _ in range(5):
        make_video(thumbnail=make_picture(), categories=["Jazz", "Folk"])
    assert cost() == one <= 10
