"""CSV files as people really make them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_cms.importing.report import ImportFailed, Report
from video_cms.importing.rows import LINES_AT_MOST, Row, read


def rows_of(path: Path, data: bytes) -> tuple[list[Row], Report]:
    path.write_bytes(data)
    report = Report()
    return list(read(path, ["a", "b"], report, lambda size: None)), report


def values(rows: list[Row]) -> list[tuple[int, str, str]]:
    return [(row.line, row["a"], row["b"]) for row in rows]


def test_rows_know_the_line_they_start_on(tmp_path: Path) -> None:
    data = b'a,b\r\n1,2\r\n\r\n"x\r\ny",3\r\n4,5'
    rows, report = rows_of(tmp_path / "f.csv", data)
    assert values(rows) == [(2, "1", "2"), (4, "x\r\ny", "3"), (6, "4", "5")]
    assert report.rejected == 0


def test_columns_are_found_by_name_whatever_their_order_and_a_mark_at_the_start(
    tmp_path: Path,
) -> None:
    rows, _report = rows_of(tmp_path / "f.csv", b"\xef\xbb\xbfb,extra,a\n1,2,3\n")
    assert values(rows) == [(2, "3", "1")]
    assert rows[0]["not there"] == ""


@pytest.mark.parametrize("data", [b"", b"a\n1\n", b"\n", b"a;b\n1;2\n"])
def test_missing_columns_stop_the_import(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImportFailed, match=r"f\.csv has no column"):
        rows_of(tmp_path / "f.csv", data)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"1", "1 columns instead of 2"),
        (b"1,2,3", "3 columns instead of 2"),
        (b"1,\xff2", "not in UTF-8"),
        (b"1,a\0b", "NUL"),
        (b'1,"2', "quotation mark"),
        (b'1,"2"x', "quotation mark"),
        (b'"1,2', "quotation mark"),
        (b"1," + b"x" * 200_000, "too long|quotation mark"),
    ],
)
def test_a_bad_row_costs_no_other(tmp_path: Path, bad: bytes, reason: str) -> None:
    data = b"a,b\ngood,1\n" + bad + b'\ngood,"2, or ""two"""\ngood,3\n'
    rows, report = rows_of(tmp_path / "f.csv", data)
    assert [row["b"] for row in rows] == ["1", '2, or "two"', "3"]
    assert [reject.line for reject in report.rejects] == [3]
    assert re.search(reason, report.rejects[0].reason)


def test_an_open_quotation_does_not_swallow_a_long_file(tmp_path: Path) -> None:
    data = b'a,b\n1,"open\n' + b"good,1\n" * (3 * LINES_AT_MOST)
    rows, report = rows_of(tmp_path / "f.csv", data)
    assert len(rows) == 3 * LINES_AT_MOST
    assert report.rejected == 1


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_rejects(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    rows, report = rows_of(tmp_path_factory.getbasetemp() / "any.csv", b"a,b\n" + data + b"\nz,z\n")
    assert all(set(row.values) == {"a", "b"} for row in rows)
    lines = [row.line for row in rows] + [reject.line for reject in report.rejects]
    assert len(lines) == len(set(lines))
    for row in rows:
        assert "\0" not in "".join(row.values.values())
        "".join(row.values.values()).encode()
