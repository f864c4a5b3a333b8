"""The words of a video: captions, one track per language."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.search import index


class CaptionTrack(index.Indexed, models.Model):
    """Captions of a video in one language, as WebVTT; the transcript is made of them."""

    video = ParentalKey(
        "video_cms.VideoPage",
        on_delete=models.CASCADE,
        related_name="captions",
        verbose_name=_("video"),
    )
    language = models.CharField(
        _("language"), max_length=12, default=settings.LANGUAGE_CODE, help_text=_("Such as “en”.")
    )
    label = models.CharField(_("label"), max_length=60, blank=True)
    webvtt = models.TextField(
        _("captions"), help_text=_("WebVTT or SubRip text; it is kept as WebVTT.")
    )

    panels = [FieldPanel("language"), FieldPanel("label"), FieldPanel("webvtt")]
    search_fields = [index.SearchField("webvtt")]

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        constraints = [
            models.UniqueConstraint(fields=["video", "language"], name="captions_per_language")
        ]

    def __str__(self) -> str:
        return self.label or self.language
