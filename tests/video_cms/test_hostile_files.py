"""Files that are not what they say: hostile cases 5 to 12, those of forms."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from wagtail.documents.models import Document

from video_cms.demo.clips import draw_clip
from video_cms.models import Picture, VideoMedia, VideoPage
from video_cms.tasks import process_video, resume_processing

pytestmark = pytest.mark.django_db

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "JPEG", **more: Any) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (64, 36), "orange").save(buffer, kind, **more)
    return buffer.getvalue()


def png(side: int) -> bytes:
    """Return a valid PNG of one bit a pixel: 48 KB are 400 megapixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side * (1 + (side + 7) // 8)))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.fixture
def sent(member: Client, site_tree: Any) -> dict[str, Any]:
    return {"title": "Owls", "visibility": "public", "captions_language": "en"}


def with_thumbnail(member: Client, sent: dict[str, Any], content: bytes) -> Any:
    file = SimpleUploadedFile("cover.jpg", content, "image/jpeg")
    return member.post("/upload/", {**sent, "thumbnail_file": file})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_5_a_script_behind_a_thumbnail_is_gone(
    member: Client, sent: dict[str, Any], kind: str
) -> None:
    assert with_thumbnail(member, sent, picture(kind) + SCRIPT).status_code == 302
    kept = Path(Picture.objects.get().file.path).read_bytes()
    assert SCRIPT not in kept
    assert Path(Picture.objects.get().file.name).suffix in (".jpg", ".png")


@pytest.mark.parametrize(
    "content",
    [picture("GIF")[:6] + b"/*" + picture("GIF")[6:] + b"*/=1;" + SCRIPT, picture("GIF"), SVG],
    ids=["polyglot", "gif", "svg"],
)
def test_6_thumbnails_are_jpeg_png_or_webp(
    member: Client, sent: dict[str, Any], content: bytes
) -> None:
    answer = with_thumbnail(member, sent, content)
    assert answer.status_code == 400
    assert "JPEG, PNG or WebP" in answer.content.decode()
    assert not Picture.objects.exists()


@pytest.fixture
def editor(make_user: Any) -> Client:
    user = make_user("editor")
    user.groups.add(Group.objects.get(name="Editors"))
    client = Client()
    client.force_login(user)
    return client


def to_the_library(editor: Client, name: str, content: bytes) -> Any:
    file = SimpleUploadedFile(name, content)
    collection = 1
    return editor.post(
        "/admin/images/add/", {"title": "Cover", "file": file, "collection": collection}
    )


@pytest.mark.parametrize("name", ["x.svg", "x.png"])
def test_6_no_svg_in_the_libraries_and_none_is_served(
    editor: Client, site_tree: Any, name: str
) -> None:
    assert to_the_library(editor, name, SVG).status_code == 200
    assert not Picture.objects.exists()
    document = SimpleUploadedFile("x.svg", SVG)
    editor.post("/admin/documents/add/", {"title": "x", "file": document, "collection": 1})
    assert not Document.objects.exists()

    for folder in ("media", "images", "original_images", "documents"):
        path = Path(settings.MEDIA_ROOT, folder, "x.svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SVG)
        assert Client().get(f"/media/{folder}/x.svg").status_code == 404


@pytest.mark.parametrize("side", [20_000, 13_000], ids=["400 MP", "169 MP"])
def test_7_pictures_have_a_limit_of_our_own(
    member: Client, editor: Client, sent: dict[str, Any], side: int
) -> None:
    content = png(side)
    assert len(content) < 49_000
    answer = with_thumbnail(member, sent, content)
    assert "40 megapixels" in answer.content.decode()
    assert "too many pixels" in to_the_library(editor, "x.png", content).content.decode()
    assert not Picture.objects.exists()


def test_8_thumbnails_tell_nothing_of_the_place(member: Client, sent: dict[str, Any]) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (41.0, 9.0, 0.0)}
    content = picture(exif=exif, comment=b"taken at home")
    assert b"Exif" in content

    assert with_thumbnail(member, sent, content).status_code == 302
    kept = Picture.objects.get()
    for file in (kept.file, kept.get_rendition("fill-32x18|format-jpeg").file):
        data = Path(file.path).read_bytes()
        assert b"Exif" not in data
        assert b"at home" not in data


@pytest.mark.parametrize(
    "name", ["../../x.mp4", "a\0.mp4", "x" * 900 + ".mp4", "\u202e4pm.exe", "x.html"]
)
def test_9_names_of_files_are_the_servers(
    member: Client, sent: dict[str, Any], film: bytes, name: str
) -> None:
    file = SimpleUploadedFile("x.mp4", film)
    file._name = name
    assert member.post("/upload/", {**sent, "file": file}).status_code == 302
    kept = Path(VideoMedia.objects.get().file.name)
    assert (kept.parent, kept.stem.isalnum(), kept.suffix) == (Path("media"), True, ".mp4")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    draw_clip("hostile-test", "Music", path)
    return path.read_bytes()


def test_10_a_film_of_no_use_fails_once_and_is_not_tried_again(
    member: Client, sent: dict[str, Any], film: bytes, queued: list[Any]
) -> None:
    cut = SimpleUploadedFile("x.mp4", film[: len(film) // 2])
    member.post("/upload/", {**sent, "file": cut, "publish": "1"})
    media = VideoMedia.objects.get()
    process_video(media.pk)
    media.refresh_from_db()
    reason = media.failure
    assert (media.state, bool(reason)) == (VideoMedia.State.FAILED, True)

    queued.clear()
    resume_processing()
    process_video(media.pk)
    media.refresh_from_db()
    assert (media.state, media.failure, queued) == (VideoMedia.State.FAILED, reason, [])
    page = member.get(f"/studio/{VideoPage.objects.get().video_id}/").content.decode()
    assert reason in page
    assert 'value="Owls"' in page
    empty = SimpleUploadedFile("x.mp4", b"")
    answer = member.post("/upload/", {**sent, "title": "Kept", "file": empty})
    assert (answer.status_code, "Kept" in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("path", ["/upload/", "/profile/edit/", "/accounts/login/"])
def test_12_forms_of_a_thousand_parts_or_ten_megabytes_are_refused(
    member: Client, site_tree: Any, path: str
) -> None:
    files = {f"file{n}": SimpleUploadedFile("x.txt", b"x") for n in range(1000)}
    assert member.post(path, files).status_code == 400
    assert member.post(path, {"title": "x" * 10_000_000}).status_code == 400


def test_12_a_thousand_fields_are_more_than_the_form_has(member: Client, site_tree: Any) -> None:
    fields = {f"field{n}": "x" for n in range(1000)}
    for path in ("/upload/", "/upload/keep/"):
        assert member.post(path, fields).status_code == 400
    assert not VideoPage.objects.exists()
