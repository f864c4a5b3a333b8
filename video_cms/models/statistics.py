"""What creators learn of their videos: sums by day, without anything of whoever watched."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """How a viewer came to a video."""

    HOME = "home", _("Home page")
    SIDEBAR = "sidebar", _("Beside other videos")
    FOLLOWING = "following", _("Feed of followed creators")
    EXPLORE = "explore", _("Explore")
    CATEGORY = "category", _("Categories")
    SEARCH = "search", _("Search")
    CHANNEL = "channel", _("Your channel")
    LIBRARY = "library", _("Lists and histories")
    NOTICES = "notices", _("Notices")
    EMBED = "embed", _("Frames on other sites")
    EXTERNAL = "external", _("Links on other sites")
    DIRECT = "direct", _("Directly")
    UNKNOWN = "unknown", _("Not known")


class VideoDay(models.Model):
    """What was watched of a video on one day by those who came one way; see ``daily``."""

    video = models.ForeignKey(
        "video_cms.VideoPage",
        on_delete=models.CASCADE,
        related_name="days",
        verbose_name=_("video"),
    )
    day = models.DateField(_("day"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    viewers = models.PositiveIntegerField(_("new viewers"), default=0)
    views = models.PositiveIntegerField(_("views"), default=0)
    seconds = models.FloatField(_("watched seconds"), default=0)

    class Meta:
        verbose_name = _("day of a video")
        verbose_name_plural = _("days of videos")
        constraints = [
            models.UniqueConstraint(fields=["video", "day", "source"], name="video_day_source")
        ]

    def __str__(self) -> str:
        return f"{self.video_id} · {self.day} · {self.source}"
