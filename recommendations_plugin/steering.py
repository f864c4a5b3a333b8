"""The tables by which editors and operators steer feeds: pins and experiments."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import DraftStateMixin, Orderable, RevisionMixin

from .placements import NAME, mistakes

#: Last place that something may be pinned to.
LAST_PLACE = 100

is_name = RegexValidator(NAME, _("Use lower-case letters, digits, “-” and “_”."))


class EditorialRule(DraftStateMixin, RevisionMixin, models.Model):
    """An item that editors put at a place of a feed, from its publication to its expiry."""

    item = models.ForeignKey(
        "recommendations_plugin.Item",
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("item"),
    )
    placement = models.CharField(
        _("placement"),
        max_length=60,
        default="home",
        validators=[is_name],
        help_text=_("Where the feed stands: home, sidebar, category, following, explore …"),
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_PLACE)],
        help_text=_("1 is the first card."),
    )
    reason = models.CharField(
        _("reason"),
        max_length=120,
        blank=True,
        help_text=_("Shown on the card; empty says that editors picked it."),
    )

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ["placement", "position", "id"]

    def __str__(self) -> str:
        return str(self.item)


class Experiment(ClusterableModel):
    """A comparison of ways to rank one placement, the first arm being what it is held against."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")

    class Verdict(models.TextChoices):
        BETTER = "better", _("better")
        WORSE = "worse", _("worse")
        GUARDRAIL = "guardrail", _("a guardrail was broken")
        TIME = "time", _("no difference was found in time")
        HAND = "hand", _("stopped by hand")

    name = models.CharField(_("name"), max_length=120)
    placement = models.CharField(
        _("placement"), max_length=60, default="home", validators=[is_name]
    )
    viewers = models.PositiveIntegerField(
        _("viewers expected"),
        default=2000,
        validators=[MinValueValidator(100)],
        help_text=_("In all arms together. Intervals are narrowest around so many."),
    )
    days = models.PositiveSmallIntegerField(
        _("longest duration in days"), default=28, validators=[MinValueValidator(1)]
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    verdict = models.CharField(
        _("verdict"), max_length=10, choices=Verdict.choices, blank=True, editable=False
    )
    #: The arm that decided it.
    decided_by = models.CharField(_("decided by"), max_length=40, blank=True, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    #: What was measured last, as ``events.experiments.measure`` gives it.
    results = models.JSONField(_("results"), default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ["-id"]
        permissions = [("run_experiment", _("Can start and stop experiments"))]
        constraints = [
            models.UniqueConstraint(
                fields=["placement"],
                condition=Q(status="running"),
                name="rec_experiment_one_running",
                violation_error_message=_("Another experiment runs at this placement."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentArm(Orderable):
    """One way to rank: what differs from the site's settings, and the model it uses."""

    experiment = ParentalKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    name = models.CharField(_("name"), max_length=40, validators=[is_name])
    share = models.PositiveSmallIntegerField(
        _("share"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("1 and 1 are halves, 1 and 9 a tenth and the rest."),
    )
    options = models.JSONField(
        _("settings"),
        default=dict,
        blank=True,
        help_text=_('Of the placement, such as {"DIVERSITY": 0.4}; {} changes nothing.'),
    )
    version = models.CharField(
        _("model version"), max_length=64, blank=True, help_text=_("Empty: the active one.")
    )

    class Meta(Orderable.Meta):
        verbose_name = _("arm")
        verbose_name_plural = _("arms")

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What impressions say of it."""
        return f"{self.experiment_id}:{self.name}"

    @property
    def options_text(self) -> str:
        """``options`` as they are written."""
        return json.dumps(self.options) if self.options else ""

    def clean(self) -> None:
        super().clean()
        wrong: list[Any] = [f"{what.strip()}. {hint}" for what, hint in mistakes(self.options)]
        if wrong:
            raise ValidationError({"options": wrong})
