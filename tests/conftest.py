"""Fixtures every test may use."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.utils import timezone, translation

from recommendations_plugin.jobs.base import jobs
from tests.support import IndexTasks, unindexed

# A busy machine is no failure.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


#: Asked on one database: what is drawn, framed, played and encoded of rows that other tests
#: read and write on each. Whatever sorts, groups, searches, locks, limits, or takes what visitors
#: type, is not here.
ALIKE = (
    "browser/",
    "video_cms/processing/test_matrix.py",
    "video_cms/processing/test_process.py",
    "video_cms/syndication/test_access.py",
    "video_cms/syndication/test_embedding.py",
    "video_cms/syndication/test_head.py",
    "video_cms/syndication/test_rich_text.py",
    "video_cms/test_demo_content.py",
    "video_cms/test_media_serving.py",
    "video_cms/test_playback.py",
    "video_cms/test_theme.py",
    "video_cms/themes/",
)
HERE = Path(__file__).parent


def is_alike(item: pytest.Item) -> bool:
    """Return whether a test finds the same on each database; of the graphs, one goes with each."""
    place = item.path.relative_to(HERE).as_posix()
    callspec = getattr(item, "callspec", None)
    return place.startswith(ALIKE) or (callspec is not None and "neo4j" in callspec.params.values())


@pytest.hookimpl(tryfirst=True)  # before pytest applies ``-m`` and xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what a second database is asked too (``-m database``): what queries one, unless `ALIKE`.

    A file's tests stay in one process; those that empty the database afterwards come last, as
    pytest-django wants it, so they are a group of their own.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("django_db")
        queries = mark or fixtures & {"db", "transactional_db"}
        if queries and not is_alike(item):
            item.add_marker("database")
        empties = bool(mark and mark.kwargs.get("transaction")) or fixtures & {
            "transactional_db",
            "live_server",
        }
        group = "graphs" if "options" in fixtures else item.path  # their servers start once
        item.add_marker(pytest.mark.xdist_group(f"{group}{' (last)' if empties else ''}"))


def pytest_sessionfinish() -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Speak the language of the settings: a request in another one leaves that in its thread."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Forget how often somebody tried something: limits on sign-ups and sign-ins count in here."""
    cache.clear()


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this test's fixtures make is found by search and among usages."""
    monkeypatch.setattr(IndexTasks, "wanted", True)


@pytest.fixture
def queued() -> Iterator[list[tuple[Any, ...]]]:
    """The tasks that were queued in this test: (dotted path, *arguments)."""
    queue = jobs().queue  # type: ignore[attr-defined]
    queue.clear()
    yield queue
    queue.clear()


@pytest.fixture
def make_user(db: None, django_user_model: Any) -> Callable[..., Any]:
    """Make an account: ``make_user("ada", interests=[parent])``."""

    @unindexed()
    def make(username: str, *, interests: Any = (), **fields: Any) -> Any:
        from recommendations_plugin import api, registry

        fields.setdefault("email", f"{username}@example.org")
        user = django_user_model.objects.create_user(username, password="secret", **fields)
        if interests:
            user.profile.parent_categories.set(interests)
            api.set_interests(api.viewer(user), map(registry.parent_category, interests))
        return user

    return make


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database, with the standing pages in it: nearly every test begins with them."""
    from video_cms.site_tree import ensure_site_tree

    with django_db_blocker.unblock(), unindexed():
        ensure_site_tree()


def _plant_roots() -> None:
    """Bring back what migrations made and a transactional test's flush took away."""
    from wagtail.models import Collection, Locale, Page

    Locale.objects.get_or_create(language_code="en")
    if not Page.objects.filter(depth=1).exists():
        Page.add_root(title="Root", slug="root")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")


@pytest.fixture
@unindexed()
def site_tree(db: None) -> Any:
    """A home page and a list of videos; returns the list page, videos' parent."""
    from video_cms.models import VideoIndexPage
    from video_cms.site_tree import ensure_site_tree

    _plant_roots()
    ensure_site_tree()
    return VideoIndexPage.objects.get()


@pytest.fixture
@unindexed()
def parent_categories(db: None) -> dict[str, Any]:
    """Three parent categories with two categories each, by name."""
    from video_cms.models import Category, ParentCategory

    parents = {}
    for name, children in {
        "Music": ("Jazz", "Folk"),
        "Nature": ("Birds", "Forests"),
        "Cooking": ("Bread", "Soups"),
    }.items():
        parents[name] = ParentCategory.objects.create(name=name)
        for child in children:
            Category.objects.create(name=child, parent=parents[name])
    return parents


@pytest.fixture
def make_video(site_tree: Any, make_user: Any) -> Callable[..., Any]:
    """Make a live video, as an import does: ``make_video("Title", categories=["Jazz"])``.

    Its file is a few bytes that nobody decodes; tests of playback bring real clips.
    """
    from recommendations_plugin import api
    from video_cms.models import Category, CreatorProfile, VideoMedia, VideoPage

    numbers = itertools.count(1)

    @unindexed()
    def make(
        title: str = "",
        *,
        categories: Any = (),
        creator: Any = None,
        media: Any = None,
        publish: bool = True,
        **fields: Any,
    ) -> Any:
        number = next(numbers)
        if creator is None:
            creator = CreatorProfile.objects.filter(user__username="maker").first()
            creator = creator or make_user("maker").profile
        if media is None:
            media = VideoMedia(title=title, type="video", duration=10, width=640, height=360)
            media.file.save(f"clip-{number}.mp4", ContentFile(b"not really a film"), save=False)
            media.save()
            VideoMedia.objects.filter(pk=media.pk).update(state=VideoMedia.State.READY)
            media.state = VideoMedia.State.READY
        fields.setdefault("video_id", f"video-{number}")
        page = VideoPage(
            title=title or f"Video {number}",
            creator=creator,
            media=media,
            live=publish,
            first_published_at=timezone.now(),
            **fields,
        )
        page.categories.set(Category.objects.filter(name__in=categories))
        site_tree.add_child(instance=page)
        api.index_items([page])
        return page

    return make
