"""``manage.py import_interactions FILE``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...importing.command import add_arguments, bar, importing
from ...importing.interactions import import_interactions


class Command(BaseCommand):
    help = (
        "Import what viewers did from a CSV file: user, video_id, kind (watch, like or unlike), "
        "value (the watched portion, 0 to 1) and timestamp. Importing it twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        with importing(self, options) as report:
            import_interactions(file, report, options["dry_run"], bar(options["verbosity"]))
