"""The tags for a theme's files and colours; every template may use them without loading them."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ..themes import catalogue
from ..themes.current import current, previewed

register = template.Library()


@register.simple_tag
def theme_static(name: str) -> str:
    """Return the address of a file in the current theme's ``static`` or its fallback's."""
    return catalogue.theme_static(current(), name)


@register.simple_tag
def theme_styles() -> SafeString:
    """Link the current theme's style sheets: see ``catalogue.theme_styles``."""
    addresses = catalogue.theme_styles(current())
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', ((a,) for a in addresses))


@register.simple_tag
def page_colours() -> dict[str, str]:
    """Return what is behind the current theme's pages: ``light`` and ``dark``."""
    return dict(zip(("light", "dark"), catalogue.page_colour(current()), strict=True))


@register.simple_tag(takes_context=True)
def previewed_theme(context: template.Context) -> catalogue.Theme | None:
    """Return the theme that the visitor, an editor then, is trying."""
    request: HttpRequest | Any = context.get("request")
    return previewed(request) if request is not None else None
