"""The tables by which editors and operators steer feeds: editorial rules and experiments."""

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
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    RevisionMixin,
    WorkflowMixin,
)

from .placements import NAME, mistakes

#: Last place that something may be pinned to.
LAST_PLACE = 100

is_name = RegexValidator(NAME, _("Use lower-case letters, digits, “-” and “_”."))


class EditorialRule(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model):
    """What editors say of feeds, from its publication to its expiry.

    It speaks of one item, or of all that share a facet: a category, a creator, a tag.
    """

    class Kind(models.TextChoices):
        PIN = "pin", _("Pin")
        BOOST = "boost", _("Boost")
        BURY = "bury", _("Bury")
        EXCLUDE = "exclude", _("Exclude")

    class Strength(models.IntegerChoices):
        """In hundredths of the weight that rules have (``WEIGHTS["rule"]``)."""

        A_LITTLE = 25, _("a little")
        CLEARLY = 50, _("clearly")
        STRONGLY = 100, _("strongly")

    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.PIN,
        help_text=_(
            "Pin: at a place of a feed. Boost, bury: higher or lower than it would come by "
            "itself. Exclude: not in the feed at all."
        ),
    )
    item = models.ForeignKey(
        "recommendations_plugin.Item",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item"),
    )
    facet = models.ForeignKey(
        "recommendations_plugin.Facet",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category, creator or tag"),
        help_text=_("Instead of an item: all that belongs to it."),
    )
    #: Names of placements with commas between them; empty: every one.
    placement = models.CharField(
        _("placements"),
        max_length=400,
        default="home",
        blank=True,
        help_text=_("Where the feed stands. None chosen: everywhere."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_PLACE)],
        help_text=_("Of a pin; 1 is the first card."),
    )
    strength = models.PositiveSmallIntegerField(
        _("strength"),
        choices=Strength.choices,
        default=Strength.CLEARLY,
        help_text=_("Of boosting and burying."),
    )
    reason = models.CharField(
        _("reason"),
        max_length=120,
        blank=True,
        help_text=_("A pin's is shown on its card; else it tells your colleagues why."),
    )

    class Meta:
        verbose_name = _("editorial rule")
        verbose_name_plural = _("editorial rules")
        ordering = ["placement", "position", "id"]
        permissions = [
            ("inspect_feed", _("Can inspect feeds")),
            ("inspect_viewer", _("Can inspect the feeds of people by name")),
        ]

    def __str__(self) -> str:
        about = self.item or self.facet or "–"
        if self.kind == self.Kind.PIN:
            words = _("Pin “%(about)s” at %(position)d")
            return words % {"about": about, "position": self.position}
        return f"{self.get_kind_display()} “{about}”"

    @property
    def placements(self) -> frozenset[str]:
        """The names of the placements; none: every one."""
        return frozenset(filter(None, self.placement.split(",")))

    @property
    def approved_schedule(self) -> bool:
        """Whether it waits for its time; a list may have read that already."""
        if hasattr(self, "scheduled_revisions"):
            return bool(self.scheduled_revisions)
        return self.scheduled_revision is not None

    def clean(self) -> None:
        super().clean()
        if self.item_id and self.facet_id:
            raise ValidationError(
                {"facet": _("Choose an item, or a category, creator or tag; not both.")}
            )
        if self.kind == self.Kind.PIN and not self.item_id:
            raise ValidationError({"item": _("Choose the item to pin.")})
        if not self.item_id and not self.facet_id:
            raise ValidationError({"item": _("Choose an item, or a category, creator or tag.")})


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
