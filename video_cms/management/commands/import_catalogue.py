"""``manage.py import_catalogue DIR``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...importing.catalogue import CatalogueImport
from ...importing.command import add_arguments, bar, importing


class Command(BaseCommand):
    help = (
        "Import categories, creators and videos from the CSV files in a folder. Run it again to go "
        "on after an interruption; what is there already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--media-dir", type=Path, help="where the video files are looked for")
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with importing(self, options) as report:
            CatalogueImport(
                options["folder"],
                report,
                media_dir=options["media_dir"],
                dry_run=options["dry_run"],
                track=bar(options["verbosity"]),
            ).run()
