"""``manage.py recount``"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from ...counters import recount


class Command(BaseCommand):
    help = (
        "Make the counters of videos and comments equal to the watches and likes that they count."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = recount()
        self.stdout.write(
            ngettext("%d row had wrong counters.", "%d rows had wrong counters.", wrong) % wrong
        )
