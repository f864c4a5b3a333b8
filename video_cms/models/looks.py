"""How a site looks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.forms import RadioSelect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Site

from ..themes.catalogue import all_themes


def theme_choices() -> list[tuple[str, str]]:
    """Return the installed themes for a form."""
    return [(theme.slug, theme.name) for theme in all_themes().values()]


class ThemePanel(FieldPanel):
    """Shows each theme with its picture, to be chosen or tried first."""

    class BoundPanel(FieldPanel.BoundPanel):
        template_name = "video_cms/admin/theme_panel.html"

        class Media:
            css = {"all": ["video_cms/looks.css"]}

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            themes, own = all_themes(), all_themes().get(settings.THEME)
            context["options"] = [
                (radio, themes.get(radio.data["value"]), themes.get(radio.data["value"], own))
                for radio in self.bound_field
            ]
            site = self.instance.site
            # A session belongs to a host: another site's themes are tried from its own address.
            context["elsewhere"] = Site.find_for_request(self.request) != site and site.root_url
            return context


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

    panels = [ThemePanel("theme", widget=RadioSelect)]

    class Meta:
        verbose_name = _("look")

    def __str__(self) -> str:
        return self.theme or "–"
