"""The plugin's tables. SQL is the only source of truth: graph and index are rebuilt from it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .figures import FeedDay, ItemFigures, Summary, TopicFigures
from .steering import EditorialRule, Experiment, ExperimentArm
from .types import ENGAGEMENT_LIKE, ENGAGEMENT_WATCH, Learning
from .wording import FACETS, KINDS, LEARNING, choices

__all__ = [
    "ActiveModel",
    "EditorialRule",
    "Event",
    "Experiment",
    "ExperimentArm",
    "Facet",
    "FeedDay",
    "Following",
    "Impression",
    "Interaction",
    "Item",
    "ItemFigures",
    "LearningChoice",
    "Muting",
    "Summary",
    "TopicFigures",
    "TrainingRun",
    "UserCategoryInterest",
]


class Facet(models.Model):
    """Something items share: a category, parent category, creator or tag."""

    key = models.CharField(_("key"), max_length=190, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=choices(FACETS), db_index=True)
    name = models.CharField(_("name"), max_length=255)

    class Meta:
        verbose_name = _("category, creator or tag")
        verbose_name_plural = _("categories, creators and tags")

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """What the recommender knows of one of the host's objects, and its engagement in figures."""

    key = models.CharField(_("key"), max_length=190, unique=True)
    live = models.BooleanField(_("live"), default=True)
    title = models.CharField(_("title"), max_length=255, blank=True)
    text = models.TextField(_("text"), blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    facets = models.ManyToManyField(Facet, related_name="items", verbose_name=_("facets"))
    #: The keys of ``facets`` by their kind, so that a feed reads them with the item.
    facet_keys = models.JSONField(_("facets, by kind"), default=dict, blank=True)
    version = models.BigIntegerField(_("version"), default=0)
    viewers = models.PositiveIntegerField(_("viewers"), default=0)
    watch_time = models.FloatField(_("watched portions, summed"), default=0)
    likes = models.PositiveIntegerField(_("likes"), default=0)
    engagement = models.GeneratedField(
        expression=ENGAGEMENT_WATCH * F("watch_time") + ENGAGEMENT_LIKE * F("likes"),
        output_field=models.FloatField(),
        db_persist=True,
        verbose_name=_("engagement"),
    )
    #: Engagement that counts the more the newer it is (see ``events.trend``).
    trend = models.FloatField(_("trend"), default=0)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes = [
            models.Index(fields=[order, "-id"], name=f"rec_item_{name}", condition=Q(live=True))
            for name, order in (
                ("popular", "-engagement"),
                ("latest", "-published_at"),
                ("trending", "-trend"),
            )
        ] + [models.Index(fields=["version"], name="rec_item_version")]

    def __str__(self) -> str:
        return self.title or self.key


class Event(models.Model):
    """Something that happened, and until it is in the graph, a row of the outbox."""

    kind = models.CharField(_("kind"), max_length=12, choices=choices(KINDS))
    viewer_key = models.CharField(_("viewer"), max_length=190, blank=True)
    target_key = models.CharField(_("target"), max_length=190, blank=True)
    value = models.FloatField(_("value"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    synced_at = models.DateTimeField(_("synced at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["id"],
                name="rec_event_outbox",
                condition=Q(synced_at__isnull=True, failed_at__isnull=True),
            ),
            models.Index(fields=["viewer_key"], name="rec_event_viewer"),
            models.Index(
                fields=["failed_at"],
                name="rec_event_failed",
                condition=Q(failed_at__isnull=False),
            ),
            models.Index(fields=["synced_at"], name="rec_event_synced"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.viewer_key} {self.target_key}".strip()


class Interaction(models.Model):
    """All that one viewer did with one item; what a feed reads of a viewer's history."""

    viewer_key = models.CharField(_("viewer"), max_length=190)
    item_key = models.CharField(_("item"), max_length=190)
    portion = models.FloatField(_("watched portion"), default=0)
    liked = models.BooleanField(_("liked"), default=False)
    dismissed = models.BooleanField(_("dismissed"), default=False)
    updated_at = models.DateTimeField(_("updated at"))
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(fields=["viewer_key", "item_key"], name="rec_interaction_pair"),
            models.CheckConstraint(
                condition=Q(portion__gte=0, portion__lte=1), name="rec_interaction_portion"
            ),
        ]
        indexes = [
            models.Index(fields=["viewer_key", "-updated_at"], name="rec_interaction_recent"),
            models.Index(fields=["item_key"], name="rec_interaction_item"),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_key} × {self.item_key}"


class UserCategoryInterest(models.Model):
    """How much a viewer cares for a parent category: chosen by them, raised by what they watch."""

    viewer_key = models.CharField(_("viewer"), max_length=190)
    category = models.ForeignKey(
        Facet, on_delete=models.CASCADE, related_name="interests", verbose_name=_("category")
    )
    chosen = models.BooleanField(_("chosen by the viewer"), default=False)
    score = models.FloatField(_("score"), default=0)
    interaction_count = models.PositiveIntegerField(_("interactions"), default=0)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("category interest")
        verbose_name_plural = _("category interests")
        constraints = [
            models.UniqueConstraint(fields=["viewer_key", "category"], name="rec_interest_pair")
        ]

    def __str__(self) -> str:
        return f"{self.viewer_key} → {self.category}"


class Following(models.Model):
    """A viewer follows a creator (or any other facet)."""

    viewer_key = models.CharField(_("viewer"), max_length=190)
    facet = models.ForeignKey(
        Facet, on_delete=models.CASCADE, related_name="followings", verbose_name=_("followed")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("following")
        verbose_name_plural = _("followings")
        constraints = [
            models.UniqueConstraint(fields=["viewer_key", "facet"], name="rec_following_pair")
        ]

    def __str__(self) -> str:
        return f"{self.viewer_key} → {self.facet}"


class Muting(models.Model):
    """A viewer wants nothing of a creator (or any other facet) in their feeds."""

    viewer_key = models.CharField(_("viewer"), max_length=190)
    facet = models.ForeignKey(
        Facet, on_delete=models.CASCADE, related_name="mutings", verbose_name=_("muted")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("muting")
        verbose_name_plural = _("mutings")
        constraints = [
            models.UniqueConstraint(fields=["viewer_key", "facet"], name="rec_muting_pair")
        ]

    def __str__(self) -> str:
        return f"{self.viewer_key} × {self.facet}"


class Impression(models.Model):
    """A recommendation that a viewer really saw, and what came of it."""

    viewer_key = models.CharField(_("viewer"), max_length=190)
    #: Which feed, once made, it stood in.
    feed = models.CharField(_("feed"), max_length=16)
    item_key = models.CharField(_("item"), max_length=190)
    placement = models.CharField(_("placement"), max_length=60)
    position = models.PositiveIntegerField(_("position"))
    version = models.CharField(_("model version"), max_length=64, blank=True)
    step = models.CharField(_("rung of the ladder"), max_length=12, blank=True)
    arm = models.CharField(_("experiment arm"), max_length=60, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds to rank"), default=0)
    #: Of its score, in hundredths (``Trace.parts``).
    parts = models.CharField(_("parts of the score"), max_length=60, blank=True)
    shown_at = models.DateTimeField(_("seen at"))
    followed_at = models.DateTimeField(_("followed at"), null=True, blank=True)
    portion = models.FloatField(_("watched portion"), default=0)
    seconds = models.FloatField(_("watched seconds"), default=0)
    liked = models.BooleanField(_("liked"), default=False)
    dismissed = models.BooleanField(_("dismissed"), default=False)

    class Meta:
        verbose_name = _("impression")
        verbose_name_plural = _("impressions")
        constraints = [
            models.UniqueConstraint(
                fields=["viewer_key", "item_key", "feed"], name="rec_impression_once"
            )
        ]
        indexes = [
            models.Index(fields=["shown_at"], name="rec_impression_age"),
            models.Index(fields=["item_key"], name="rec_impression_item"),
            models.Index(fields=["arm"], name="rec_impression_arm", condition=~Q(arm="")),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_key} saw {self.item_key}"


class LearningChoice(models.Model):
    """Whether a viewer lets the recommender learn from what they do; missing means that it may."""

    viewer_key = models.CharField(_("viewer"), max_length=190, unique=True)
    learning = models.CharField(_("learning"), max_length=10, choices=choices(LEARNING))
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("learning choice")
        verbose_name_plural = _("learning choices")
        indexes = [
            models.Index(
                fields=["viewer_key"],
                name="rec_learning_off",
                condition=Q(learning=Learning.OFF.value),
            )
        ]

    def __str__(self) -> str:
        return f"{self.viewer_key}: {self.learning}"


class TrainingRun(models.Model):
    """One training, from its request to its result."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    created_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    step = models.CharField(_("what is being done"), max_length=100, blank=True)
    progress = models.FloatField(_("share that is done"), default=0)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    data = models.JSONField(_("data size"), default=dict, blank=True)
    metrics = models.JSONField(_("metrics"), default=dict, blank=True)
    version = models.CharField(_("artifact version"), max_length=64, blank=True)
    error = models.TextField(_("error"), blank=True)
    #: Seconds since its start, and what was begun then.
    log = models.JSONField(_("log"), default=list, blank=True)

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering = ["-id"]
        permissions = [
            ("train_model", _("Can start and cancel a training")),
            ("activate_model", _("Can activate a model and go back to the one before")),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs, so that it can be cancelled."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def elapsed(self) -> timedelta | None:
        """How long it runs or ran."""
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at

    @property
    def why(self) -> str:
        """Why it failed or was cancelled; what the plugin says of that, in the active language."""
        return gettext(self.error) if self.error else ""

    def __str__(self) -> str:
        return self.version or f"#{self.pk}"


class ActiveModel(models.Model):
    """The one row that says which artifact version is served, which was before it, and how feeds
    are steered: ``rules`` is another text whenever a pin or an experiment changes.
    """

    version = models.CharField(_("version"), max_length=64)
    previous = models.CharField(_("previous version"), max_length=64, blank=True)
    activated_at = models.DateTimeField(_("activated at"), auto_now=True)
    rules = models.CharField(_("state of pins and experiments"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("active model")
        verbose_name_plural = _("active models")

    def __str__(self) -> str:
        return self.version
