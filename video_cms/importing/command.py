"""What the import commands share: options, progress bars and the report at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from .report import ImportFailed, Report


def add_arguments(parser: CommandParser) -> None:
    """Add the options every import has."""
    parser.add_argument("--dry-run", action="store_true", help="check the rows, write nothing")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="write refused rows here")


def bar(verbosity: int) -> Callable[[Path], Callable[[int], object]]:
    """Return what makes a progress bar for a file; without a terminal it stays silent."""

    def track(path: Path) -> Callable[[int], object]:
        progress = tqdm(
            desc=path.name,
            total=path.stat().st_size,
            unit="B",
            unit_scale=True,
            disable=None if verbosity else True,
        )
        return progress.update

    return track


@contextmanager
def importing(command: BaseCommand, options: dict[str, Any]) -> Iterator[Report]:
    """Give a report, print it at the end, and exit with 1 if it lists refused rows."""
    with ExitStack() as stack:
        path = options["rejects"]
        file = stack.enter_context(path.open("w", newline="", encoding="utf-8")) if path else None
        report = Report(file)
        try:
            yield report
        except ImportFailed as error:
            raise CommandError(str(error)) from error
    if options["dry_run"]:
        command.stdout.write(_("Nothing was written: this was a dry run."))
    for line in report.lines():
        command.stdout.write(line)
    if report.rejected:
        sys.exit(1)
