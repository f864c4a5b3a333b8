"""What is made of a video file, step by step, so that people can watch it anywhere."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .media import Picture, VideoMedia


class ProcessingStep(models.Model):
    """One step of the work on a video file, and how far it is.

    A worker holds a step until ``leased_until`` and prolongs that while it works; its tries are
    counted before each. So a step whose worker was killed is taken up again, and one that kills
    its workers is given up.
    """

    class Name(models.TextChoices):
        PROBE = "probe", _("Looking at the file")
        MP4 = "mp4", _("Making it playable")
        FRAMES = "frames", _("Choosing frames")
        STORYBOARD = "storyboard", _("Making the preview for seeking")
        HLS = "hls", _("Making smaller sizes")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    media = models.ForeignKey(VideoMedia, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=20, choices=Name.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    progress = models.FloatField(_("progress"), default=0.0, help_text=_("From 0 to 1."))
    error = models.TextField(_("what went wrong"), blank=True)
    leased_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("processing step")
        verbose_name_plural = _("processing steps")
        constraints = [models.UniqueConstraint(fields=["media", "name"], name="one_step_each")]
        indexes = [
            models.Index(
                fields=["leased_until"], name="steps_open", condition=~models.Q(state="done")
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.get_state_display()}"

    @property
    def percent(self) -> int:
        """How far it is, in whole percent."""
        return int(100 * self.progress)


class VideoFrame(models.Model):
    """A frame that a creator may choose as the thumbnail; ``at`` is its second."""

    media = models.ForeignKey(VideoMedia, on_delete=models.CASCADE, related_name="frames")
    picture = models.OneToOneField(Picture, on_delete=models.CASCADE, related_name="video_frame")
    at = models.FloatField(_("second"))

    class Meta:
        ordering = ["at"]
        verbose_name = _("frame")
        verbose_name_plural = _("frames")

    def __str__(self) -> str:
        return f"{self.media}: {self.at:.1f} s"
