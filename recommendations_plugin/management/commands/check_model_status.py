"""Says whether recommendations are healthy, and what to do if not."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ... import status


class Command(BaseCommand):
    help = (
        "Shows the graph, the outbox, the last training, the active index and what feeds fall "
        "back to. Exits with 0 only when all is healthy."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        found = status.check()
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict(), indent=2, default=str))
        else:
            for part in found.parts:
                mark = self.style.SUCCESS("ok  ") if part.healthy else self.style.ERROR("FAIL")
                self.stdout.write(f"{mark} {part.name:9} {part.summary}")
                if part.hint:
                    self.stdout.write(f"               → {part.hint}")
        if not found.healthy:
            raise SystemExit(1)
