"""Profiles: what they show, and how their owners change them."""

from __future__ import annotations

import re
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from recommendations_plugin.models import UserCategoryInterest
from video_cms import engagement
from video_cms.forms import PICTURE_FORMATS, PictureField
from video_cms.models import Picture, Playlist, PlaylistItem, Preferences, User, VideoPage

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


# --- who follows whom ---------------------------------------------------------------------------


@pytest.fixture
def followed(make_video: Any, make_user: Any) -> Any:
    """The maker, followed by Ann, who shows it, and by Bob, who does not."""
    creator = make_video("A walk").creator
    for name, shown in (("ann", True), ("bob", False)):
        user = make_user(name)
        Preferences.objects.create(user=user, show_follows=shown)
        engagement.follow(user, creator)
    return creator


def test_followers_are_named_only_if_they_let_it_be_seen(client: Client, followed: Any) -> None:
    assert "<strong>2</strong> followers" in client.get("/profile/maker/").content.decode()

    page = client.get("/profile/maker/followers/").content.decode()

    assert "@ann" in page
    assert "@bob" not in page
    assert "1 follower keeps it to themselves." in page


def test_whom_somebody_follows_is_theirs_to_show(
    client: Client, followed: Any, make_user: Any
) -> None:
    assert "@maker" in client.get("/profile/ann/following/").content.decode()
    assert client.get("/profile/bob/following/").status_code == 404
    assert "/profile/ann/following/" in client.get("/profile/ann/").content.decode()
    assert "/profile/bob/following/" not in client.get("/profile/bob/").content.decode()

    client.force_login(User.objects.get(username="bob"))
    page = client.get("/profile/bob/following/").content.decode()
    assert "@maker" in page
    assert "Only you see this list." in page


def test_closed_accounts_are_in_no_list(client: Client, followed: Any) -> None:
    User.objects.filter(username__in=["ann", "maker"]).update(is_active=False)

    client.force_login(User.objects.get(username="bob"))
    assert "@maker" not in client.get("/profile/bob/following/").content.decode()
    assert client.get("/profile/ann/followers/").status_code == 404


def test_videos_of_a_profile_can_be_sorted(client: Client, make_video: Any) -> None:
    for number, views in enumerate((5, 50, 1)):
        make_video(f"Walk {number}", views=views)

    def titles(sort: str) -> list[str]:
        return [video.title for video in client.get(f"/profile/maker/{sort}").context["page_obj"]]

    assert titles("") == ["Walk 2", "Walk 1", "Walk 0"]
    assert titles("?sort=views") == ["Walk 1", "Walk 0", "Walk 2"]
    assert titles("?sort=old") == ["Walk 0", "Walk 1", "Walk 2"]
    assert titles("?sort=creator__user__password") == titles("")


def test_a_profile_asks_the_database_as_often_whatever_it_holds(
    client: Client, make_video: Any, make_user: Any, django_assert_num_queries: Any
) -> None:
    creator = make_video("A walk").creator
    client.get("/profile/maker/")
    with CaptureQueriesContext(connection) as first:
        client.get("/profile/maker/")
        client.get("/profile/maker/followers/")
    for number in range(12):
        make_video(f"Walk {number}")
        fan = make_user(f"fan{number}")
        Preferences.objects.create(user=fan, show_follows=True)
        engagement.follow(fan, creator)
    with CaptureQueriesContext(connection) as then:
        client.get("/profile/maker/")
        client.get("/profile/maker/followers/")

    assert len(then) == len(first) + 1  # pictures of followers, if there are any
    assert len(then) < 25


def test_a_profile_shows_public_playlists_only(
    client: Client, make_video: Any, make_user: Any
) -> None:
    video, ann = make_video("A walk"), make_user("ann")
    for title, visibility in (("For all", "public"), ("Mine alone", "private")):
        playlist = Playlist.objects.create(owner=ann, title=title, visibility=visibility)
        PlaylistItem.objects.create(playlist=playlist, video=video)

    page = client.get("/profile/ann/").content.decode()

    assert "For all" in page
    assert "Mine alone" not in page


# --- what was refused is not lost ---------------------------------------------------------------


def test_a_refused_picture_loses_nothing_else(
    client: Client, ada: Any, parent_categories: Any
) -> None:
    svg = SimpleUploadedFile("me.png", SVG, content_type="image/png")
    nature = parent_categories["Nature"].slug
    answer = save(client, bio="Hello", parent_categories=[nature], new_picture=svg)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing is saved yet." in page
    assert "Hello</textarea>" in page
    assert re.search(rf'value="{nature}"[^>]* checked', page)
    assert 'id="id_new_picture_error"' in page
    ada.profile.refresh_from_db()
    assert ada.profile.bio == ""
    assert not ada.profile.parent_categories.exists()


def test_a_replaced_picture_is_not_kept(
    client: Client, ada: Any, django_capture_on_commit_callbacks: Any
) -> None:
    save(client, new_picture=upload())
    first = Picture.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        save(client, new_picture=upload("PNG"))

    assert Picture.objects.get() != first
    assert not first.file.storage.exists(first.file.name)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    where=st.integers(0, 1200),
    what=st.binary(min_size=1, max_size=40),
    kind=st.sampled_from(PICTURE_FORMATS),
)
def test_broken_pictures_are_refused_or_drawn_anew(where: int, what: bytes, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = BytesIO()
    Image.new("RGB", (64, 48), "orange").save(buffer, kind, exif=exif)
    content = buffer.getvalue()
    broken = content[: where % len(content)] + what + content[where % len(content) + len(what) :]

    try:
        kept = PictureField().clean(SimpleUploadedFile("me.jpg", broken))
    except ValidationError:
        return
    assert not Image.open(kept).getexif()
