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
    """A video file, what probing it found, and what was made of it to be played.

    Duration is in seconds; width and height as shown, upright. ``mp4``, ``hls`` and ``storyboard``
    are names in the storage, empty where there is none: the film for every browser, the master
    playlist, the track of small pictures. They lie in a folder whose name nobody can guess.
    """

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

    folder = models.UUIDField(unique=True, null=True, default=None, editable=False)
    mp4 = models.CharField(max_length=200, blank=True, editable=False)
    hls = models.CharField(max_length=200, blank=True, editable=False)
    storyboard = models.CharField(max_length=200, blank=True, editable=False)

    admin_form_fields = ("title", "file", "collection", "thumbnail", "tags")

    class Meta:
        verbose_name = _("video file")
        verbose_name_plural = _("video files")

    @property
    def failed_steps(self) -> bool:
        """Whether a step of the work on it failed."""
        return any(step.state == "failed" for step in self.steps.all())

    @property
    def play_name(self) -> str:
        """The name of the file that players are given: what was made of it, else the upload."""
        return self.mp4 or self.file.name

    @property
    def play_url(self) -> str:
        """The address of the file that players are given."""
        return str(self.file.storage.url(self.play_name))

    @property
    def hls_url(self) -> str:
        """The address of the playlist of all sizes; empty while there is none."""
        return str(self.file.storage.url(self.hls)) if self.hls else ""

    @property
    def storyboard_url(self) -> str:
        """The address of the small pictures for seeking; empty while there are none."""
        return str(self.file.storage.url(self.storyboard)) if self.storyboard else ""
