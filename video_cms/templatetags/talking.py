"""Tags that bring comments to a video's page, and the number of notices to every page."""

from __future__ import annotations

from typing import Any

from django import template

from .. import notices
from ..comments import threads
from ..comments.forms import CommentForm
from ..models import VideoPage

register = template.Library()


@register.simple_tag(takes_context=True)
def comments_of(context: template.Context, video: VideoPage) -> threads.Conversation | None:
    """Return the first page of a video's comments; nothing in a preview."""
    request = context.get("request")
    if request is None or video.pk is None or getattr(request, "is_preview", False):
        return None
    return threads.conversation(video, request.user)


@register.simple_tag
def comment_form() -> CommentForm:
    """Return an empty form for a new comment."""
    return CommentForm(auto_id="comment-%s")


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> int:
    """Return how many notices the visitor has not read."""
    request: Any = context.get("request")
    return notices.unread(request) if request is not None else 0
