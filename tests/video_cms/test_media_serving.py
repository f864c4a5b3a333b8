"""Uploaded files: by ranges, with permission, and nothing else under ``media/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from wagtail.models import PageViewRestriction

from video_cms.models import VideoMedia, VideoPage

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def video(make_video: Any) -> VideoPage:
    """A public video whose file has known bytes."""
    page: VideoPage = make_video("A walk")
    Path(page.media.file.path).write_bytes(CONTENT)
    return page


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def get(client: Client, video: VideoPage, **headers: str) -> Any:
    return client.get(video.media.url, headers=headers)


def test_the_whole_file(client: Client, video: VideoPage) -> None:
    answer = get(client, video)

    assert answer.status_code == 200
    assert body(answer) == CONTENT
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=1000-", 1000, 1024),
        ("bytes=-24", 1000, 1024),
        ("bytes=-99999", 0, 1024),
        ("bytes=1023-99999", 1023, 1024),
        ("bytes=0-0", 0, 1),
    ],
)
def test_ranges(asked: str, start: int, stop: int, client: Client, video: VideoPage) -> None:
    answer = get(client, video, range=asked)

    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert answer["Content-Length"] == str(stop - start)
    assert body(answer) == CONTENT[start:stop]


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_ranges_beyond_the_file(asked: str, client: Client, video: VideoPage) -> None:
    answer = get(client, video, range=asked)

    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-1", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", "bytes=" + "9" * 99 + "-"],
)
def test_ranges_that_make_no_sense_get_the_whole_file(
    asked: str, client: Client, video: VideoPage
) -> None:
    assert get(client, video, range=asked).status_code == 200


def test_head_has_the_headers_only(client: Client, video: VideoPage) -> None:
    answer = client.head(video.media.url, headers={"range": "bytes=0-9"})

    assert (answer.status_code, answer["Content-Length"], body(answer)) == (206, "10", b"")
    assert client.post(video.media.url).status_code == 405


def test_unchanged_files_are_not_sent_again(client: Client, video: VideoPage) -> None:
    first = get(client, video)

    assert get(client, video, if_none_match=first["ETag"]).status_code == 304
    assert get(client, video, if_modified_since=first["Last-Modified"]).status_code == 304
    assert get(client, video, range="bytes=0-9", if_range=first["ETag"]).status_code == 206
    assert get(client, video, range="bytes=0-9", if_range='"other"').status_code == 200


# --- who ------------------------------------------------------------------------------------------


@pytest.fixture
def people(make_user: Any, video: VideoPage, django_user_model: Any) -> dict[str, Any]:
    """Somebody of each kind."""
    patron = make_user("patron")
    patron.user_permissions.add(Permission.objects.get(codename="watch_premium"))
    return {
        "anonymous": None,
        "member": make_user("ada"),
        "patron": patron,
        "owner": video.creator.user,
        "admin": django_user_model.objects.create_superuser("root", "root@example.org", "x"),
    }


CHANGES: dict[str, dict[str, Any]] = {
    "public": {},
    "unlisted": {"visibility": "unlisted"},
    "private": {"visibility": "private"},
    "premium": {"is_premium": True},
    "private premium": {"is_premium": True, "visibility": "private"},
    "draft": {"live": False},
}
ALLOWED = {
    "public": {"anonymous", "member", "patron", "owner", "admin"},
    "unlisted": {"anonymous", "member", "patron", "owner", "admin"},
    "private": {"owner", "admin"},
    "premium": {"patron", "owner", "admin"},
    "private premium": {"owner", "admin"},
    "draft": {"owner", "admin"},
    "restricted": {"owner", "admin"},
}


@pytest.mark.parametrize("who", ["anonymous", "member", "patron", "owner", "admin"])
@pytest.mark.parametrize("kind", ALLOWED)
def test_files_follow_the_page(
    kind: str, who: str, client: Client, video: VideoPage, people: dict[str, Any]
) -> None:
    VideoPage.objects.update(**CHANGES.get(kind) or {"is_premium": False})
    if kind == "restricted":
        PageViewRestriction.objects.create(page=video, restriction_type="password", password="x")
    if people[who]:
        client.force_login(people[who])

    for headers in ({}, {"range": "bytes=0-9"}):
        answer = client.get(video.media.url, headers=headers)
        assert (answer.status_code in (200, 206)) is (who in ALLOWED[kind])
        if who not in ALLOWED[kind]:
            assert answer.status_code == 403
        elif kind not in ("public", "unlisted"):
            assert answer["Cache-Control"] == "private, no-cache"


def test_a_file_without_a_page_is_nobodys(client: Client, video: VideoPage) -> None:
    VideoPage.objects.update(media=None)

    assert get(client, video).status_code == 403


def test_pictures_are_public_and_originals_are_not(client: Client, people: dict[str, Any]) -> None:
    for folder in ("images", "original_images"):
        path = Path(settings.MEDIA_ROOT, folder, "a.webp")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"webp")

    assert "immutable" in client.get("/media/images/a.webp")["Cache-Control"]
    assert client.get("/media/original_images/a.webp").status_code == 403
    client.force_login(people["admin"])
    assert client.get("/media/original_images/a.webp").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "..%2fdb.sqlite3",
        "..%2f..%2fsecret.mp4",
        "images/..%2f..%2fsecret.webp",
        "images/..%252fsecret.webp",
        "images/%2e%2e/%2e%2e/secret.webp",
        "/etc/passwd.webp",
        "%2fetc%2fpasswd.webp",
        "images/%00.webp",
        "images/a%0a.webp",
        "images/..\\secret.webp",
        "images//a.webp",
        "images/a.svg",
        "images/a.html",
        "images/none.webp",
        "images/",
        "",
        "other/a.webp",
        "media/none.mp4",
        "documents/a.pdf",
    ],
)
def test_nothing_else_is_served(path: str, client: Client, video: VideoPage) -> None:
    Path(settings.MEDIA_ROOT).parent.joinpath("secret.webp").write_bytes(b"secret")
    for suffix in ("svg", "html"):
        file = Path(settings.MEDIA_ROOT, "images", f"a.{suffix}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"<svg/>")
    Path(settings.MEDIA_ROOT, "other").mkdir(exist_ok=True)
    Path(settings.MEDIA_ROOT, "other", "a.webp").write_bytes(b"x")

    assert client.get(f"/media/{path}").status_code in (400, 404)


def test_a_web_server_in_front_sends_the_bytes(
    client: Client, video: VideoPage, settings: Any
) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/protected/"

    answer = get(client, video)
    assert answer["X-Accel-Redirect"] == f"/protected/{video.media.file.name}"
    assert answer.content == b""
    VideoPage.objects.update(visibility="private")
    refused = get(client, video)
    assert refused.status_code == 403
    assert "X-Accel-Redirect" not in refused


def test_file_names_are_looked_up_exactly(client: Client, video: VideoPage) -> None:
    other = VideoMedia.objects.create(title="Other", type="video", file="media/other.mp4")
    Path(other.file.path).write_bytes(CONTENT)

    assert client.get("/media/media/other.mp4").status_code == 403
    assert client.get("/media/media/OTHER.mp4").status_code == 404
