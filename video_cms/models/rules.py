"""What a site asks of its creators."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="upload", order=210)
class UploadRules(BaseSiteSetting):
    """What happens to a site's uploads before others see them."""

    review = models.BooleanField(
        _("Look at videos before they are shown"),
        default=False,
        help_text=_(
            "What creators without the badge publish waits in the workflow of the page of videos."
        ),
    )

    panels = [FieldPanel("review")]

    class Meta:
        verbose_name = _("upload rules")

    def __str__(self) -> str:
        return str(self.site)
