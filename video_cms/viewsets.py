"""What editors manage: the catalogue; and what they may look at: what visitors did."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ModelMultipleChoiceFilter
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, NumberColumn, StatusTagColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.images.shortcuts import get_rendition_or_not_found
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView as SnippetIndexView
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .importing.admin import ImportRunViewSet
from .models import (
    Category,
    CreatorProfile,
    Follow,
    Like,
    ParentCategory,
    ProcessingStep,
    VideoPage,
    Watch,
)
from .templatetags.videos import clock

# --- columns ----------------------------------------------------------------------------------


class ThumbnailColumn(Column):
    """A small picture of the video."""

    def get_value(self, instance: VideoPage) -> str:
        if not instance.poster:
            return ""
        rendition = get_rendition_or_not_found(instance.poster, "fill-96x54|format-webp")
        return format_html(
            '<img src="{}" width="96" height="54" alt="" loading="lazy">', rendition.url
        )


def videos_of(category_field: str) -> Coalesce:
    """Return how many videos are in a category, a parent category or by a creator."""
    videos = VideoPage.objects.filter(**{category_field: OuterRef("pk")}).order_by()
    number = videos.values(category_field).annotate(n=Count("pk", distinct=True)).values("n")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


VIDEOS = NumberColumn("video_count", label=_("Videos"), sort_key="video_count")

# --- the catalogue ----------------------------------------------------------------------------


class CountedIndexView(SnippetIndexView):
    """A list whose rows say how many videos they have."""

    videos_by = ""

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().annotate(video_count=videos_of(self.videos_by))


class ParentCategoryIndexView(CountedIndexView):
    videos_by = "categories__parent"


class CategoryIndexView(SnippetIndexView):
    """Categories with how many videos they have, counted in the table of links alone."""

    def get_base_queryset(self) -> QuerySet[Category]:
        links = VideoPage.categories.through.objects.filter(category=OuterRef("pk")).order_by()
        number = links.values("category").annotate(n=Count("pk")).values("n")
        counted = Coalesce(Subquery(number, output_field=IntegerField()), 0)
        return super().get_base_queryset().select_related("parent").annotate(video_count=counted)


class CreatorIndexView(CountedIndexView):
    videos_by = "creator"

    def get_base_queryset(self) -> QuerySet[CreatorProfile]:
        return super().get_base_queryset().select_related("user")


class CatalogueViewSet(SnippetViewSet):
    """Reached from the “Catalogue” menu instead of “Snippets”."""

    copy_view_enabled = False
    list_per_page = 50


class ParentCategoryViewSet(CatalogueViewSet):
    model = ParentCategory
    icon = "folder-open-inverse"
    index_view_class = ParentCategoryIndexView
    list_display = ["name", "icon", VIDEOS, "updated_at"]
    list_filter = {"name": ["icontains"]}
    ordering = ["name"]


class CategoryViewSet(CatalogueViewSet):
    model = Category
    icon = "folder-inverse"
    index_view_class = CategoryIndexView
    list_display = ["name", "parent", "icon", VIDEOS, "updated_at"]
    list_filter = ["parent"]
    ordering = ["name"]


class CreatorViewSet(CatalogueViewSet):
    model = CreatorProfile
    icon = "user"
    index_view_class = CreatorIndexView
    list_display = [
        "__str__",
        Column("account", label=_("Account"), accessor="user.username", sort_key="user__username"),
        BooleanColumn("verified", label=_("Verified"), sort_key="verified"),
        StatusTagColumn(
            "standing",
            label=_("Standing"),
            accessor=lambda profile: profile.get_standing_display(),
            primary=lambda profile: not profile.suspended,
            sort_key="standing",
        ),
        VIDEOS,
        "updated_at",
    ]
    list_filter = ["verified", "standing"]
    search_fields = ["name", "bio", "user__username"]
    search_backend_name = None  # in the database, so that a user name is found by its first letters
    ordering = ["-updated_at"]


class VideoFilterSet(WagtailFilterSet):
    """The questions editors ask of a list of videos."""

    parent_category = ModelMultipleChoiceFilter(
        field_name="categories__parent",
        queryset=ParentCategory.objects.all(),
        label=_("Parent category"),
        widget=CheckboxSelectMultiple,
        distinct=True,
    )
    categories = ModelMultipleChoiceFilter(
        queryset=Category.objects.all(),
        label=_("Category"),
        widget=CheckboxSelectMultiple,
        distinct=True,
    )

    creator = CharFilter(
        label=_("Creator"), method="by_creator", max_length=80, help_text=_("A part of the name.")
    )

    class Meta:
        model = VideoPage
        fields = ["visibility", "is_premium", "live"]

    def by_creator(self, videos: QuerySet[VideoPage], name: str, value: str) -> QuerySet[VideoPage]:
        named = Q(creator__name__icontains=value)
        return videos.filter(named | Q(creator__user__username__icontains=value))


class VideoIndexView(IndexView):
    """All videos, wherever they are in the tree."""

    base_filterset_class = VideoFilterSet

    def annotate_queryset(self, pages: QuerySet[VideoPage]) -> QuerySet[VideoPage]:
        # Not ``for_cards()``: asking for specific pages drops ``select_related``.
        return (
            super()
            .annotate_queryset(pages)
            .prefetch_related("creator__user", "thumbnail__renditions", "media__poster__renditions")
        )


class VideoMenuItem(MenuItem):
    """Leads those to the list who may open it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(user_has_any_page_permission(request.user))


