"""The queue contract, and how the configured one is reached."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Any

from django.utils.module_loading import import_string

from .. import conf


class Jobs(ABC):
    """Runs the plugin's tasks somewhere else, by their dotted names, at least once."""

    @abstractmethod
    def enqueue(self, task: str, *args: Any, cluster: str | None = None) -> None:
        """Queue ``task`` (a dotted path) with small picklable arguments."""

    @abstractmethod
    def schedule(self, name: str, task: str, *, minutes: int, cluster: str | None = None) -> None:
        """Make or change the schedule called ``name``; 0 minutes removes it. Idempotent."""

    @abstractmethod
    def backlog(self) -> dict[str, Any]:
        """Return ``queued`` (a number) and ``oldest_seconds`` (float or None)."""


@cache
def _jobs(path: str) -> Jobs:
    backend: type[Jobs] = import_string(path)
    return backend()


def jobs() -> Jobs:
    """Return the queue adapter that the site's settings name."""
    return _jobs(conf.settings.JOBS)
