"""A real browser for the visitor's site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from video_cms.demo.clips import draw_clip

FLAGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without it these tests are skipped, but not where they must run."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: install the package `chromium`.")
        pytest.skip("needs Chromium: install the package `chromium`")
    # Playwright runs an event loop in this thread; Django then wants to hear that this is meant.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real clip of four seconds."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    draw_clip("browser-test", "Music", path)
    return path


@pytest.fixture(autouse=True)
def media_view(indexed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site's own view serve files: Django's live server would, without ranges or rules."""
    monkeypatch.setattr("django.test.testcases._MediaFilesHandler._should_handle", lambda *_: False)


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Open a page: ``visit("/", user=ada, java_script_enabled=False)``; no error goes unseen."""
    wrong: list[str] = []
    opened: set[str] = set()
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        # A page that is missing on purpose is none of its own faults.
        missing = message.text.startswith("Failed to load resource")
        url = message.location["url"]
        if missing and "/upload/parts/" in url:  # the page goes on by itself: tests see that
            return
        if message.type == "error" and not (missing and url in opened):
            wrong.append(f"{message.text} {url}")

    def open_page(path: str, user: Any = None, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
            context.add_cookies([{**cookie, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda r: r.is_navigation_request() and opened.add(r.url))
        page.on("console", hear)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def video(make_video: Any, clip: Path) -> Any:
    """A public video that really plays."""
    page = make_video("A walk")
    page.media.duration = 4
    page.media.save()
    shutil.copy(clip, page.media.file.path)
    return page
