"""``manage.py recommendations_graph``: the embedded graph server, in the foreground."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ... import conf
from ...graph.embedded import EmbeddedGraphError, serve


class Command(BaseCommand):
    help = "Run the embedded graph server in the foreground until it is interrupted."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="listen here and not on the configured port")
        parser.add_argument("--dir", type=Path, help="keep the data here")

    def handle(self, *, port: int | None, dir: Path | None, **options: Any) -> None:
        if conf.settings.GRAPH["OPTIONS"].get("uri"):
            raise CommandError(
                "This site uses an external graph, so it needs no embedded one. To use the "
                'embedded one, remove "uri" from RECOMMENDATIONS["GRAPH"]["OPTIONS"] (in the '
                "video site, unset NEO4J_URI)."
            )
        embedded = conf.settings.EMBEDDED_GRAPH
        directory = dir or embedded["DIR"] or Path(settings.BASE_DIR) / "var" / "graph"
        try:
            serve(
                Path(directory),
                embedded["HOST"],
                port or embedded["PORT"],
                conf.embedded_password(),
                self.announce,
            )
        except EmbeddedGraphError as error:
            raise CommandError(str(error)) from error
        self.stdout.flush()
        # The Java machine's threads outlive the server; one that calls into an interpreter that is
        # being torn down aborts the process (SIGABRT, seen on a busy machine).
        os._exit(0)

    def announce(self, uri: str) -> None:
        self.stdout.write(f"Graph ready at {uri}")
        self.stdout.flush()
