"""Back catalogues that creators and editors send, and what became of each."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One import of a ZIP of videos: how far it is, and its report."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    run_id = models.UUIDField(_("id"), unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="imports",
        verbose_name=_("account"),
    )
    name = models.CharField(_("file name"), max_length=120)
    whole = models.BooleanField(
        _("of all creators"), default=False, help_text=_("Creators are those that the table names.")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    read = models.FloatField(_("portion read"), default=0)
    made = models.PositiveIntegerField(_("new videos"), default=0)
    left = models.PositiveIntegerField(_("videos that were there"), default=0)
    refused = models.PositiveIntegerField(_("refused rows"), default=0)
    reasons = models.JSONField(_("why"), default=list, help_text=_("File, line and reason."))
    language = models.CharField(
        _("language"), max_length=35, blank=True, help_text=_("In which its report is written.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.TextField(_("what went wrong"), blank=True)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]
        permissions = [
            ("import_catalogue", _("Can import a back catalogue of videos")),
            ("manage_catalogue", _("Can import and export the catalogue of all creators")),
        ]

    def __str__(self) -> str:
        return self.name
