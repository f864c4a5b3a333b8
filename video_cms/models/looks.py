"""How a site looks."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from ..themes import all_themes


def theme_choices() -> list[tuple[str, str]]:
    """Return the installed themes for a form."""
    return [(theme.slug, theme.name) for theme in all_themes().values()]


@register_setting(icon="view", order=100)
class LookSettings(BaseSiteSetting):
    """The theme of a Wagtail site; empty is the installation's own (``settings.THEME``)."""

    theme = models.CharField(
        _("theme"),
        max_length=50,
        blank=True,
        choices=theme_choices,
        help_text=_("Empty: the installation's own."),
    )

    panels = [FieldPanel("theme")]

    class Meta:
        verbose_name = _("look")

    def __str__(self) -> str:
        return self.theme or "–"
