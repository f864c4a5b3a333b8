"""Files: pictures and videos, in Wagtail's libraries."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image
from wagtailmedia.models import AbstractMedia


class Picture(AbstractImage):
    """A picture. A model of our own, so that fields can be added without moving every picture."""

    admin_form_fields = Image.admin_form_fields

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        permissions = [("choose_image", _("Can choose image"))]


class PictureRendition(AbstractRendition):
    """A picture at one size."""

    image = models.ForeignKey(Picture, related_name="renditions", on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="picture_rendition"
            )
        ]


class VideoMedia(AbstractMedia):
    """A video file, and what probing it found: duration (seconds), width, height and codec."""

    class State(models.TextChoices):
        NEW = "new", _("waiting")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    size = models.BigIntegerField(_("size"), default=0, editable=False, help_text=_("In bytes."))
    codec = models.CharField(_("codec"), max_length=40, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.NEW, editable=False
    )
    failure = models.TextField(_("what went wrong"), blank=True, editable=False)
    poster = models.ForeignKey(
        Picture,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("poster"),
    )

    admin_form_fields = ("title", "file", "collection", "thumbnail", "tags")

    class Meta:
        verbose_name = _("video file")
        verbose_name_plural = _("video files")
