"""A film, and a client that sends it in pieces as tus 1.0 says."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from video_cms.demo.clips import draw_clip


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real film of four seconds."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    draw_clip("uploads-test", "Music", path)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def arrived(settings: Any, tmp_path: Path) -> Callable[[], list[str]]:
    """Tell what lies where unfinished uploads are: a folder of the test's own."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    settings.UPLOADS_DIR.mkdir()
    return lambda: sorted(path.name for path in settings.UPLOADS_DIR.iterdir())


class Sender:
    """Speaks the protocol over Django's client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def begin(self, size: int | str, version: str = "1.0.0", **told: str) -> HttpResponse:
        pairs = (f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items())
        headers = {"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
        answer: Any = self.client.post(
            "/upload/parts/", headers={**headers, "Tus-Resumable": version}
        )
        return answer

    def ask(self, where: str) -> Any:
        return self.client.head(where, headers={"Tus-Resumable": "1.0.0"})

    def send(self, where: str, offset: int | str, piece: bytes, kind: str = "") -> Any:
        return self.client.patch(
            where,
            piece,
            content_type=kind or "application/offset+octet-stream",
            headers={"Upload-Offset": str(offset), "Tus-Resumable": "1.0.0"},
        )

    def give_up(self, where: str) -> Any:
        return self.client.delete(where, headers={"Tus-Resumable": "1.0.0"})


@pytest.fixture
def sender(member: Client, site_tree: Any) -> Sender:
    return Sender(member)
