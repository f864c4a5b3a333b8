"""Reads CSV files row by row. A broken row costs that row, whatever is wrong with it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext as _

from .report import ImportFailed, Report, RowError

#: A record that runs over more lines than this has a quotation mark too many.
LINES_AT_MOST = 200
CHARACTERS_AT_MOST = 100_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: the line it starts on, and its values by column."""

    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def read(
    path: Path, required: Iterable[str], report: Report, progress: Callable[[int], object]
) -> Iterator[Row]:
    """Yield the rows of a file and report the ones that cannot be read.

    ``progress`` is called with the bytes read. Raises ``ImportFailed`` when columns are missing.
    """
    with path.open("rb") as file:
        lines = Lines(file, progress)
        columns = [name.strip() for name in lines.parse_header()]
        if missing := [name for name in required if name not in columns]:
            raise ImportFailed(
                _("%(file)s has no column %(columns)s.")
                % {"file": path.name, "columns": ", ".join(missing)}
            )
        while (start := lines.next_filled()) is not None:
            try:
                yield Row(start, dict(zip(columns, lines.parse(len(columns)), strict=True)))
            except RowError as error:
                report.reject(path, start, str(error))


class Lines:
    """The lines of a file, with a way back: after a broken record, reading goes on one line on."""

    def __init__(self, file: Iterable[bytes], progress: Callable[[int], object]) -> None:
        self._source = iter(file)
        self._ahead: deque[str] = deque()
        self._progress = progress
        self._number = 0

    def parse_header(self) -> list[str]:
        """Return the columns' names."""
        if not self._fill(1):
            return []
        first = self._ahead[0].removeprefix("\ufeff")
        self._take(1)
        return next(csv.reader([first]), [])

    def next_filled(self) -> int | None:
        """Move on to the next line that is not empty; return its number, None at the end."""
        while self._fill(1):
            if self._ahead[0].strip("\r\n"):
                return self._number + 1
            self._take(1)
        return None

    def parse(self, width: int) -> list[str]:
        """Return the values of the record that starts here. Raises ``RowError``."""
        used = 0

        def feed() -> Iterator[str]:
            nonlocal used
            while used < LINES_AT_MOST and self._fill(used + 1):
                used += 1
                yield self._ahead[used - 1]

        try:
            reader = csv.reader(feed(), strict=True)
            values = checked(next(reader), width)
        except (csv.Error, RowError) as error:
            self._take(1)
            if isinstance(error, RowError) and used == 1:
                raise
            raise RowError(_("A quotation mark is missing or too many.")) from error
        self._take(used)
        return values

    def _fill(self, count: int) -> bool:
        while len(self._ahead) < count:
            raw = next(self._source, None)
            if raw is None:
                return False
            self._progress(len(raw))
            self._ahead.append(raw.decode("utf-8", "surrogateescape"))
        return True

    def _take(self, count: int) -> None:
        for _line in range(count):
            self._ahead.popleft()
        self._number += count


def checked(values: list[str], width: int) -> list[str]:
    """Return a record's values if they can be text in a database."""
    if len(values) != width:
        raise RowError(
            _("The row has %(found)d columns instead of %(wanted)d.")
            % {"found": len(values), "wanted": width}
        )
    text = "".join(values)
    if "\0" in text:
        raise RowError(_("The row holds a NUL character."))
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise RowError(_("The row is not in UTF-8."))
    if len(text) > CHARACTERS_AT_MOST:
        raise RowError(_("The row is too long."))
    return [value.strip() for value in values]


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of up to ``size`` items."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