class VideoViewSet(PageListingViewSet):
    """The list of videos, and a shortcut to a new one."""

    model = VideoPage
    menu_item_class = VideoMenuItem
    icon = "media"
    name = "videos"
    menu_label = _("Videos")
    index_view_class = VideoIndexView
    list_export = [
        "video_id",
        "title",
        "description",
        "creator.user.username",
        "visibility",
        "live",
        "duration",
        "views",
        "likes",
        "first_published_at",
    ]
    export_headings = {"creator.user.username": _("Creator"), "duration": _("Seconds")}
    export_filename = "videos"
    filterset_class = VideoFilterSet
    columns = [
        BulkActionsColumn("bulk_actions"),
        ThumbnailColumn("thumbnail", label=_("Picture")),
        PageTitleColumn("title", label=_("Title"), sort_key="title", classname="title"),
        Column("creator", label=_("Creator"), sort_key="creator__name"),
        Column("duration", label=_("Length"), accessor=lambda page: clock(page.duration)),
        Column(
            "visibility",
            label=_("Visibility"),
            accessor=lambda page: page.get_visibility_display(),
            sort_key="visibility",
        ),
        NumberColumn("views", label=_("Views"), sort_key="views"),
        NumberColumn("likes", label=_("Likes"), sort_key="likes"),
        PageStatusColumn("status", label=_("Status"), sort_key="live"),
        DateColumn("deleted_at", label=_("Deleted by its creator"), sort_key="deleted_at"),
        DateColumn(
            "latest_revision_created_at", label=_("Updated"), sort_key="latest_revision_created_at"
        ),
    ]


class CatalogueGroup(SnippetViewSetGroup):
    """The menu of what the site shows."""

    items = (
        VideoViewSet,
        ParentCategoryViewSet,
        CategoryViewSet,
        CreatorViewSet,
        ImportRunViewSet,
    )
    menu_label = _("Catalogue")
    menu_name = "catalogue"
    menu_icon = "media"
    menu_order = 150


# --- what visitors did ------------------------------------------------------------------------


class LookOnly(ModelPermissionPolicy):
    """Whoever may view a table may look; the rows come from visitors, never from a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class ActivityIndexView(SnippetIndexView):
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
        Column("viewer", label=_("Viewer"), accessor="user", sort_key="user__username"),
        Column("video", label=_("Video"), accessor="video.title", sort_key="video__title"),
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
        Column("viewer", label=_("Viewer"), accessor="user", sort_key="user__username"),
        Column("video", label=_("Video"), accessor="video.title", sort_key="video__title"),
        "created_at",
    ]
    list_filter = {"created_at": ["date__gte", "date__lte"]}
    search_fields = ["user__username", "video__title"]


class FollowViewSet(ActivityViewSet):
    model = Follow
    icon = "user"
    list_display = [
        "__str__",
        Column("viewer", label=_("Viewer"), accessor="user", sort_key="user__username"),
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
    index_view_class = SnippetIndexView
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
