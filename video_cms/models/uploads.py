"""Films on their way: what a creator has begun to send."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: How long the bytes of an upload that nobody goes on with are kept.
KEPT = timedelta(days=7)


def new_upload_id() -> str:
    """Return a fresh upload id: 32 hexadecimal digits, not guessable."""
    return uuid.uuid4().hex


def a_while() -> datetime:
    """Return when an upload that is touched now expires."""
    return timezone.now() + KEPT


class Upload(models.Model):
    """A file that is sent for a video, piece by piece. How much of it is there, the file says.

    A finished one stays until it expires, so that whoever asks again hears that it arrived.
    """

    upload_id = models.CharField(max_length=32, unique=True, default=new_upload_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    video = models.ForeignKey(
        "video_cms.VideoPage", on_delete=models.CASCADE, related_name="uploads"
    )
    size = models.BigIntegerField(_("size"))
    #: What the creator's machine calls the file, and when it was last changed there: shown, and
    #: used to know the file again, never to name anything.
    name = models.CharField(_("name"), max_length=200)
    modified = models.CharField(max_length=20, blank=True)
    #: What its first bytes told: how the file shall be called.
    ending = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), default=a_while, db_index=True)
    finished_at = models.DateTimeField(_("arrived"), null=True, blank=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
