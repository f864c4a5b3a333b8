"""Makes the plugin's schedules in the queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ... import tasks


class Command(BaseCommand):
    help = "Makes or updates the queue's schedules (sync, reconcile, retrain, prune). Idempotent."

    def handle(self, *args: Any, **options: Any) -> None:
        tasks.schedule()
        self.stdout.write("Schedules are in place.")
