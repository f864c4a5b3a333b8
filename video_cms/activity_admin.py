"""What visitors did, and the work on their films: lists to look at."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from .listing import FoundByNames
from .models import Follow, Like, ProcessingStep, Watch

VIEWER = Column("viewer", label=_("Viewer"), accessor="user", sort_key="user__username")
VIDEO = Column("video", label=_("Video"), accessor="video.title", sort_key="video__title")


class LookOnly(ModelPermissionPolicy):
    """Whoever may view a table may look; the rows come from visitors, never from a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)


class ActivityIndexView(FoundByNames):
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
        "__str__",
        VIEWER,
        VIDEO,
        "watch_time",
        "watched_duration",
        "timestamp",
    ]
    list_filter = {"timestamp": ["date__gte", "date__lte"]}
    search_fields = ["user__username", "video__title"]


class LikeViewSet(ActivityViewSet):
    model = Like
    icon = "pick"
    list_display = [
        "__str__",
        VIEWER,
        VIDEO,
        "created_at",
    ]
    list_filter = {"created_at": ["date__gte", "date__lte"]}
    search_fields = ["user__username", "video__title"]


class FollowViewSet(ActivityViewSet):
    model = Follow
    icon = "user"
    list_display = [
        "__str__",
        VIEWER,
        Column("creator", label=_("Creator"), accessor="creator", sort_key="creator__name"),
        "created_at",
    ]
    list_filter = {"created_at": ["date__gte", "date__lte"]}
    search_fields = ["user__username", "creator__name"]


class ProcessingViewSet(ActivityViewSet):
    """The work on films: what is being done, what waits, what failed and why."""

    model = ProcessingStep
    icon = "cogs"
    menu_label = _("Processing")
    index_view_class = IndexView
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
