"""The queue by django-q2."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from .base import Jobs


class DjangoQJobs(Jobs):
    """Tasks go through django-q2's broker; ``cluster`` is a name in its ``ALT_CLUSTERS``."""

    def enqueue(self, task: str, *args: Any, cluster: str | None = None) -> None:
        from django_q.tasks import async_task

        async_task(task, *args, q_options={"cluster": cluster} if cluster else {})

    def schedule(self, name: str, task: str, *, minutes: int, cluster: str | None = None) -> None:
        from django_q.models import Schedule

        if not minutes:
            Schedule.objects.filter(name=name).delete()
            return
        wanted = {
            "func": task,
            "schedule_type": Schedule.MINUTES,
            "minutes": minutes,
            "cluster": cluster,
            "repeats": -1,
        }
        first = timezone.now() + timedelta(minutes=minutes)
        Schedule.objects.update_or_create(
            name=name, defaults=wanted, create_defaults={**wanted, "next_run": first}
        )

    def backlog(self) -> dict[str, Any]:
        from django_q.models import OrmQ

        # A task that runs stays in the table with its lock in the future.
        waiting = OrmQ.objects.filter(lock__lte=timezone.now())
        oldest = waiting.order_by("id").first()
        started = oldest.task.get("started") if oldest else None
        age = (timezone.now() - started).total_seconds() if started else None
        return {"queued": waiting.count(), "oldest_seconds": age}
