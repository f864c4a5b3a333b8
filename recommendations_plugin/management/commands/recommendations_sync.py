"""Drains the outbox into the graph, once, in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ... import tasks
from ...events import catalogue, outbox
from ...graph.base import GraphError


class Command(BaseCommand):
    help = "Sends waiting events to the graph; --rebuild fills an empty graph again from SQL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="empty the graph and refill it")
        parser.add_argument(
            "--reconcile", action="store_true", help="first repair the catalogue from the CMS"
        )
        parser.add_argument(
            "--retry-failed", action="store_true", help="put given-up events back first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["reconcile"]:
            with tqdm(unit="item", desc="Catalogue") as bar:
                self.stdout.write(f"Catalogue: {catalogue.reconcile(bar.update)}")
        if options["retry_failed"]:
            self.stdout.write(f"{outbox.retry_failed()} event(s) put back.")
        try:
            if options["rebuild"]:
                with tqdm(unit="node", desc="Graph") as bar:
                    self.stdout.write(f"Graph: {tasks.resync(bar.update)}")
        except GraphError as error:
            raise CommandError(f"The graph cannot be rebuilt: {error}") from error
        with tqdm(total=outbox.pending().count(), unit="event", desc="Outbox") as bar:
            tasks.sync(bar.update)
        if left := outbox.pending().count():
            raise CommandError(
                f"{left} event(s) still wait. Is the graph up? See `manage.py check_model_status`."
            )
