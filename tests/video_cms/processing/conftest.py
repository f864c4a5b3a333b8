"""Films to work on: real clips, and one that is drawn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File

from tests import films
from video_cms.models import VideoMedia

from .finishing import Make

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real clips."""
    folder = SHARED / "media"
    if not folder.is_dir() and not os.environ.get("CI"):
        pytest.skip(f"The real clips are not here: {folder}")
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two seconds that tells where it was taken."""
    place = {"comment": "at home"}
    return films.draw(tmp_path_factory.mktemp("films") / "film.mp4", metadata=place)


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is put into the queue, which nobody works on."""
    tasks: list[Any] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *args, **how: tasks.append((args, how)))
    return tasks


@pytest.fixture
def make_media(drawn: Path, queue: list[Any], site_tree: Any) -> Make:
    """Put a film into the media library, the drawn one unless another is given."""

    def make(path: Path = drawn) -> VideoMedia:
        media = VideoMedia(title="A walk", type="video", duration=0)
        with path.open("rb") as file:
            media.file.save(path.name, File(file))
        return media

    return make
