"""The form of a creator's video: its words, its file, its place in the catalogue."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .. import captions
from ..forms import PictureField
from ..models import Category, VideoPage
from ..processing.sniff import HEAD
from ..uploads.quota import too_large
from .formats import ending_of, not_a_film

MOST_TAGS, LONGEST_TAG = 15, 40


class VideoFileField(forms.FileField):
    """A film, told by its first bytes; a worker finds out what is really in it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": "video/mp4,video/quicktime,video/webm"})
        super().__init__(widget=widget, max_length=None, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return None
        if (upload.size or 0) > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(too_large(), "size")
        ending = ending_of(upload.read(HEAD))
        upload.seek(0)
        if not ending:
            raise forms.ValidationError(not_a_film(), "format")
        upload.name = f"{uuid.uuid4().hex}.{ending}"  # names that users gave are not kept
        return upload


class CaptionsField(forms.FileField):
    """A file of captions; becomes their text."""

    def clean(self, data: Any, initial: Any = None) -> str:
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return ""
        try:
            if (upload.size or 0) > captions.LONGEST:
                raise captions.BadCaptions(_t("These captions are too long."))
            return captions.write(captions.read(upload.read().decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("Save the captions as UTF-8, then choose them.")
            ) from error
        except captions.BadCaptions as error:
            raise forms.ValidationError(str(error)) from error


class VideoForm(forms.ModelForm):
    """A creator's video. ``file`` is needed only where there is none yet."""

    file = VideoFileField(label=_("Video file"))
    thumbnail_file = PictureField(
        label=_("Thumbnail"),
        required=False,
        help_text=_("A picture of your own. Without one, a frame of the video is shown."),
    )
    captions_file = CaptionsField(
        label=_("Captions"), required=False, help_text=_("A WebVTT or SubRip file.")
    )
    captions_language = forms.ChoiceField(label=_("Language of the captions"), required=False)

    class Meta:
        model = VideoPage
        fields = [
            "title",
            "description",
            "categories",
            "tags",
            "visibility",
            "is_premium",
            "comments_enabled",
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 6}),
            "visibility": forms.RadioSelect,
        }
        help_texts = {
            "title": "",
            "description": _("Moments such as 1:23 become links, and a list of them chapters."),
            "tags": _("Words that describe it, with commas between them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_file = bool(self.instance.media_id or self.instance.new_media_id)
        if has_file:
            self.fields["file"].required = False
            self.fields["file"].label = _("Another video file")
            self.fields["file"].help_text = _(
                "Address, views and likes stay. The present one is shown until this one is ready."
            )
        self.fields["captions_language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        categories: Any = self.fields["categories"]
        categories.queryset = Category.objects.select_related("parent").order_by(
            "parent__name", "name"
        )
        categories.to_field_name = "slug"
        categories.choices = grouped(categories.queryset)
        categories.widget.attrs["size"] = 8

    def clean_title(self) -> str:
        title = " ".join(self.cleaned_data["title"].split())
        if not title:
            raise forms.ValidationError(_("Give your video a title."))
        return title

    def clean_tags(self) -> list[str]:
        tags: list[str] = self.cleaned_data["tags"]
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(
                _("Give at most %(most)s tags of at most %(longest)s letters each."),
                params={"most": MOST_TAGS, "longest": LONGEST_TAG},
            )
        return tags


def grouped(categories: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return choices of categories below the names of their parents."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in categories:
        groups.setdefault(category.parent.name, []).append((category.slug, category.name))
    return list(groups.items())
