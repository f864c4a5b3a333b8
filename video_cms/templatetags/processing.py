"""How far the work on a film is, for pages of its creator and of editors."""

from __future__ import annotations

from typing import Any

from django import template

from ..models import VideoMedia
from ..processing.status import status_of

register = template.Library()


@register.inclusion_tag("video_cms/processing/status.html", takes_context=True)
def processing_status(context: dict[str, Any], media: VideoMedia | None) -> dict[str, Any]:
    """Show how far the work on a film is, as long as there is any, or what went wrong."""
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "status": status_of(media) if media else None,
        "came_from": request.get_full_path(),
    }
