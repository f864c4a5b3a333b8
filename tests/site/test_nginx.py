"""Uploads behind a real nginx with the documented configuration. Hostile cases 30–32."""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from video_cms.models import VideoMedia, VideoPage

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENTED = Path(settings.BASE_DIR, "docs", "nginx.conf")
CONTENT = bytes(range(256)) * 4

Ask = Callable[..., http.client.HTTPResponse]


@pytest.fixture(scope="module")
def nginx() -> str:
    """The path of nginx. Without it these tests are skipped, but not where they must run."""
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is missing: install the package `nginx`.")
        pytest.skip("needs nginx: install the package `nginx`")
    return path


@pytest.fixture
def accel(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nginx send the bytes, and the site's own view decide, not the live server's."""
    settings.MEDIA_ACCEL_PREFIX = "/protected/"
    monkeypatch.setattr("django.test.testcases._MediaFilesHandler._should_handle", lambda *_: False)


@pytest.fixture
def ask(nginx: str, live_server: Any, accel: None, tmp_path: Path) -> Iterator[Ask]:
    """Ask nginx for exactly this path: ``ask("/media/a.mp4", range="bytes=0-9")``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running(nginx, configuration(port, urlsplit(live_server.url).netloc), tmp_path, port):

        def send(
            path: str, user: Any = None, method: str = "GET", body: bytes = b"", **headers: str
        ) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            cookies: dict[str, str] = {}
            if user is not None:
                client = Client()
                client.force_login(user)
                session = client.cookies["sessionid"].value
                token = "t" * 32
                cookies = {"Cookie": f"sessionid={session}; csrftoken={token}"}
                cookies["X-CSRFToken"] = token
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, {**names, **cookies})
            return connection.getresponse()

        yield send


def configuration(port: int, site: str) -> str:
    """Return the documented configuration with this machine's address, port and folder."""
    text = DOCUMENTED.read_text()
    for documented, here in {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "server 127.0.0.1:8000;": f"server {site};",
        "/srv/videos/var/media/": f"{settings.MEDIA_ROOT}/",
    }.items():
        assert text.count(documented) == 1
        text = text.replace(documented, here)
    return text


