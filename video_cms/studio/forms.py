"""The form of a creator's video: its words, its file, its place in the catalogue."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.conf import global_settings, settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .. import captions
from ..forms import PictureField
from ..models import Category, User, VideoFrame, VideoPage
from ..processing.sniff import HEAD
from ..uploads.quota import complaint, too_large
from .formats import ACCEPTED, ending_of, not_a_film

MOST_TAGS, LONGEST_TAG = 15, 40
#: How far ahead a video may be scheduled.
LATEST = timedelta(days=731)
#: Languages films and captions may be in: all that Django has names for.
LANGUAGES = [(code, _(name)) for code, name in global_settings.LANGUAGES]


class VideoFileField(forms.FileField):
    """A film, told by its first bytes; a worker finds out what is really in it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ACCEPTED})
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


class PublishTimeField(forms.DateTimeField):
    """When to publish, in the time of whoever chooses it (see ``VideoForm.clean_go_live_at``)."""

    def __init__(self, **kwargs: Any) -> None:
        how = {"type": "datetime-local"}
        widget = forms.DateTimeInput(attrs=how, format="%Y-%m-%dT%H:%M")
        super().__init__(**{**kwargs, "widget": widget})


def zone(name: str | None) -> tzinfo:
    """Return a time zone that a browser named; the site's own when there is no such."""
    try:
        return ZoneInfo(name or "")
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return timezone.get_current_timezone()


class VideoForm(forms.ModelForm):
    """A creator's video. ``file`` is needed only where there is none yet."""

    file = VideoFileField(label=_("Video file"))
    thumbnail_file = PictureField(
        label=_("Thumbnail"),
        required=False,
        help_text=_("A picture of your own. Without one, a frame of the video is shown."),
    )
    frame = forms.ModelChoiceField(
        label=_("Or a frame of the video"),
        queryset=VideoFrame.objects.none(),
        required=False,
        blank=True,
        widget=forms.RadioSelect,
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
            "language",
            "additional_parent_categories",
            "categories",
            "tags",
            "visibility",
            "go_live_at",
            "is_premium",
            "comments_enabled",
        ]
        field_classes = {"go_live_at": PublishTimeField}
        labels = {
            "additional_parent_categories": _("Subjects"),
            "go_live_at": _("Publish at"),
            "language": _("Language of the video"),
        }
        widgets = {
            "additional_parent_categories": forms.CheckboxSelectMultiple,
            "description": forms.Textarea(attrs={"rows": 6}),
            "language": forms.Select,
            "visibility": forms.RadioSelect,
        }
        help_texts = {
            "title": "",
            "description": _("Moments such as 1:23 become links, and a list of them chapters."),
            "tags": _("Words that describe it, with commas between them."),
            "additional_parent_categories": _("Those of its categories are added by themselves."),
            "language": _("What is spoken in it."),
        }

    def __init__(self, *args: Any, user: User, needs_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self._ask_for_a_file(needs_file)
        language, of_captions = self.fields["language"], self.fields["captions_language"]
        language.widget.choices = [("", "---------"), *LANGUAGES]
        of_captions.choices = LANGUAGES  # type: ignore[attr-defined]
        of_captions.initial = settings.LANGUAGE_CODE
        subjects: Any = self.fields["additional_parent_categories"]
        subjects.to_field_name = "slug"
        categories: Any = self.fields["categories"]
        categories.queryset = Category.objects.select_related("parent").order_by(
            "parent__name", "name"
        )
        categories.to_field_name = "slug"
        categories.choices = grouped(categories.queryset)
        categories.widget.attrs["size"] = 8
        self._offer_frames()
        if not user.has_perm("video_cms.offer_premium"):
            del self.fields["is_premium"]
        if self.instance.live:
            del self.fields["go_live_at"]

    def _ask_for_a_file(self, needed: bool) -> None:
        """Want a file where one is to be published and none is here or on its way."""
        page, field = self.instance, self.fields["file"]
        has_file = bool(page.media_id or page.new_media_id)
        comes = page.pk and page.uploads.filter(finished_at=None).exists()
        field.required = needed and not has_file and not comes
        if has_file:
            field.label = _("Another video file")
            field.help_text = _(
                "Address, views and likes stay. The present one is shown until this one is ready."
            )

    def _offer_frames(self) -> None:
        """Offer the frames that were taken from the latest file, once there are some."""
        page, field = self.instance, self.fields["frame"]
        frames = VideoFrame.objects.filter(media__in=[page.new_media_id, page.media_id])
        latest = max((frame.media_id for frame in frames), default=None)
        if latest is None:
            del self.fields["frame"]
            return
        field.queryset = frames.filter(media=latest).select_related("picture")  # type: ignore[attr-defined]
        field.initial = frames.filter(picture=page.thumbnail_id).first()
        own = page.thumbnail_id and not field.initial
        field.empty_label = _("My own picture") if own else _("Chosen by itself")  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["file"]
        if upload and (reason := complaint(self.user, upload.size or 0)):
            raise forms.ValidationError(reason, "quota")
        return upload

    def clean_go_live_at(self) -> datetime | None:
        when: datetime | None = self.cleaned_data["go_live_at"]
        if when is None:
            return None
        when = when.replace(tzinfo=zone(self.data.get("time_zone")))
        if when < timezone.now() and when != self.initial.get("go_live_at"):
            raise forms.ValidationError(_("This time is over. Leave it out to publish at once."))
        if when > timezone.now() + LATEST:
            raise forms.ValidationError(_("Choose a time within the next two years."))
        return when

    def clean_language(self) -> str:
        language: str = self.cleaned_data["language"]
        if language and language not in dict(LANGUAGES):
            raise forms.ValidationError(_("Choose a language from the list."))
        return language

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
