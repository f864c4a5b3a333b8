"""What an import did: counts, and every row it refused with the reason."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SHOWN_AT_MOST = 50


class ImportFailed(Exception):
    """The import cannot go on at all; the message says what to do."""


class RowError(ValueError):
    """One row cannot be taken; the message says why."""


class Reject(NamedTuple):
    """A refused row: the file, the line it starts on (0 for the file as a whole), the reason."""

    file: str
    line: int
    reason: str


class Report:
    """Counts what an import makes, leaves and refuses.

    Refused rows go to the file ``rejects`` as they come, so that a million of them take no memory;
    the first few are kept to be shown.
    """

    def __init__(self, rejects: TextIO | None = None) -> None:
        self.made: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.notes: list[str] = []
        self.rejected = 0
        self.rejects: list[Reject] = []
        self._writer = csv.writer(rejects) if rejects else None
        if self._writer:
            self._writer.writerow(Reject._fields)

    def reject(self, file: str | Path, line: int, reason: str) -> None:
        """Note a refused row."""
        reject = Reject(Path(file).name, line, reason)
        self.rejected += 1
        if len(self.rejects) < SHOWN_AT_MOST:
            self.rejects.append(reject)
        if self._writer:
            self._writer.writerow(reject)

    def lines(self) -> Iterator[str]:
        """Yield the report, line by line, as it is shown at the end."""
        for what in dict.fromkeys([*self.made, *self.left]):
            yield _("%(what)s: %(made)d new, %(left)d as they were") % {
                "what": what,
                "made": self.made[what],
                "left": self.left[what],
            }
        yield from self.notes
        if self.rejected:
            yield ngettext("%d row refused:", "%d rows refused:", self.rejected) % self.rejected
        for file, line, reason in self.rejects:
            yield f"  {file}:{line}: {reason}" if line else f"  {file}: {reason}"
        if self.rejected > len(self.rejects):
            yield _("  … and %d more (--rejects FILE writes them all)") % (
                self.rejected - len(self.rejects)
            )
