"""Builds the demo's content, step by step; each step is done once and may be interrupted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from tqdm import tqdm

from video_cms.controls import POSTER
from video_cms.models import VideoPage
from video_cms.processing.process import process_pending

from . import audience, comments
from .accounts import the_creator
from .captions import add_captions
from .clips import draw_clips
from .viewers import simulate, write_interactions

#: The sizes that cards and the player use (``themes/grid/templates/video_cms/``).
POSTER_SIZES = (
    "fill-320x180|format-webp",
    "fill-640x360|format-webp",
    POSTER,
)

CONTENT = settings.BASE_DIR / "fixtures" / "demo"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the demo's CSV files."""
    with (CONTENT / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw(folder: Path) -> None:
    """Draw the clips that are missing."""
    videos = rows("videos.csv")
    missing = [row for row in videos if not (folder / row["file"]).exists()]
    with tqdm(total=len(missing), desc="Drawing clips", unit="clip", disable=not missing) as bar:
        for _path in draw_clips(missing, folder):
            bar.update()


def load(folder: Path) -> None:
    """Import the catalogue and look into its files, unless that was done."""
    ids = {row["video_id"] for row in rows("videos.csv")}
    if VideoPage.objects.filter(video_id__in=ids).count() < len(ids):
        call_command("import_catalogue", CONTENT, media_dir=folder)
    process_pending()
    add_captions(ids)


def simulate_viewers() -> None:
    """Let simulated viewers watch and like, unless they did."""
    done = settings.VAR_DIR / "demo" / "viewers.done"  # written last: an import may be cut short
    if done.exists():
        return
    with _temporary_file() as path:
        write_interactions(
            path, simulate(rows("videos.csv"), rows("viewers.csv"), now=timezone.now())
        )
        call_command("import_interactions", path)
    done.touch()


def simulate_audience() -> None:
    """Let more people watch and follow the creator that a newcomer can sign in as."""
    audience.gather(the_creator(), timezone.now())


def simulate_talk() -> None:
    """Let simulated viewers talk about some videos, unless somebody does already."""
    comments.talk(rows("comments.csv"), timezone.now())


def warm_up() -> None:
    """Make the picture sizes that the first visitor would otherwise wait for."""
    posters = {video.poster for video in VideoPage.objects.listed().for_cards() if video.poster}
    for picture in tqdm(posters, desc="Sizing posters", unit="poster"):
        picture.get_renditions(*POSTER_SIZES)


@contextmanager
def _temporary_file() -> Iterator[Path]:
    with NamedTemporaryFile(suffix=".csv", delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
