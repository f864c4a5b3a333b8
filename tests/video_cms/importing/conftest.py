"""A small catalogue to import."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

HEADERS = {
    "categories.csv": "parent_category,category,icon",
    "parent_categories.csv": "name,slug,icon,description",
    "creators.csv": "username,name,bio,website,location,verified,parent_categories",
    "videos.csv": "video_id,title,categories,creator,published_at,file,description,tags,is_premium",
    "interactions.csv": "user,video_id,kind,value,timestamp",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small catalogue: two parent categories, one creator, three videos."""
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "owl.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"o" * 90)
    (tmp_path / "media" / "same-owl.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"o" * 90)
    (tmp_path / "media" / "rye.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"r" * 90)
    put(tmp_path, "categories.csv", ["Nature,Birds,feather", "Nature,Forests,", "Cooking,Bread,"])
    put(
        tmp_path,
        "creators.csv",
        ["Ines,Ines Caldeira,About me,https://example.org/,Porto,true,Nature|Cooking"],
    )
    put(
        tmp_path,
        "videos.csv",
        [
            "owls,Owls,Birds|Forests,Ines,2025-06-02T07:00:00Z,owl.mp4,At night,night|Owl,",
            "owls-2,Owls again,Birds,ines,2025-06-03,same-owl.mp4,,owl,yes",
            "rye,Rye,Bread,baker,2025-06-04T07:00:00+02:00,media/rye.mp4,,,",
        ],
    )
    return tmp_path


def put(folder: Path, name: str, rows: Sequence[str], header: str | None = None) -> Path:
    """Write a CSV file, or with no header asked for, the usual one."""
    path = folder / name
    path.write_text("\n".join([header or HEADERS[name], *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def run(db: None) -> Callable[..., tuple[int, str]]:
    """Run a command; return its exit code and what it said."""

    def command(name: str, *args: Any, **options: Any) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command(name, *args, stdout=out, verbosity=0, **options)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        return 0, out.getvalue()

    return command


def rejects(path: Path) -> list[tuple[str, int]]:
    """Return file and line of each refused row."""
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["file"], int(row["line"])) for row in csv.DictReader(file)]
