"""What visitors did, and the work on their films: lists to look at."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import (
    BaseColumn,
    BulkActionsCheckboxColumn,
    Column,
    DateColumn,
    TitleColumn,
)
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from .listing import FoundByNames
from .models import Follow, Like, ProcessingStep, Watch
from .templatetags.videos import clock


def _page_of(row: models.Model) -> str:
    return reverse(row.snippet_viewset.get_url_name("inspect"), args=[row.pk])  # type: ignore[attr-defined]


#: Leads to the page of the row.
VIEWER = TitleColumn(
    "viewer",
    label=_("Viewer"),
    accessor=lambda row: row.user or gettext("Somebody without an account"),
    sort_key="user__username",
    get_url=_page_of,
)
VIDEO = Column("video", label=_("Video"), accessor="video.title", sort_key="video__title")


class LookOnly(ModelPermissionPolicy):
    """Whoever may view a table may look; the rows come from visitors, never from a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)


class LookOnlyIndexView(IndexView):
    """A list without boxes to tick: nothing can be done to many rows at once."""

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [of for of in super().columns if not isinstance(of, BulkActionsCheckboxColumn)]


class ActivityIndexView(LookOnlyIndexView, FoundByNames):
    """A list that reads the names beside its rows in the same query."""

    def get_base_queryset(self) -> QuerySet[Any]:
        names = ["user", "creator__user"] if self.model is Follow else ["user", "video"]
        return super().get_base_queryset().select_related(*names)


class ActivityViewSet(SnippetViewSet):
    """A list to look at, and a page for each row."""

    index_view_class = ActivityIndexView
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50


class WatchViewSet(ActivityViewSet):
    model = Watch
    icon = "view"
    list_display = [
        VIEWER,
        VIDEO,
        Column(
            "watch_time",
            label=_("Watched portion"),
            accessor=lambda watch: f"{watch.watch_time:.0%}",
            sort_key="watch_time",
        ),
        Column(
            "watched_duration",
            label=_("Watched for"),
            accessor=lambda watch: clock(watch.watched_duration),
            sort_key="watched_duration",
        ),
        DateColumn("timestamp", label=_("Last watched"), sort_key="timestamp"),
    ]
    list_filter = {"timestamp": ["date__gte", "date__lte"]}
    inspect_view_fields_exclude = ["session", "played"]
    search_fields = ["user__username", "video__title"]


class LikeViewSet(ActivityViewSet):
    model = Like
    icon = "pick"
    list_display = [
        VIEWER,
        VIDEO,
        DateColumn("created_at", label=_("When"), sort_key="created_at"),
    ]
    list_filter = {"created_at": ["date__gte", "date__lte"]}
    search_fields = ["user__username", "video__title"]


class FollowViewSet(ActivityViewSet):
    model = Follow
    icon = "user"
    list_display = [
        VIEWER,
        Column("creator", label=_("Creator"), accessor="creator", sort_key="creator__name"),
        DateColumn("created_at", label=_("When"), sort_key="created_at"),
    ]
    list_filter = {"created_at": ["date__gte", "date__lte"]}
    search_fields = ["user__username", "creator__name"]


class ProcessingViewSet(ActivityViewSet):
    """The work on films: what is being done, what waits, what failed and why."""

    model = ProcessingStep
    icon = "cogs"
    menu_label = _("Processing")
    index_view_class = LookOnlyIndexView
    list_display = [
        Column("media", label=_("Video file"), accessor="media.title", sort_key="media__title"),
        Column("step", label=_("Step"), accessor="get_name_display", sort_key="name"),
        Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
        Column("progress", label=_("Progress"), accessor=lambda step: f"{step.percent} %"),
        Column("attempts", label=_("Tries"), accessor="attempts", sort_key="attempts"),
        Column("error", label=_("What went wrong"), accessor="error"),
        DateColumn("started_at", label=_("Started"), sort_key="started_at"),
        DateColumn("finished_at", label=_("Finished"), sort_key="finished_at"),
    ]
    list_filter = ["state", "name"]
    search_fields = ["media__title"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcessingStep]:
        return ProcessingStep.objects.select_related("media").order_by("-pk")


class ActivityGroup(SnippetViewSetGroup):
    """The menu of what visitors did."""

    items = (WatchViewSet, LikeViewSet, FollowViewSet, ProcessingViewSet)
    menu_label = _("Activity")
    menu_name = "activity"
    menu_icon = "history"
    menu_order = 650
