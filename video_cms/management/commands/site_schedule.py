"""``manage.py site_schedule``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ... import tasks


class Command(BaseCommand):
    help = "Make or update the site's schedules in the queue. Idempotent."

    def handle(self, *args: Any, **options: Any) -> None:
        tasks.schedule()
        self.stdout.write("Schedules are in place.")
