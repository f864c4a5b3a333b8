"""The words of a video: captions, one track per language."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from .. import captions

#: A language as pages name it (BCP 47), such as "en" or "pt-BR".
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


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
    search_fields = [index.SearchField("spoken")]

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        constraints = [
            models.UniqueConstraint(fields=["video", "language"], name="captions_per_language")
        ]

    def __str__(self) -> str:
        return self.label or self.language

    @property
    def spoken(self) -> str:
        """The words alone, for search."""
        try:
            return " ".join(cue.plain for cue in captions.read(self.webvtt))
        except captions.BadCaptions:
            return ""

    @property
    def name(self) -> str:
        """What viewers choose by: the label, else the language's own name."""
        known = LANG_INFO.get(self.language.lower(), {})
        return self.label or known.get("name_local") or self.language

    def clean(self) -> None:
        super().clean()
        wrong: dict[str, Any] = {}
        if not LANGUAGE.fullmatch(self.language):
            wrong["language"] = _("Write a language code such as “en” or “pt-BR”.")
        try:
            self.webvtt = captions.write(captions.read(self.webvtt))
        except captions.BadCaptions as error:
            wrong["webvtt"] = str(error)
        if wrong:
            raise ValidationError(wrong)
