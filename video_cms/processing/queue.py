"""Work on files by the queue, on a cluster of its own: it is long and heavy."""

from __future__ import annotations

from django.db import transaction

CLUSTER = "processing"


def enqueue(media_id: int, task: str = "process_video") -> None:
    """Queue work on a file, once it is certain that its row stays."""

    def queue() -> None:
        from django_q.tasks import async_task

        async_task(f"video_cms.tasks.{task}", media_id, cluster=CLUSTER)

    transaction.on_commit(queue, robust=True)
