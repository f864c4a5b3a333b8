"""A video with people who talk about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from video_cms.models import Comment, CommentRules, VideoPage


@pytest.fixture
def bruno(make_user: Any) -> Any:
    return make_user("bruno")


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def say(video: VideoPage) -> Callable[..., Comment]:
    """Put a comment there: ``say(ada, "Hello", parent=first)``."""

    def make(author: Any, text: str = "Hello", **fields: Any) -> Comment:
        return Comment.objects.create(**{"video": video, **fields}, author=author, text=text)

    return make


@pytest.fixture
def rules(site_tree: Any) -> CommentRules:
    """The site's comment rules."""
    from wagtail.models import Site

    found: CommentRules = CommentRules.for_site(Site.objects.get())
    return found
