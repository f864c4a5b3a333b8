"""What an import finds in the video files themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from video_cms.models import VideoMedia, VideoPage
from video_cms.processing.probe import UnusableVideo

pytestmark = pytest.mark.django_db

SHARED = Path(__file__).resolve().parents[4] / "shared"
Run = Callable[..., tuple[int, str]]


def test_a_file_that_is_no_video_is_listed(folder: Path, run: Run) -> None:
    code, said = run("import_catalogue", folder)
    assert code == 1
    assert str(UnusableVideo("damaged")) in said
    assert VideoPage.objects.count() == 3


@pytest.mark.skipif(
    not SHARED.is_dir() and not os.environ.get("CI"),
    reason=f"the real catalogue is not in {SHARED}",
)
def test_the_head_of_the_real_catalogue_comes_in(tmp_path: Path, run: Run) -> None:
    source = SHARED / "data" / "catalogue"
    shutil.copy(source / "categories.csv", tmp_path)
    lines = (source / "videos.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "videos.csv").write_text("".join(lines[:101]), encoding="utf-8")
    code, said = run("import_catalogue", tmp_path, media_dir=SHARED / "media")
    assert (code, "videos: 100 new" in said) == (0, True)
    files = VideoMedia.objects.all()
    playable, others = files.filter(file__endswith=".mp4"), files.filter(file__endswith=".mkv")
    assert set(playable.values_list("state", flat=True)) == {"ready"}
    assert not playable.filter(poster=None).exists()
    assert not others.filter(steps=None).exists()  # what browsers do not play is made playable
    assert VideoPage.objects.count() == 100
