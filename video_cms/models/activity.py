"""What visitors do with videos and creators. Counters elsewhere are derived from these rows."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Watch(models.Model):
    """How much of a video somebody, signed in or not, has watched: one row each."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="watches",
        verbose_name=_("viewer"),
    )
    session = models.CharField(_("anonymous session"), max_length=40, blank=True)
    video = models.ForeignKey(
        "video_cms.VideoPage",
        on_delete=models.CASCADE,
        related_name="watches",
        verbose_name=_("video"),
    )
    watch_time = models.FloatField(
        _("watched portion"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 to 1"),
    )
    watched_duration = models.FloatField(
        _("watched seconds"), default=0, validators=[MinValueValidator(0)]
    )
    played = models.JSONField(
        _("played parts"), default=list, blank=True, help_text=_("Pairs of seconds: from, to.")
    )
    position = models.FloatField(
        _("position"),
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("Seconds from the start, where watching goes on."),
    )
    timestamp = models.DateTimeField(_("last watched"), default=timezone.now)

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        ordering = ["-timestamp"]
        indexes = [
            models.Index(fields=["user", "-timestamp"], name="watch_user_recent"),
            models.Index(fields=["session", "-timestamp"], name="watch_session_recent"),
            models.Index(fields=["timestamp"], name="watch_recent"),
            models.Index(fields=["video", "-timestamp"], name="watch_video_recent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "video"], condition=Q(user__isnull=False), name="watch_per_user"
            ),
            models.UniqueConstraint(
                fields=["session", "video"],
                condition=Q(user__isnull=True),
                name="watch_per_session",
            ),
            models.CheckConstraint(
                condition=Q(watch_time__gte=0, watch_time__lte=1), name="watch_time_portion"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) ^ ~Q(session=""), name="watch_user_or_session"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.session} × {self.video_id}"


class Like(models.Model):
    """A signed-in viewer likes a video."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="likes",
        verbose_name=_("viewer"),
    )
    video = models.ForeignKey(
        "video_cms.VideoPage",
        on_delete=models.CASCADE,
        related_name="like_rows",
        verbose_name=_("video"),
    )
    created_at = models.DateTimeField(_("liked at"), default=timezone.now)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_at"], name="like_recent")]
        constraints = [models.UniqueConstraint(fields=["user", "video"], name="like_once")]

    def __str__(self) -> str:
        return f"{self.user} × {self.video_id}"


class Follow(models.Model):
    """A signed-in viewer follows a creator."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="follows",
        verbose_name=_("viewer"),
    )
    creator = models.ForeignKey(
        "video_cms.CreatorProfile",
        on_delete=models.CASCADE,
        related_name="followers",
        verbose_name=_("creator"),
    )
    video = models.ForeignKey(
        "video_cms.VideoPage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("video that was watched"),
    )
    created_at = models.DateTimeField(_("followed at"), default=timezone.now)

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "creator"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.creator}"
