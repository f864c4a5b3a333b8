"""The captions of a creator's video: a track per language, written as text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .. import captions
from ..models import CaptionTrack, User, VideoPage
from ..models.captions import LANGUAGE
from . import videos

#: What an empty track begins with.
BEGINNING = "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n"


class LanguageForm(forms.Form):
    """Which language a track is in. ``taken``: languages that other tracks have."""

    language = forms.CharField(
        label=_("Language"),
        max_length=12,
        help_text=_("A code such as “en” or “pt-BR”."),
        widget=forms.TextInput(attrs={"list": "languages", "autocapitalize": "off"}),
    )
    label = forms.CharField(
        label=_("Name that viewers choose by"),
        max_length=60,
        required=False,
        help_text=_("Without one, the language's own name."),
    )

    def __init__(self, *args: Any, taken: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        self.languages = settings.LANGUAGES

    def clean_language(self) -> str:
        language: str = self.cleaned_data["language"].strip()
        if not LANGUAGE.fullmatch(language):
            raise forms.ValidationError(_("Write a language code such as “en” or “pt-BR”."))
        if language in self.taken:
            raise forms.ValidationError(_("There are captions in this language already."))
        return language


class TrackForm(LanguageForm):
    """The captions of one language as text."""

    webvtt = forms.CharField(
        label=_("Captions"),
        max_length=captions.LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true", "dir": "auto"}),
        help_text=_("WebVTT or SubRip: a line with the times, then the words, then an empty line."),
    )

    def clean_webvtt(self) -> str:
        try:
            return captions.write(captions.read(self.cleaned_data["webvtt"]))
        except captions.BadCaptions as error:
            raise forms.ValidationError(str(error)) from error


def save(
    page: VideoPage, user: User, track: CaptionTrack, before: CaptionTrack | None
) -> CaptionTrack:
    """Keep a track, in the place of the one it was before."""
    kept = [one for one in page.captions.all() if before is None or one.pk != before.pk]
    page.captions = [*kept, track]
    videos.keep(page, user)
    return track


def remove(page: VideoPage, user: User, track: CaptionTrack) -> None:
    """Take a track away."""
    page.captions = [one for one in page.captions.all() if one.pk != track.pk]
    videos.keep(page, user)


def cues_of(text: str) -> list[captions.Cue]:
    """Return the cues of a text, as far as it can be read."""
    try:
        return captions.read(text)
    except captions.BadCaptions:
        return []