@contextmanager
def running(path: str, server: str, folder: Path, port: int) -> Iterator[None]:
    """Run nginx with a server's configuration, in a folder of its own, from when it answers."""
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{server}\n}}\n"
    )
    process = subprocess.Popen([path, "-c", str(file)], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"nginx did not start: {(folder / 'error.log').read_text()}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def video(make_video: Any) -> VideoPage:
    """A public video whose file has known bytes."""
    page: VideoPage = make_video("A walk")
    Path(page.media.file.path).write_bytes(CONTENT)
    return page


def test_the_documented_server_seeks(ask: Ask, video: VideoPage) -> None:
    url = video.media.url
    whole = ask(url)
    assert (whole.status, whole.read()) == (200, CONTENT)
    assert whole.getheader("Content-Type") == "video/mp4"
    assert whole.getheader("Accept-Ranges") == "bytes"
    assert whole.getheader("Cache-Control") == "public, max-age=300"
    assert whole.getheader("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in (whole.getheader("Content-Security-Policy") or "")
    assert whole.getheader("X-Accel-Redirect") is None

    part = ask(url, range="bytes=1000-")
    assert (part.status, part.read()) == (206, CONTENT[1000:])
    assert part.getheader("Content-Range") == "bytes 1000-1023/1024"
    beyond = ask(url, range="bytes=5000-")
    assert (beyond.status, beyond.getheader("Content-Range")) == (416, "bytes */1024")

    etag = whole.getheader("ETag") or ""
    assert ask(url, range="bytes=0-9", if_range=etag).status == 206
    assert ask(url, range="bytes=0-9", if_range='"other"').status == 200
    assert ask(url, if_none_match=etag).status == 304


def test_pages_travel_compressed_and_films_as_they_are(ask: Ask, video: VideoPage) -> None:
    page = ask(video.get_url(), accept_encoding="gzip")
    assert page.getheader("Content-Encoding") == "gzip"
    assert "Accept-Encoding" in (page.getheader("Vary") or "")
    assert b"A walk" in gzip.decompress(page.read())

    film = ask(video.media.url, accept_encoding="gzip", range="bytes=0-9")
    assert (film.status, film.getheader("Content-Encoding")) == (206, None)


def test_a_film_arrives_in_pieces(ask: Ask, site_tree: Any, make_user: Any) -> None:
    ada = make_user("ada")
    film = b"\0\0\0\x18ftypisom" + CONTENT * 2000
    tus = {"tus_resumable": "1.0.0"}
    begun = ask("/upload/parts/", ada, "POST", upload_length=str(len(film)), **tus)
    assert begun.status == 201
    where, half = begun.getheader("Location") or "", len(film) // 2
    kind = "application/offset+octet-stream"
    for offset, piece in ((0, film[:half]), (half, film[half:])):
        answer = ask(
            where, ada, "PATCH", piece, upload_offset=str(offset), content_type=kind, **tus
        )
        assert (answer.status, answer.getheader("Upload-Offset")) == (204, str(offset + len(piece)))
    assert Path(VideoPage.objects.get().new_media.file.path).read_bytes() == film


def test_files_follow_the_page_from_one_request_to_the_next(
    ask: Ask, video: VideoPage, make_user: Any
) -> None:
    ada = make_user("ada")
    changes: list[dict[str, Any]] = [{"visibility": "private"}, {"live": False}, {"is_premium": 1}]
    for change in changes:
        before = VideoPage.objects.values(*change).get()
        assert ask(video.media.url).status == 200
        VideoPage.objects.update(**change)

        for headers in ({}, {"range": "bytes=0-9"}):
            for user in (None, ada):
                refused = ask(video.media.url, user, **headers)
                assert (change, refused.status) == (change, 403)
                assert CONTENT[:10] not in refused.read()
        assert ask(video.media.url, video.creator.user, range="bytes=0-9").status == 206
        VideoPage.objects.update(**before)


def test_what_was_made_of_a_film_is_sent_in_the_same_way(ask: Ask, video: VideoPage) -> None:
    folder = uuid.uuid4()
    name = f"renditions/{folder.hex}/hls-1"
    VideoMedia.objects.update(folder=folder, hls=f"{name}/master.m3u8")
    place = Path(settings.MEDIA_ROOT, name)
    place.mkdir(parents=True)
    (place / "master.m3u8").write_text("#EXTM3U\n" * 200)
    (place / "240.mp4").write_bytes(CONTENT)

    playlist = ask(f"/media/{name}/master.m3u8", accept_encoding="gzip")
    assert playlist.getheader("Content-Type") == "application/vnd.apple.mpegurl"
    assert gzip.decompress(playlist.read()).startswith(b"#EXTM3U")
    segment = ask(f"/media/{name}/240.mp4", range="bytes=256-511")
    assert (segment.status, segment.read()) == (206, CONTENT[256:512])
    assert segment.getheader("Cache-Control") == "public, max-age=300"

    VideoPage.objects.update(visibility="private")
    for file in ("master.m3u8", "240.mp4"):
        assert ask(f"/media/{name}/{file}").status == 403
    allowed = ask(f"/media/{name}/240.mp4", video.creator.user, range="bytes=0-9")
    assert (allowed.status, allowed.getheader("Cache-Control")) == (206, "private, no-cache")


ELSEWHERE = [
    "/protected/{name}",
    "/protected/../media/{name}",
    "/protected/..%2fdb.sqlite3",
    "/media/..%2fsecret.mp4",
    "/media/..%2f..%2fsecret.mp4",
    "/media/media/..%2f..%2fsecret.mp4",
    "/media/%2e%2e/secret.mp4",
    "/media/%252e%252e/secret.mp4",
    "/media/..%252fsecret.mp4",
    "/media/images/..%252f..%252fsecret.mp4",
    "/media/../protected/{name}",
    "/media/..%2fprotected/{name}",
    "/media/{name}%0a",
    "/media/{name}%00",
    "/media/{name}/",
    "/media//{name}",
    "/media/{other}",
    "/media/original_images/secret.webp",
    "/media/secret.mp4",
    "//protected/{name}",
]


def test_nothing_else_is_sent(ask: Ask, video: VideoPage) -> None:
    secret = b"nobody reads this"
    other = VideoMedia(title="Nobody's", type="video", duration=1)
    other.file.save("other.mp4", ContentFile(secret))
    root = Path(settings.MEDIA_ROOT)
    (root / "original_images").mkdir(exist_ok=True)
    for hidden in (root.parent, root, root / "original_images"):
        for name in ("secret.mp4", "secret.webp", "db.sqlite3"):
            (hidden / name).write_bytes(secret)

    for path in ELSEWHERE:
        answer = ask(path.format(name=video.media.file.name, other=other.file.name))
        body = answer.read()
        assert (path, answer.status in (301, 302, 400, 403, 404)) == (path, True)
        assert secret not in body
        assert CONTENT not in body
