"""Builds the index again from stored vectors, without training."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import releases, runs
from ...index import artifacts


class Command(BaseCommand):
    help = "Builds the FAISS index from the last artifact's vectors and serves it; no retraining."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="source", help="an artifact version (default: newest)")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = [options["source"]] if options["source"] else artifacts.versions()
        if not versions:
            raise CommandError(
                "There is no artifact to build from. Train: `manage.py recommendations_train`."
            )
        for version in versions:
            try:
                rebuilt = artifacts.rebuild_index(version)
                runs.rebuilt(version, rebuilt)
                releases.serve(rebuilt)
            except artifacts.BrokenArtifact as error:
                self.stderr.write(f"{version} cannot be used: {error}")
                continue
            self.stdout.write(f"Serving {runs.active_version()}, built from {version}.")
            return
        raise CommandError(
            "No artifact has usable vectors. Train again: `manage.py recommendations_train`."
        )
