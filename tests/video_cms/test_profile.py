"""Profiles: what they show, and how their owners change them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from recommendations_plugin.models import UserCategoryInterest
from video_cms import engagement
from video_cms.models import Picture, VideoPage

pytestmark = pytest.mark.django_db


def upload(kind: str = "JPEG", size: tuple[int, int] = (300, 200), **options: Any) -> Any:
    buffer = BytesIO()
    Image.new("RGB", size, "orange").save(buffer, kind, **options)
    return SimpleUploadedFile(f"../../x.{kind.lower()}", buffer.getvalue())


@pytest.fixture
def ada(client: Client, make_user: Any, site_tree: Any) -> Any:
    """Ada, signed in."""
    user = make_user("ada")
    client.force_login(user)
    return user


def save(client: Client, **fields: Any) -> Any:
    return client.post("/profile/edit/", {"name": "Ada", **fields})


def test_a_profile_shows_its_owner_and_their_figures(
    client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    video = make_video("A walk")
    profile = video.creator
    profile.name, profile.bio, profile.location = "Mia Maker", "I walk.\n\nA lot.", "Porto"
    profile.website, profile.verified = "https://example.org/mia/", True
    profile.save()
    profile.parent_categories.add(parent_categories["Nature"])
    VideoPage.objects.update(views=1500)
    engagement.follow(make_user("bea"), profile)

    page = client.get("/profile/maker/").content.decode()

    for part in ("Mia Maker", "@maker", "Porto", "<p>A lot.</p>", "Verified", "Nature", "A walk"):
        assert part in page
    assert 'rel="nofollow noopener ugc me">example.org/mia<' in page
    assert "<strong>1</strong> video" in page
    assert "<strong>1</strong> follower" in page
    assert "<strong>1.5K</strong> views" in page
    assert 'action="/profile/maker/follow/"' in page
    assert "Edit profile" not in page


def test_the_own_profile_can_be_edited(client: Client, ada: Any) -> None:
    page = client.get("/profile/ada/").content.decode()

    assert 'href="/profile/edit/"' in page
    assert 'action="/profile/ada/follow/"' not in page


@pytest.mark.parametrize("name", ["nobody", "%00", "a%0Ab", "..%2f", "x" * 200])
def test_profiles_that_are_not_there(name: str, client: Client, site_tree: Any) -> None:
    assert client.get(f"/profile/{name}/").status_code == 404


def test_closed_accounts_have_no_profile(client: Client, make_user: Any, site_tree: Any) -> None:
    make_user("gone", is_active=False)

    assert client.get("/profile/gone/").status_code == 404


def test_editing_needs_an_account(client: Client, site_tree: Any) -> None:
    assert client.get("/profile/edit/")["Location"].startswith("/accounts/login/")


def test_editing_saves_words_and_interests(
    client: Client, ada: Any, parent_categories: Any, make_video: Any
) -> None:
    make_video("Owls", categories=["Birds"])
    nature = parent_categories["Nature"]

    answer = save(
        client,
        bio="Hello",
        website="example.org",
        location="Leeds",
        parent_categories=[nature.slug],
        verified="on",
        user="1",
    )

    assert answer["Location"] == "/profile/ada/"
    ada.profile.refresh_from_db()
    assert (ada.profile.name, ada.profile.website) == ("Ada", "https://example.org")
    assert not ada.profile.verified
    assert UserCategoryInterest.objects.get().category.name == "Nature"
    assert "Chosen from what you like." in client.get("/").content.decode()

    save(client)
    assert not UserCategoryInterest.objects.filter(chosen=True).exists()


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "data:text/html,x", "ftp://x.org", "//x"]
)
def test_other_addresses_than_web_pages_are_refused(website: str, client: Client, ada: Any) -> None:
    answer = save(client, website=website)

    ada.profile.refresh_from_db()
    assert ada.profile.website == "" or ada.profile.website.startswith("https://")
    if answer.status_code == 400:
        assert "Website" in answer.content.decode()


def test_pictures_are_drawn_anew(client: Client, ada: Any) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x8825] = {1: "N", 2: (41.0, 9.0, 0.0)}
    payload = upload(exif=exif)
    payload.seek(0, 2)
    payload.write(b"<script>alert(1)</script>")
    payload.seek(0)

    assert save(client, new_picture=payload, new_banner=upload("PNG")).status_code == 302

    ada.profile.refresh_from_db()
    kept = ada.profile.picture.file.read()
    assert b"<script>" not in kept
    assert b"taken at home" not in kept
    assert not Image.open(BytesIO(kept)).getexif()
    assert ".." not in ada.profile.picture.file.name
    assert ada.profile.banner is not None
    page = client.get("/profile/ada/").content.decode()
    assert page.count("<img") >= 2

    save(client, remove_picture="on")
    ada.profile.refresh_from_db()
    assert ada.profile.picture is None


def test_large_pictures_are_made_smaller(client: Client, ada: Any) -> None:
    save(client, new_banner=upload(size=(3000, 1500)))

    banner = Picture.objects.get()
    assert (banner.width, banner.height) == (2400, 1200)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def claiming(side: int) -> bytes:
    """Return a small PNG that claims to be a large square."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (SVG, "JPEG, PNG or WebP"),
        (b"<html><body>hi", "JPEG, PNG or WebP"),
        (b"GIF89a<script>", "JPEG, PNG or WebP"),
        (b"PK\x03\x04", "JPEG, PNG or WebP"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "JPEG, PNG or WebP"),
        (claiming(20_000), "40 megapixels"),
        (claiming(6_400), "40 megapixels"),
        (b"\xff\xd8" + b"\0" * (8 * 1024 * 1024), "8 MB"),
    ],
    ids=["svg", "html", "gif", "zip", "truncated", "400 MP", "41 MP", "over 8 MB"],
)
def test_other_files_than_pictures_are_refused(
    content: bytes, answer: str, client: Client, ada: Any
) -> None:
    page = save(client, new_picture=SimpleUploadedFile("me.jpg", content))

    assert page.status_code == 400
    assert answer in str(page.context["form"].errors["new_picture"])
    assert not Picture.objects.exists()


def test_empty_profiles_have_a_next_step(client: Client, ada: Any) -> None:
    assert "Explore everything" in client.get("/profile/ada/").content.decode()
