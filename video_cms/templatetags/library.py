"""Template tags of what viewers keep."""

from __future__ import annotations

from django import template

from recommendations_plugin import api

from .. import library
from ..models import VideoPage
from ..viewers import learning_of, watch_later_ids

register = template.Library()


@register.filter
def percent(portion: float) -> str:
    """Return a portion, 0–1, as a percentage."""
    return f"{portion:.0%}"


@register.simple_tag(takes_context=True)
def in_watch_later(context: template.Context, video: VideoPage) -> bool:
    """Return whether the visitor keeps a video for later."""
    request = context.get("request")
    return request is not None and video.pk in watch_later_ids(request)


@register.simple_tag(takes_context=True)
def feeds_learn(context: template.Context) -> bool:
    """Return whether what the visitor says of a card can be noted."""
    request = context.get("request")
    return request is not None and learning_of(request) is not api.Learning.OFF


@register.simple_tag(takes_context=True)
def playlist_queue(context: template.Context, video: VideoPage) -> library.Queue | None:
    """Return the playlist that ``?list=`` names, around a video; None where it does not fit."""
    request = context.get("request")
    return library.queue(request, video) if request else None
