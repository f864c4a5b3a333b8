"""A video in every state, pictures, and parsers that accept only what is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image

#: Texts that end elements, look like markup or entities, turn the writing around, or are no XML.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "&amp;lt;b&gt; & <!-- ]]> \"'",
    "🎬 👩‍👩‍👧 \u202eurl\u202c עברית العربية",
    "bell\x07 and \x0b tab \ufffe end",
)
STATES = ("public", "unlisted", "private", "premium", "draft", "restricted", "deleted")


class Head(HTMLParser):
    """Reads what a page says of itself."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: list[tuple[str, str]] = []
        self.links: list[dict[str, str]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self._script: dict[str, str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and (name := found.get("property") or found.get("name")):
            self.meta.append((name, found["content"]))
        elif tag == "link":
            self.links.append(found)
        elif tag == "script":
            self._script = found

    def handle_data(self, data: str) -> None:
        if self._script is not None and data.strip():
            self.scripts.append((self._script, data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def all(self, name: str) -> list[str]:
        return [content for found, content in self.meta if found == name]

    def one(self, name: str) -> str | None:
        found = self.all(name)
        assert len(found) <= 1, f"{name} stands there {len(found)} times"
        return found[0] if found else None

    def link(self, rel: str, kind: str = "") -> list[str]:
        return [
            link["href"]
            for link in self.links
            if link["rel"] == rel and (not kind or link.get("type") == kind)
        ]

    def data(self, kind: str) -> dict[str, Any] | None:
        """Return the structured data of a type."""
        found = [
            json.loads(text)
            for attributes, text in self.scripts
            if attributes.get("type") == "application/ld+json"
        ]
        return next((data for data in found if data["@type"] == kind), None)


@pytest.fixture
def read_head(client: Any) -> Callable[..., Head]:
    """Open a page and read its head: ``read_head("/")``."""

    def read(path: str, **options: Any) -> Head:
        return Head(client.get(path, **options).content.decode())

    return read


@pytest.fixture
def make_picture(db: None) -> Callable[..., Any]:
    """Make a picture of a size: ``make_picture(1600, 900)``."""
    from video_cms.models import Picture

    def make(width: int = 1600, height: int = 900) -> Any:
        out = BytesIO()
        Image.new("RGB", (width, height), "#0b6e5d").save(out, "PNG")
        file = ContentFile(out.getvalue(), name="picture.png")
        picture = Picture.objects.create(title="Picture", file=file)
        picture.get_file_hash()  # tells pictures apart that have the same key in different tests
        return picture

    return make


@pytest.fixture
def describe(make_picture: Any, parent_categories: Any) -> Callable[[str], dict[str, Any]]:
    """Return the fields of a video in a state; its name can be found wherever it is shown."""
    picture = make_picture()

    def fields(state: str) -> dict[str, Any]:
        return {
            "title": f"A {state} video",
            "video_id": f"id-{state}",
            "description": f"About the {state} one.",
            "thumbnail": picture,
            "categories": ["Jazz"],
        }

    return fields


@pytest.fixture
def public_video(make_video: Any, describe: Any) -> Any:
    """A video for everybody: ``/video/id-public/``."""
    return make_video(**describe("public"))


@pytest.fixture
def videos(public_video: Any, make_video: Any, describe: Any) -> dict[str, Any]:
    """A video in each of ``STATES``."""
    from wagtail.models import PageViewRestriction

    options: dict[str, dict[str, Any]] = {
        "unlisted": {"visibility": "unlisted"},
        "private": {"visibility": "private"},
        "premium": {"is_premium": True},
        "draft": {"publish": False},
        "restricted": {},
        "deleted": {},
    }
    made = {state: make_video(**describe(state), **more) for state, more in options.items()}
    PageViewRestriction.objects.create(page=made["restricted"], restriction_type="login")
    made["deleted"].delete()
    return {"public": public_video, **made}
