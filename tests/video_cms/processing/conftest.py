"""Real clips to look at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real clips."""
    folder = SHARED / "media"
    if not folder.is_dir() and not os.environ.get("CI"):
        pytest.skip(f"The real clips are not here: {folder}")
    return folder
