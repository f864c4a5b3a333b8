"""Reports on what feeds show and what becomes of it, with filters, as lists and spreadsheets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Avg, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import AbstractPage

from . import registry, wording
from .events import experiments
from .lists import names_of, viewer_words
from .models import Event, Experiment, ExperimentArm, Item, ItemFigures, TopicFigures
from .panels import may_see
from .tables import figure

#: Items younger than this may not have been found yet.
YOUNG = timedelta(days=7)
#: Times the average impressions of an item from which it counts as over-exposed.
OFTEN = 5


def edit_url(key: str) -> str | None:
    """Return where an item is edited, if its type is edited in the admin."""
    adapter = registry.adapter_for(key)
    if adapter is None:
        return None
    pk = key.rpartition(":")[2]
    if issubclass(adapter.model, AbstractPage):
        return reverse("wagtailadmin_pages:edit", args=[pk])
    viewset = getattr(adapter.model, "snippet_viewset", None)
    try:
        return reverse(viewset.get_url_name("edit"), args=[pk]) if viewset else None
    except NoReverseMatch:
        return None


def percent(part: str, whole: str) -> Any:
    """Return what reads a share of two fields of a row, in words."""
    return lambda row: f"{figure(100 * getattr(row, part) / max(1, getattr(row, whole)), 1)} %"


def plain(value: str) -> str:
    """Return a text that spreadsheets take for no formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


