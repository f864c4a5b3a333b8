"""No queue: tasks run at once, in this process. For tests and scripts."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

from .base import Jobs


class ImmediateJobs(Jobs):
    """Runs a task when it is queued; keeps no schedules."""

    def enqueue(self, task: str, *args: Any, cluster: str | None = None) -> None:
        import_string(task)(*args)

    def schedule(self, name: str, task: str, *, minutes: int, cluster: str | None = None) -> None:
        """Nothing to keep: whoever uses this backend calls the tasks."""

    def backlog(self) -> dict[str, Any]:
        return {"queued": 0, "oldest_seconds": None}
