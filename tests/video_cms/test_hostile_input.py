"""Bad input into every address and every form: never a 500, never markup, never another site.

The addresses come from the site's own list of them and the fields from the pages' own forms, so
that new ones are covered the day they are made. Hostile cases 13, 16–18, 20–25, 27 and 28.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.exceptions import NoReverseMatch

from video_cms.models import CaptionTrack, Comment, Playlist, Watch

pytestmark = pytest.mark.django_db

MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"

#: What is put into every field and parameter, by the number of its line and a name.
PAYLOADS = {
    "13-markup": MARKUP,
    "17-nul": "a\0b",
    "18-lone-surrogate": "\ud800",
    "20-sixty-four-bits": str(2**63),
    "20-five-thousand-digits": "9" * 5000,
    "20-nested": "[" * 5000,
    "21-combining-marks": "a" + "\u0301" * 2000,
    "22-no-spaces": "x" * 20_000,
    "24-cypher": "x'}) DETACH DELETE n //",
    "25-template": "{{7*7}}{% debug %}",
    "27-other-site": "//evil.example/path",
    "28-negative": "-1",
    "28-not-a-number": "NaN",
}

#: Parameters that pages read, besides those their forms name.
PARAMETERS = (
    "category creator cursor date duration format kind length lang list maxwidth next number "
    "page placement premium q sort t theme token topic type uploaded url video watch_time "
    "watched_duration position"
)

#: What would send mail abroad or end the session that the test goes on with.
LEFT_OUT = {"account_logout", "delete_account"}


def patterns(resolver: Any) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name not in ("wagtailadmin", "wagtaildocs") and (
                str(pattern.pattern) not in ("admin/", "documents/")
            ):
                yield from patterns(pattern)
        elif pattern.name:
            yield pattern


class Forms(HTMLParser):
    """Collects where a page's forms and buttons post to, and the names of their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {}
        self.fields: set[str] = set()
        self.action: str | None = None
        self.buttons: list[str | None] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            posts = (given.get("method") or "").lower() == "post"
            self.action = given.get("action") or "" if posts else None
            self.fields, self.buttons = set(), []
        if tag == "button" and given.get("type") != "button":
            self.buttons.append(given.get("formaction"))
        for address in (given.get("formaction"), given.get("hx-post")):
            if address:
                self.found[address] = self.fields
        if tag in ("input", "textarea", "select") and given.get("name"):
            self.fields.add(given["name"] or "")

    def handle_endtag(self, tag: str) -> None:
        # A form whose buttons all lead elsewhere is never sent to its own address.
        if tag == "form" and self.action is not None and not (self.buttons and all(self.buttons)):
            self.found.setdefault(self.action, set()).update(self.fields)


@pytest.fixture
def known(make_video: Any, make_user: Any, parent_categories: Any) -> dict[str, Any]:
    """A site with one of everything, and the words its addresses are made of."""
    video = make_video("A walk", categories=["Birds"], description="0:00 Start\n0:05 End")
    ada = make_user("ada", interests=[parent_categories["Nature"]])
    words = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHello\n"
    CaptionTrack.objects.create(video=video, language="en", webvtt=words)
    comment = Comment.objects.create(video=video, author=ada, text="Good")
    playlist = Playlist.objects.create(owner=ada, title="Mine", visibility="public")
    watch = Watch.objects.create(user=ada, video=video, watch_time=0.5)
    return {
        "user": ada,
        "video_id": video.video_id,
        "username": "ada",
        "slug": "nature",
        "playlist_id": playlist.playlist_id,
        "pk": watch.pk,
        "comment_id": comment.pk,
        "language": "en",
        "name": "videos",
    }


@pytest.fixture
def client(known: dict[str, Any]) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(known["user"])
    return client


def addresses(known: dict[str, Any]) -> dict[str, str]:
    """Return the site's addresses by name, of things that exist where that is possible."""
    found = {"home": "/", "video_page": f"/video/{known['video_id']}/"}
    for pattern in patterns(get_resolver()):
        given = {name: known.get(name, "1") for name in pattern.pattern.converters}
        for arguments in (given, {**given, "slug": "birds"}):
            try:
                found[pattern.name] = get_resolver().reverse(pattern.name, **arguments)
            except NoReverseMatch:
                continue
    return {
        name: "/" + address.lstrip("/") for name, address in found.items() if name not in LEFT_OUT
    }


def encoded(names: Any, payload: str) -> str:
    value = quote_plus(payload, errors="surrogatepass")
    return "&".join(f"{quote_plus(name)}={value}" for name in sorted(names))


def verdict(answer: Any, payload: str) -> str:
    """Return what is wrong with an answer; nothing where all is well."""
    if answer.status_code >= 500 and answer.status_code != 501:  # oEmbed: not this format
        told = getattr(answer, "exc_info", None) or ("", answer.getvalue()[:200])
        return f"status {answer.status_code}: {told[1]!r}"[:300]
    target = urlsplit(answer.headers.get("Location", ""))
    if target.netloc not in ("", "testserver"):
        return f"leads to {target.netloc}"
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    if is_html and payload == MARKUP and b"<script>alert(1)" in answer.getvalue():
        return "shows markup"
    return ""


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_queries(client: Client, known: dict[str, Any], payload: str) -> None:
    wrong = {}
    query = encoded(PARAMETERS.split(), payload)
    for name, address in addresses(known).items():
        cache.clear()  # the limits on how often somebody may ask are tested elsewhere
        if fault := verdict(client.get(f"{address}?{query}"), payload):
            wrong[name] = fault
    assert not wrong


def test_forms(client: Client, known: dict[str, Any]) -> None:
    targets: dict[str, set[str]] = {}
    pages, forms = set(), set()
    for address in addresses(known).values():
        answer = client.get(address)
        page = Forms()
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            page.feed(answer.getvalue().decode())
            if answer.status_code in (200, 404):
                pages.add(address)
        forms |= {action or address for action in page.found}
        for action, fields in {"": set(), **page.found}.items():
            targets.setdefault(action or address, set()).update(fields)
    wrong = {}
    for target, fields in targets.items():
        if "logout" in target or "delete" in target:
            continue
        names = sorted((fields - {"csrfmiddlewaretoken"}) | {"text", "next", "watch_time"})
        for name, payload in PAYLOADS.items():
            cache.clear()
            kind = "application/x-www-form-urlencoded"
            sent = client.post(target, encoded(names, payload), content_type=kind)
            if fault := verdict(sent, payload):
                wrong[target, name] = fault
            # Of a page that no form is sent to, and of none, one word says enough.
            if sent.status_code == 405 or target in pages - forms:
                break
    assert not wrong