class ReportMenuItem(MenuItem):
    """Shown to whoever may see the dashboard."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see(request)


class Report(ReportView):
    """A list for whoever may see the dashboard; ``slug`` names its addresses."""

    slug = ""
    is_searchable = False
    header_icon = "crosshairs"
    custom_value_preprocess = {**ReportView.custom_value_preprocess, str: {"csv": plain}}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_see(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def menu_item(cls) -> ReportMenuItem:
        """Return its entry in the menu of reports."""
        return ReportMenuItem(
            cls.page_title,
            reverse(f"recommendations_{cls.slug}"),
            name=f"recommendations-{cls.slug}",
            icon_name="crosshairs",
            order=100,
        )

    def get_filename(self) -> str:
        return f"recommendations-{self.slug}-{timezone.now():%Y-%m-%d}"

    def get_filtered_queryset(self) -> Any:
        return self.get_queryset()  # which filters already

    @property
    def index_url_name(self) -> str:
        return f"recommendations_{self.slug}"

    @property
    def index_results_url_name(self) -> str:
        return f"recommendations_{self.slug}_results"


# --- items --------------------------------------------------------------------------------------


class ItemFilterSet(WagtailFilterSet):
    """Finds items by words of the title and the day they were published."""

    title = django_filters.CharFilter(
        label=_("Title"), lookup_expr="icontains", field_name="title", max_length=100
    )
    published_at = django_filters.DateFromToRangeFilter(
        label=_("Published"), field_name="published_at", widget=DateRangePickerWidget
    )

    class Meta:
        model = Item
        fields: list[str] = []


class FiguresFilterSet(WagtailFilterSet):
    """The same of the figures of items."""

    title = django_filters.CharFilter(
        label=_("Title"), lookup_expr="icontains", field_name="item__title", max_length=100
    )
    published_at = django_filters.DateFromToRangeFilter(
        label=_("Published"), field_name="item__published_at", widget=DateRangePickerWidget
    )

    class Meta:
        model = ItemFigures
        fields: list[str] = []


class OrphansReport(Report):
    """Live items that nobody was shown lately."""

    slug = "orphans"
    page_title = _("Never recommended")
    verbose_name_plural = _("items that nobody was shown in the last 30 days")
    filterset_class = ItemFilterSet
    default_ordering = "-published_at"
    columns = [
        TitleColumn("title", label=_("Item"), get_url=lambda item: edit_url(item.key)),
        DateColumn("published_at", label=_("Published"), sort_key="published_at"),
        NumberColumn("viewers", label=_("Viewers")),
        NumberColumn("likes", label=_("Likes")),
    ]
    list_export = ["key", "title", "published_at", "viewers", "likes"]

    def get_base_queryset(self) -> QuerySet[Item]:
        known = Item.objects.filter(live=True, published_at__lt=timezone.now() - YOUNG)
        return known.filter(figures=None).defer("text", "facet_keys")


class FiguresReport(Report):
    """A report of items by what came of their impressions in the last 30 days."""

    filterset_class = FiguresFilterSet
    columns = [
        TitleColumn(
            "item", label=_("Item"), accessor="item.title", get_url=lambda of: edit_url(of.item.key)
        ),
        NumberColumn("seen", label=_("Impressions"), sort_key="seen"),
        Column("follow_rate", label=_("Followed"), accessor=percent("followed", "seen")),
        NumberColumn("dismissed", label=_("Dismissed"), sort_key="dismissed"),
        Column("dismissal_rate", label=_("Dismissal rate"), accessor=percent("dismissed", "seen")),
    ]
    list_export = ["item.key", "item.title", "seen", "followed", "dismissed", "seconds"]
    export_headings = {"item.key": _("Key"), "item.title": _("Title")}

    def get_base_queryset(self) -> QuerySet[ItemFigures]:
        figures = ItemFigures.objects.select_related("item")
        return figures.defer("item__text", "item__facet_keys")


class OverExposedReport(FiguresReport):
    """Items that are shown far more often than others."""

    slug = "exposure"
    page_title = _("Over-exposed")
    verbose_name_plural = _("items that are shown five times as often as the average")
    default_ordering = "-seen"

    def get_base_queryset(self) -> QuerySet[ItemFigures]:
        average = ItemFigures.objects.aggregate(seen=Avg("seen"))["seen"] or 0
        return super().get_base_queryset().filter(seen__gte=max(1, OFTEN * average))


class DismissedReport(FiguresReport):
    """Items that viewers do not want to see again."""

    slug = "dismissed"
    page_title = _("Dismissed most")
    verbose_name_plural = _("items that were dismissed in the last 30 days")
    default_ordering = "-dismissed"

    def get_base_queryset(self) -> QuerySet[ItemFigures]:
        return super().get_base_queryset().filter(dismissed__gt=0)


# --- topics -------------------------------------------------------------------------------------


class TopicFilterSet(WagtailFilterSet):
    """Finds topics by their name, and those with few items."""

    name = django_filters.CharFilter(
        label=_("Name"), lookup_expr="icontains", field_name="facet__name", max_length=100
    )
    items = django_filters.NumberFilter(
        label=_("At most so many items"),
        lookup_expr="lte",
        field_name="items",
        min_value=0,
        max_value=2**31 - 1,
    )

    class Meta:
        model = TopicFigures
        fields: list[str] = []


class TopicsReport(Report):
    """Categories that people want more of than there is."""

    slug = "topics"
    page_title = _("Wanted topics")
    verbose_name_plural = _("topics")
    filterset_class = TopicFilterSet
    default_ordering = "-demand"
    columns = [
        Column("facet", label=_("Topic"), accessor="facet.name", sort_key="facet__name"),
        NumberColumn("items", label=_("Items"), sort_key="items"),
        Column(
            "demand",
            label=_("Demand per supply"),
            accessor=lambda of: figure(of.demand, 2),
            sort_key="demand",
        ),
        Column(
            "engagement",
            label=_("Engagement"),
            accessor=lambda of: figure(of.engagement, 0),
            sort_key="engagement",
        ),
    ]
    list_export = ["facet.key", "facet.name", "items", "demand", "engagement"]
    export_headings = {"facet.key": _("Key"), "facet.name": _("Topic")}

    def get_base_queryset(self) -> QuerySet[TopicFigures]:
        return TopicFigures.objects.select_related("facet")


# --- events and experiments ---------------------------------------------------------------------


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
        names = names_of(event.target_key for event in events)
        for event in events:
            event.about = names.get(event.target_key, event.target_key)
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


REPORTS = (
    OrphansReport,
    TopicsReport,
    OverExposedReport,
    DismissedReport,
    DeadLettersReport,
    ExperimentsReport,
)


def urls() -> list[URLPattern]:
    """Return the addresses of the reports."""
    return [
        path(
            f"reports/recommendations/{report.slug}/{'results/' if results else ''}",
            report.as_view(results_only=results),
            name=f"recommendations_{report.slug}{'_results' if results else ''}",
        )
        for report in REPORTS
        for results in (False, True)
    ]
