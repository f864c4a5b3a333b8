"""What most tests of the visitor's site begin with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from video_cms.models import VideoPage


@pytest.fixture
def video(make_video: Any) -> VideoPage:
    """A public video of ten seconds by "maker"."""
    page: VideoPage = make_video("A walk")
    return page


@pytest.fixture
def ada(make_user: Any) -> Any:
    return make_user("ada")


@pytest.fixture
def member(client: Client, ada: Any) -> Client:
    """The browser of a signed-in viewer."""
    client.force_login(ada)
    return client
