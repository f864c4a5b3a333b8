"""Reports on events that were given up, and on what came of experiments."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn

from .. import wording
from ..events import experiments
from ..lists import tell_about, viewer_words
from ..models import Event, Experiment, ExperimentArm
from ..tables import figure
from .base import Report


class DeadLettersFilterSet(WagtailFilterSet):
    class Meta:
        model = Event
        fields = ["kind"]


class DeadLettersReport(Report):
    """Events that the graph refused at every try."""

    slug = "dead_letters"
    page_title = _("Events given up")
    verbose_name_plural = _("events that were given up")
    filterset_class = DeadLettersFilterSet
    default_ordering = "-failed_at"
    columns = [
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        Column("viewer", label=_("Viewer"), accessor=viewer_words),
        Column("about", label=_("Target")),
        NumberColumn("attempts", label=_("Tries")),
        Column("error", label=_("Error")),
        DateColumn("failed_at", label=_("Given up"), sort_key="failed_at"),
    ]
    list_export = ["id", "kind", "viewer_key", "target_key", "attempts", "error", "failed_at"]

    def get_base_queryset(self) -> QuerySet[Event]:
        return Event.objects.filter(failed_at__isnull=False)

    def decorate_paginated_queryset(self, object_list: Any) -> list[Event]:
        """Give each event the name of what it is about."""
        events = list(object_list)
        tell_about(events, "target_key")
        return events


class ExperimentFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(
        label=_("Status"), field_name="experiment__status", choices=Experiment.Status.choices
    )

    class Meta:
        model = ExperimentArm
        fields: list[str] = []


class ExperimentsReport(Report):
    """What was measured of each experiment's arms."""

    slug = "experiments"
    page_title = _("Experiment results")
    verbose_name_plural = _("results")
    filterset_class = ExperimentFilterSet
    columns = [
        TitleColumn(
            "experiment",
            label=_("Experiment"),
            get_url=lambda arm: reverse(
                "wagtailsnippets_recommendations_plugin_experiment:inspect",
                args=[arm.experiment_id],
            ),
        ),
        Column(
            "placement",
            label=_("Placement"),
            accessor=lambda arm: wording.placement(arm.experiment.placement),
        ),
        Column("name", label=_("Arm")),
        Column("status", label=_("Status"), accessor="experiment.get_status_display"),
        Column("verdict", label=_("Verdict"), accessor="experiment.get_verdict_display"),
        Column("viewers", label=_("Viewers"), accessor="measured.viewers"),
        Column("seconds", label=_("Seconds per impression"), accessor="measured.seconds"),
        Column("interval", label=_("Difference, 95 %"), accessor="measured.interval"),
    ]
    export_headings = {
        "experiment.name": _("Experiment"),
        "experiment.placement": _("Placement"),
        "name": _("Arm"),
        "experiment.get_status_display": _("Status"),
        "experiment.get_verdict_display": _("Verdict"),
        "measured.viewers": _("Viewers"),
        "measured.impressions": _("Impressions"),
        "measured.seconds": _("Seconds per impression"),
        "measured.interval": _("Difference, 95 %"),
    }
    list_export = list(export_headings)

    def get_base_queryset(self) -> QuerySet[ExperimentArm]:
        arms = ExperimentArm.objects.select_related("experiment")
        return arms.exclude(experiment__status=Experiment.Status.DRAFT).order_by(
            "-experiment", "sort_order"
        )

    def decorate_paginated_queryset(self, object_list: Any) -> list[ExperimentArm]:
        """Give each arm its figures, as they were measured last."""
        arms = list(object_list)
        for arm in arms:
            rows = {row["name"]: row for row in arm.experiment.results.get("arms", [])}
            arm.measured = _measured(rows.get(arm.name))
        return arms


def _measured(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return dict.fromkeys(("viewers", "impressions", "seconds", "interval"), "")
    seconds = row[experiments.DECIDES]
    known = seconds["low"] is not None
    return {
        "viewers": row["viewers"],
        "impressions": row["impressions"],
        "seconds": figure(seconds["value"], 3),
        "interval": _interval(seconds) if known else "",
    }


def _interval(of: dict[str, Any]) -> str:
    words = {"low": figure(of["low"], 3), "high": figure(of["high"], 3)}
    return gettext("%(low)s to %(high)s") % words
