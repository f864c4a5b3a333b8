"""Queries whose SQL is made once: building a large one takes Django longer than its answer takes.

Texts that differ from run to run are given as ``Slot`` where the query is made, and by the slot's
name where it runs. All else in a query is part of what is made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import QuerySet


class Slot(str):
    """The place of a text in a query, by name."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query's SQL, its parameters, and how a column's values are converted, by its place."""

    alias: str
    sql: str
    parameters: tuple[Any, ...]
    converters: Mapping[int, tuple[Sequence[Any], Any]]

    def given(self, texts: Mapping[str, str]) -> Iterator[Any]:
        """Yield the parameters, with these texts in the slots."""
        for value in self.parameters:
            yield texts[value] if isinstance(value, Slot) else value


def prepare(rows: QuerySet[Any]) -> Prepared:
    """Return the query of ``values_list`` rows, ready to run again and again."""
    compiler: Any = rows.query.get_compiler(rows.db)
    sql, parameters = compiler.as_sql()
    if rows.query.is_sliced:  # only as a table may a part of a union have an order
        sql = f"SELECT * FROM ({sql}) AS part"  # noqa: S608
    columns = [column for column, _sql, _alias in compiler.select]
    return Prepared(rows.db, sql, tuple(parameters), compiler.get_converters(columns))


def run(
    parts: Sequence[tuple[Prepared, Mapping[str, str]]], *, convert: bool = True
) -> Iterator[Sequence[Any]]:
    """Yield the rows of all parts, in one query: each with the texts for its slots.

    The parts have the same columns; the order in one says which rows it has, not where they come.
    ``convert=False``: as the database gives them, where texts, numbers and an order of times are
    all that matters.
    """
    if not parts:
        return
    first = parts[0][0]
    connection = connections[first.alias]
    sql = " UNION ALL ".join(part.sql for part, _texts in parts)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for part, texts in parts for value in part.given(texts)])
        fetched = cursor.fetchall()
    yield from _converted(fetched, first.converters, connection) if convert else fetched


def _converted(
    rows: Iterable[Sequence[Any]], converters: Mapping[int, tuple[Sequence[Any], Any]], by: Any
) -> Iterator[list[Any]]:
    steps = [
        (place, convert, expression)
        for place, (converts, expression) in converters.items()
        for convert in converts
    ]
    for row in map(list, rows):
        for place, convert, expression in steps:
            row[place] = convert(row[place], expression, by)
        yield row
