"""The tables that dashboards and reports read: summed up by a task, a page counts nothing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedDay(models.Model):
    """What came of a day's recommendations (UTC), and how they were spread."""

    day = models.DateField(_("day"), unique=True)
    seen = models.PositiveIntegerField(_("seen"), default=0)
    followed = models.PositiveIntegerField(_("followed"), default=0)
    dismissed = models.PositiveIntegerField(_("dismissed"), default=0)
    seconds = models.FloatField(_("watched seconds"), default=0)
    #: Different items that were seen, and how many the catalogue had.
    items = models.PositiveIntegerField(_("items seen"), default=0)
    catalogue = models.PositiveIntegerField(_("items in the catalogue"), default=0)
    #: How many of what was seen were by creators new to the catalogue.
    by_new_creators = models.PositiveIntegerField(_("seen of new creators"), default=0)
    #: Share of what was seen that the most shown tenth of the creators got.
    concentration = models.FloatField(_("share of the most shown creators"), default=0)

    class Meta:
        verbose_name = _("day of feeds")
        verbose_name_plural = _("days of feeds")
        ordering = ["-day"]
        default_permissions = ()
        permissions = [("view_dashboard", _("Can see the dashboard and the reports"))]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class ItemFigures(models.Model):
    """What came of an item's impressions lately; no row where it was never seen."""

    item = models.OneToOneField(
        "recommendations_plugin.Item",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="figures",
        verbose_name=_("item"),
    )
    seen = models.PositiveIntegerField(_("seen"))
    followed = models.PositiveIntegerField(_("followed"))
    dismissed = models.PositiveIntegerField(_("dismissed"))
    seconds = models.FloatField(_("watched seconds"))

    class Meta:
        verbose_name = _("figures of an item")
        verbose_name_plural = _("figures of items")
        default_permissions = ()
        indexes = [
            models.Index(fields=["-seen"], name="rec_figures_seen"),
            models.Index(fields=["-dismissed"], name="rec_figures_dismissed"),
        ]

    def __str__(self) -> str:
        return str(self.item_id)


class TopicFigures(models.Model):
    """How much of a category there is, and how much of it people want."""

    facet = models.OneToOneField(
        "recommendations_plugin.Facet",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="figures",
        verbose_name=_("topic"),
    )
    items = models.PositiveIntegerField(_("items"))
    engagement = models.FloatField(_("engagement"))
    #: Its share of all engagement over its share of all items: above 1 there is too little of it.
    demand = models.FloatField(_("demand per supply"))

    class Meta:
        verbose_name = _("figures of a topic")
        verbose_name_plural = _("figures of topics")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.facet_id)


class Summary(models.Model):
    """Something else that was summed up, under its name; see ``events.summaries``."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    value = models.JSONField(_("value"))
    made_at = models.DateTimeField(_("summed up at"), auto_now=True)

    class Meta:
        verbose_name = _("summary")
        verbose_name_plural = _("summaries")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
