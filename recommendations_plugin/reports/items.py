"""Reports on items and topics: what nobody is shown, what is shown too often, what is wanted."""

from __future__ import annotations

from datetime import timedelta

import django_filters
from django.db.models import Avg, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn

from ..models import Item, ItemFigures, TopicFigures
from ..tables import figure
from .base import Report, edit_url, percent

#: Items younger than this may not have been found yet.
YOUNG = timedelta(days=7)
#: Times the average impressions of an item from which it counts as over-exposed.
OFTEN = 5


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
