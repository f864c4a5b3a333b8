"""``manage.py recount``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from ...counters import recount


class Command(BaseCommand):
    help = "Make the counters of views and likes equal to the watches and likes they count."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = recount()
        self.stdout.write(
            ngettext("%d video had wrong counters.", "%d videos had wrong counters.", wrong) % wrong
        )
