"""Stand-ins for what is outside, such as a queue that holds tasks; and what tests need twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.template.autoreload import reset_loaders
from django.utils.module_loading import import_string
from django_tasks.backends.immediate import ImmediateBackend

from recommendations_plugin.jobs.base import Jobs

if TYPE_CHECKING:
    from playwright.sync_api import Page


class HeldJobs(Jobs):
    """Keeps tasks in a list; ``run()`` carries them out."""

    def __init__(self) -> None:
        self.queue: list[tuple[Any, ...]] = []
        self.schedules: dict[str, tuple[str, int, str | None]] = {}

    def enqueue(self, task: str, *args: Any, cluster: str | None = None) -> None:
        self.queue.append((task, *args))

    def schedule(self, name: str, task: str, *, minutes: int, cluster: str | None = None) -> None:
        self.schedules[name] = (task, minutes, cluster)

    def backlog(self) -> dict[str, Any]:
        return {"queued": len(self.queue), "oldest_seconds": None}

    def run(self) -> None:
        while self.queue:
            task, *args = self.queue.pop(0)
            import_string(task)(*args)


class IndexTasks(ImmediateBackend):
    """Wagtail's indexing for search and usages, left out of what fixtures make.

    It takes as long as all the rest; tests that search ask for ``indexed``.
    """

    wanted, held = False, False

    def enqueue(self, *args: Any, **kwargs: Any) -> Any:
        return None if self.held and not self.wanted else super().enqueue(*args, **kwargs)


@contextmanager
def unindexed() -> Iterator[None]:
    """Make content that no test will search for."""
    before, IndexTasks.held = IndexTasks.held, True
    try:
        yield
    finally:
        IndexTasks.held = before


def forget_themes() -> None:
    """Let the themes' folders be read anew, for tests that make some of their own."""
    from video_cms.themes import catalogue

    for kept in ("all_themes", "chain", "theme_static", "theme_styles"):
        getattr(catalogue, kept).cache_clear()
    reset_loaders()


def graph_of(snapshot: Any) -> Callable[[], Any]:
    """Return what opens a graph that holds a snapshot, in place of ``open_graph``."""
    return lambda: nullcontext(SimpleNamespace(snapshot=lambda: snapshot))


def eventually(page: Page, question: Callable[[], Any], seconds: int = 5) -> Any:
    """Ask until the answer is yes, for at most so many seconds."""
    for _ in range(seconds * 10):
        if answer := question():
            return answer
        page.wait_for_timeout(100)
    return question()
