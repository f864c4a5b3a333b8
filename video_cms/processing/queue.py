"""Work on files by the queue, on a cluster of its own: it is long and heavy."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

CLUSTER = "processing"
#: Looks for work whose worker was lost, each minute.
RESUME = "video_cms.tasks.resume_processing"


def enqueue(media_id: int, task: str = "process_video") -> None:
    """Queue work on a file, once it is certain that its row stays."""

    def queue() -> None:
        from django_q.models import Schedule
        from django_q.tasks import async_task

        wanted = {"func": RESUME, "schedule_type": Schedule.MINUTES, "minutes": 1}
        first = timezone.now() + timedelta(minutes=1)
        Schedule.objects.get_or_create(
            name="Resume processing", defaults={**wanted, "cluster": CLUSTER, "next_run": first}
        )
        async_task(f"video_cms.tasks.{task}", media_id, cluster=CLUSTER)

    transaction.on_commit(queue, robust=True)
