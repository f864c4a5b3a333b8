"""What the site tells its viewers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """Something a viewer wants to hear of: a followed creator's video, an answer."""

    class Kind(models.TextChoices):
        VIDEO = "video", _("new video")
        REPLY = "reply", _("answer to your comment")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    video = models.ForeignKey(
        "video_cms.VideoPage", on_delete=models.CASCADE, related_name="notices"
    )
    comment = models.ForeignKey(
        "video_cms.Comment",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
    )
    created_at = models.DateTimeField(_("told at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["user", "-created_at"], name="notice_recent")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "video"], condition=Q(comment=None), name="notice_per_video"
            ),
            models.UniqueConstraint(
                fields=["user", "comment"],
                condition=Q(comment__isnull=False),
                name="notice_per_comment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.video_id}"
