"""What pages say of themselves: addresses, previews, structured data, and the app's manifest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from PIL import Image

from video_cms.syndication.texts import clean, iso_duration

from .conftest import HOSTILE

pytestmark = pytest.mark.django_db

DURATION = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:([1-5]?\d)M)?(?:([1-5]?\d)S)?")


def seconds_of(text: str) -> int:
    match = DURATION.fullmatch(text)
    assert match, f"{text} is no duration"
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


# --- structured data ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (4, "PT4S"),
        (3723, "PT1H2M3S"),
        (3600, "PT1H"),
        (60.4, "PT1M"),
        (59.5, "PT1M"),
        (2.5, "PT3S"),
        (0.04, "PT1S"),
        (90_000, "PT25H"),
        (0, ""),
        (-1, ""),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_durations_are_written_as_iso_8601_writes_them(seconds: float, text: str) -> None:
    assert iso_duration(seconds) == text


def test_durations_can_be_read_back() -> None:
    for seconds in (*range(1, 130), 3599, 3601, 7260, 86_399, 86_400):
        assert seconds_of(iso_duration(seconds)) == seconds


def test_a_video_is_described_as_schema_org_asks(read_head: Any, public_video: Any) -> None:
    video = public_video
    video.tags.add("slow", "quiet")
    video.save()
    data = read_head("/video/id-public/").data("VideoObject")

    assert data["@context"] == "https://schema.org"
    assert data["name"] == "A public video"
    assert data["description"] == "About the public one."
    assert data["duration"] == "PT10S"
    assert data["uploadDate"] == video.first_published_at.isoformat()
    assert data["thumbnailUrl"][0].startswith("http://testserver/images/")
    assert data["embedUrl"] == "http://testserver/embed/id-public/"
    assert data["contentUrl"] == f"http://testserver{video.media.url}"
    assert data["creator"] == {
        "@type": "Person",
        "name": "maker",
        "url": "http://testserver/profile/maker/",
    }
    assert sorted(data["keywords"]) == ["quiet", "slow"]
    assert {
        counter["interactionType"]["@type"]: counter["userInteractionCount"]
        for counter in data["interactionStatistic"]
    } == {"WatchAction": 0, "LikeAction": 0}


def test_breadcrumbs_lead_from_the_top_to_the_page(read_head: Any, public_video: Any) -> None:
    steps = read_head("/video/id-public/").data("BreadcrumbList")["itemListElement"]

    assert [(step["position"], step["name"], step["item"]) for step in steps] == [
        (1, "Explore", "http://testserver/explore/"),
        (2, "Music", "http://testserver/browse/music/"),
        (3, "Jazz", "http://testserver/category/jazz/"),
        (4, "A public video", "http://testserver/video/id-public/"),
    ]
    steps = read_head("/browse/music/").data("BreadcrumbList")["itemListElement"]
    assert [step["name"] for step in steps] == ["Explore", "Music"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(
    client: Client, read_head: Any, make_video: Any, make_user: Any, text: str
) -> None:
    profile = make_user("villain").profile
    profile.name, profile.bio = text[:80], text
    profile.save()
    make_video(text, description=text, creator=profile)

    page = client.get("/video/video-1/").content.decode()
    assert "<script>" not in page
    assert "alert(1)</script" not in page
    head = read_head("/video/video-1/")
    assert head.data("VideoObject")["name"] == text
    assert head.one("og:title") == clean(text)
    assert read_head("/profile/villain/").one("og:title") == clean(text[:80])


# --- previews and addresses ---------------------------------------------------------------------


def test_a_public_video_has_a_full_preview(read_head: Any, public_video: Any) -> None:
    head = read_head("/video/id-public/")

    assert head.one("og:type") == "video.other"
    assert head.one("og:url") == "http://testserver/video/id-public/"
    assert head.one("og:image").startswith("http://testserver/images/")
    assert (head.one("og:image:width"), head.one("og:image:height")) == ("1280", "720")
    assert head.one("og:video") == f"http://testserver{public_video.media.url}"
    assert head.one("og:video:type") == "video/mp4"
    assert head.one("video:duration") == "10"
    assert head.one("description") == "About the public one."
    assert head.one("twitter:card") == "summary_large_image"


def test_the_player_card_is_for_https_only(client: Client, videos: Any) -> None:
    from .conftest import Head

    head = Head(client.get("/video/id-public/", secure=True).content.decode())
    assert head.one("twitter:card") == "player"
    assert head.one("twitter:player") == "https://testserver/embed/id-public/"
    assert head.one("og:video:secure_url").startswith("https://")
    for state in ("premium", "unlisted"):
        head = Head(client.get(f"/video/id-{state}/", secure=True).content.decode())
        assert head.one("twitter:player") is None


@pytest.mark.parametrize(
    ("path", "kind", "title"),
    [
        ("/", "website", "Videos"),
        ("/category/jazz/", "website", "Jazz"),
        ("/browse/music/", "website", "Music"),
        ("/profile/maker/", "profile", "maker"),
    ],
)
def test_other_pages_have_previews_too(
    read_head: Any, public_video: Any, path: str, kind: str, title: str
) -> None:
    head = read_head(path)

    assert (head.one("og:type"), head.one("og:title")) == (kind, title)
    assert head.one("og:image") == "http://testserver/static/themes/grid/icons/icon-512.png"
    assert head.one("description") == head.one("og:description")
    assert head.one("robots") is None


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/?utm_source=x", "/"),
        ("/?page=2", "/"),
        ("/video/id-public/?start=3&page=2", "/video/id-public/"),
        ("/category/jazz/?sort=new&page=1", "/category/jazz/"),
        ("/category/jazz/?sort=new&page=2", "/category/jazz/?page=2"),
        ("/category/jazz/?sort=new&page=x%22%3E", "/category/jazz/"),
        ("/video/?page=3&x=1", "/video/?page=3"),
        ("/explore/?x=1", "/explore/"),
        ("/search/?q=jazz", "/search/"),
        ("/accounts/login/?next=/x/", "/accounts/login/"),
    ],
)
def test_every_page_has_one_address(
    read_head: Any, public_video: Any, path: str, canonical: str
) -> None:
    assert read_head(path).link("canonical") == [f"http://testserver{canonical}"]


@pytest.mark.parametrize("path", ["/search/", "/search/?q=x", "/feed/", "/nothing/"])
def test_searches_feeds_and_errors_are_not_indexed(
    read_head: Any, public_video: Any, path: str
) -> None:
    assert read_head(path).one("robots") == "noindex"


@pytest.mark.parametrize(
    ("path", "feeds"),
    [
        ("/", {"/videos"}),
        ("/explore/", {"/videos"}),
        ("/video/id-public/", {"/videos"}),
        ("/browse/music/", {"/videos", "/browse/music/videos"}),
        ("/category/jazz/", {"/videos", "/category/jazz/videos"}),
        ("/profile/maker/", {"/videos", "/profile/maker/videos"}),
    ],
)
def test_pages_lead_to_their_feeds(
    client: Client, read_head: Any, public_video: Any, path: str, feeds: set[str]
) -> None:
    head = read_head(path)

    for ending in ("rss", "atom"):
        found = head.link("alternate", f"application/{ending}+xml")
        assert set(found) == {f"http://testserver{feed}.{ending}" for feed in feeds}
        assert all(client.get(address).status_code == 200 for address in found)


def test_addresses_name_the_site_as_editors_set_it(
    client: Client, public_video: Any, settings: Any
) -> None:
    from wagtail.models import Site

    from .conftest import Head

    settings.ALLOWED_HOSTS = ["*"]
    Site.objects.update(hostname="videos.example", port=443)

    def canonical(**options: Any) -> list[str]:
        return Head(client.get("/explore/", **options).content.decode()).link("canonical")

    assert canonical() == ["https://videos.example/explore/"]
    own = {"host": "videos.example"}
    assert canonical(headers=own, secure=True) == ["https://videos.example/explore/"]
    assert (
        client.get("/robots.txt")
        .content.decode()
        .endswith("Sitemap: https://videos.example/sitemap.xml\n")
    )
    url = "https://videos.example/video/id-public/"
    fields = client.get("/oembed/", {"url": url}).json()
    assert 'src="https://videos.example/embed/id-public/"' in fields["html"]


def test_the_preview_of_a_draft_is_not_indexed(client: Client, make_user: Any, videos: Any) -> None:
    from .conftest import Head

    client.force_login(make_user("chief", is_superuser=True, is_staff=True))
    page = client.get(f"/admin/pages/{videos['draft'].pk}/view_draft/").content.decode()

    head = Head(page)
    assert head.one("robots") == "noindex"
    assert head.one("og:title") is None


# --- the app ------------------------------------------------------------------------------------


def test_the_manifest_names_icons_that_exist(
    client: Client, read_head: Any, site_tree: Any
) -> None:
    from wagtail.models import Site

    Site.objects.update(site_name='The "best" </script> & more')
    (address,) = read_head("/").link("manifest")
    answer = client.get(address)
    manifest = answer.json()

    assert answer["Content-Type"] == "application/manifest+json"
    assert manifest["name"] == 'The "best" </script> & more'
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    static = Path(django_settings.BASE_DIR, "themes", "grid", "static")
    for icon in manifest["icons"]:
        path = static / icon["src"].removeprefix("/static/themes/grid/")
        assert path.exists()
        if icon["sizes"] != "any":
            with Image.open(path) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]


def test_each_scheme_has_its_colour(client: Client, site_tree: Any) -> None:
    page = client.get("/").content.decode()

    assert re.findall(
        r'theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)', page
    ) == [
        ("#ffffff", "light"),
        ("#0f1211", "dark"),
    ]
