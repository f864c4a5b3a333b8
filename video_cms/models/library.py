"""What viewers keep for themselves: playlists, of which “watch later” is one."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_playlist_id() -> str:
    """Return a fresh playlist id: 16 characters, safe in an address, not guessable."""
    return secrets.token_urlsafe(12)


class Playlist(models.Model):
    """A viewer's list of videos, in the viewer's order."""

    class Kind(models.TextChoices):
        LIST = "list", _("Playlist")
        LATER = "later", _("Watch later")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Unlisted: only by its link")
        PRIVATE = "private", _("Private: only you")

    playlist_id = models.CharField(
        _("playlist id"), max_length=40, unique=True, default=new_playlist_id, editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="playlists",
        verbose_name=_("owner"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.LIST)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    class Meta:
        verbose_name = _("playlist")
        verbose_name_plural = _("playlists")
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(kind="later"), name="one_watch_later"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("playlist", args=[self.playlist_id])


class PlaylistItem(models.Model):
    """A video's place in a playlist."""

    playlist = models.ForeignKey(
        Playlist, on_delete=models.CASCADE, related_name="items", verbose_name=_("playlist")
    )
    video = models.ForeignKey(
        "video_cms.VideoPage",
        on_delete=models.CASCADE,
        related_name="playlist_items",
        verbose_name=_("video"),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("playlist entry")
        verbose_name_plural = _("playlist entries")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["playlist", "video"], name="once_in_a_playlist")
        ]

    def __str__(self) -> str:
        return f"{self.playlist} · {self.video_id}"
