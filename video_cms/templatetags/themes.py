"""The tag that finds a theme's static files; every template may use it without loading it."""

from __future__ import annotations

from django import template

from .. import themes

register = template.Library()


@register.simple_tag
def theme_static(name: str) -> str:
    """Return the address of a file in the current theme's ``static`` or its fallback's."""
    return themes.theme_static(themes.current(), name)
