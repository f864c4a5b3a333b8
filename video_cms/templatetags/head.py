"""The tag that writes a page's head: addresses, previews, feeds and structured data."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from ..context_processors import site_name
from ..syndication import structured_data
from ..syndication.head import head_of

register = template.Library()


@register.inclusion_tag("includes/head_tags.html", takes_context=True)
def head_tags(
    context: template.Context, subject: object = None, noindex: bool = False
) -> dict[str, Any]:
    """Write what a page about ``subject`` says of itself; nothing where there is no request."""
    request = context.get("request")
    if request is None:
        return {}
    preview = getattr(request, "is_preview", False)  # may lack everything, and nobody finds it
    head = head_of(None if preview else subject, request)
    hidden = preview or noindex or head.noindex
    return {"head": head, "noindex": hidden, "site_name": site_name(request)}


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """Write structured data as a script that is never run."""
    return structured_data.script(data)
