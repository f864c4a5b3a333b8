"""Fixtures of the foreign host's checks. They import late: the site's own run reads this file too.

The checks run in a process of their own, started by ``tests/plugin/test_foreign_host.py``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

README = Path(__file__).resolve().parents[2] / "recommendations_plugin" / "README.md"


def pytest_sessionfinish() -> None:
    if settings.BASE_DIR.name.startswith("testapp-"):
        shutil.rmtree(settings.BASE_DIR, ignore_errors=True)


def examples() -> list[str]:
    """Return the README's blocks of Python, in order."""
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.fixture
def readme() -> Callable[[str, str], str]:
    """Return the code of the README with a word in it: ``readme("python", "INSTALLED_APPS")``."""

    def code(language: str, word: str) -> str:
        blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text(), re.DOTALL)
        (found,) = (block for block in blocks if word in block)
        return found

    return code


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Wagtail keeps the sites' addresses there, also those of a test rolled back."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def section(db: None) -> Any:
    from tests.testapp.models import Section

    return Section.objects.create(name="Science")


@pytest.fixture
def home(db: None) -> Any:
    """The page that Wagtail's own migrations put at the root of the site."""
    from wagtail.models import Site

    return Site.objects.get().root_page


@pytest.fixture
def make_article(home: Any, section: Any) -> Callable[..., Any]:
    """Publish an article as an editor does: ``make_article("Title")``."""
    from tests.testapp.models import ArticlePage

    def make(title: str, *, parent: Any = None, **fields: Any) -> Any:
        article = ArticlePage(title=title, live=False, **{"section": section, **fields})
        (parent or home).add_child(instance=article)
        article.save_revision().publish()
        article.refresh_from_db()
        return article

    return make


@pytest.fixture
def make_event(section: Any) -> Callable[..., Any]:
    """Publish an event."""
    from tests.testapp.models import Event

    def make(name: str, **fields: Any) -> Any:
        event = Event.objects.create(name=name, live=False, **{"section": section, **fields})
        event.save_revision().publish()
        event.refresh_from_db()
        return event

    return make


@pytest.fixture
def make_podcast(section: Any) -> Callable[..., Any]:
    from tests.testapp.models import Podcast

    def make(title: str, **fields: Any) -> Any:
        return Podcast.objects.create(title=title, **{"section": section, **fields})

    return make


@pytest.fixture
def ada(django_user_model: Any, db: None) -> Any:
    return django_user_model.objects.create_user("ada", password="secret")


@pytest.fixture
def request_of(rf: Any) -> Callable[..., Any]:
    """A page's request by somebody, as the middleware leaves it."""
    from django.contrib.auth.models import AnonymousUser

    def make(user: Any = None) -> Any:
        request = rf.get("/")
        request.user = user or AnonymousUser()
        request.session = {}
        return request

    return make
