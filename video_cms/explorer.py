"""The list of all videos in the admin: its columns, filters, search and export."""

from __future__ import annotations

from collections.abc import Collection, Set
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, ModelMultipleChoiceFilter
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.admin.widgets import BooleanRadioSelect
from wagtail.admin.widgets.button import ButtonWithDropdownFromHook
from wagtail.images.models import AbstractRendition
from wagtail.images.shortcuts import get_rendition_or_not_found
from wagtail.permission_policies.pages import PagePermissionPolicy

from .finding.search import words_of
from .listing import OrderedFirst
from .models import Category, CreatorProfile, ParentCategory, Picture, VideoPage
from .models.pages import VideoPageQuerySet
from .templatetags.videos import clock

#: Which videos are in which categories. Counting reads these tables alone.
SORTED, FURTHER = (
    VideoPage.categories.through.objects,
    VideoPage.additional_parent_categories.through.objects,
)


#: How small pictures are cut.
SMALL = "fill-96x54|format-webp"


def small_pictures(pictures: Set[int]) -> dict[int, AbstractRendition]:
    """Return the small ones of some pictures, in one query; what is missing is made."""
    made = Picture.get_rendition_model().objects.filter(image__in=pictures, filter_spec=SMALL)
    found = {rendition.image_id: rendition for rendition in made.order_by("pk")}
    for picture in Picture.objects.filter(pk__in=pictures - found.keys()):
        found[picture.pk] = get_rendition_or_not_found(picture, SMALL)
    return found


class ThumbnailColumn(Column):
    """A small picture of the video."""

    def get_value(self, instance: VideoPage) -> str:
        small = instance.small_picture
        image = '<img src="{}" width="96" height="54" alt="" loading="lazy">'
        return format_html(image, small.url) if small else ""


class VideoTitleColumn(PageTitleColumn):
    """The title and its menu, in fewer templates than Wagtail's: most of a list's time is here."""

    cell_template_name = "video_cms/admin/video_title_cell.html"

    def get_cell_context_data(self, instance: VideoPage, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        menu = ButtonWithDropdownFromHook(
            "",
            hook_name="register_page_listing_more_buttons",
            page=instance,
            user=context["request"].user,
            next_url=context["actions_next_url"],
        )
        title = {"title": instance.get_admin_display_title()}
        label = gettext("More options for '%(title)s'") % title
        return {**context, "buttons": sorted(menu.dropdown_buttons), "menu_label": label}


class VideoFilterSet(WagtailFilterSet):
    """The questions editors ask of a list of videos."""

    parent_category = ModelMultipleChoiceFilter(
        queryset=ParentCategory.objects.all(),
        label=_("Parent category"),
        widget=CheckboxSelectMultiple,
        method="in_parents",
    )
    categories = ModelMultipleChoiceFilter(
        queryset=Category.objects.all(),
        label=_("Category"),
        widget=CheckboxSelectMultiple,
        method="in_categories",
    )

    creator = CharFilter(
        label=_("Creator"), method="by_creator", max_length=80, help_text=_("A part of the name.")
    )

    deleted = BooleanFilter(
        label=_("Deleted by its creator"),
        field_name="deleted_at",
        lookup_expr="isnull",
        exclude=True,
        widget=BooleanRadioSelect,
    )

    class Meta:
        model = VideoPage
        fields = ["visibility", "is_premium", "live"]

    def by_creator(self, videos: QuerySet[VideoPage], name: str, value: str) -> QuerySet[VideoPage]:
        named = Q(name__icontains=value) | Q(user__username__icontains=value)
        return videos.filter(creator__in=CreatorProfile.objects.filter(named))

    # Not by joins: each video once, without comparing all that is read of it.

    def in_categories(
        self, videos: QuerySet[VideoPage], name: str, value: Collection[Category]
    ) -> QuerySet[VideoPage]:
        found = SORTED.filter(category__in=value).values("videopage")
        return videos.filter(pk__in=found) if value else videos

    def in_parents(
        self, videos: QuerySet[VideoPage], name: str, value: Collection[ParentCategory]
    ) -> QuerySet[VideoPage]:
        by_category = SORTED.filter(category__parent__in=value).values("videopage")
        further = FURTHER.filter(parentcategory__in=value).values("videopage")
        return videos.filter(Q(pk__in=by_category) | Q(pk__in=further)) if value else videos


class VideoIndexView(OrderedFirst, IndexView):
    """All videos, wherever they are in the tree."""

    base_filterset_class = VideoFilterSet

    def get_base_queryset(self) -> VideoPageQuerySet:
        return self._exported(
            PagePermissionPolicy(VideoPage).explorable_instances(self.request.user)
        )

    def _exported(self, videos: VideoPageQuerySet) -> VideoPageQuerySet:
        """Read what a spreadsheet tells of all rows, which is not read by pages, with them."""
        return videos.select_related("creator__user", "media") if self.is_export else videos

    def get_valid_orderings(self) -> list[str]:
        orderings = super().get_valid_orderings()
        if not self.is_searching:
            return orderings
        known = {field.field_name for field in VideoPage.get_filterable_search_fields()}
        return [ordering for ordering in orderings if ordering.removeprefix("-") in known]

    def search_queryset(self, videos: VideoPageQuerySet) -> Any:
        """Find all words wherever they stand, captions among them, else the start of titles."""
        if not self.is_searching:
            return videos
        words, by_relevance = words_of(self.search_query), not self.ordering
        among = self._exported(VideoPage.objects.filter(pk__in=videos.order_by().values("pk")))
        among = among if by_relevance else among.order_by(self.ordering)
        found = among.search(words, order_by_relevance=by_relevance)
        return (
            found if found.count() else among.autocomplete(words, order_by_relevance=by_relevance)
        )

    def shown(self, rows: QuerySet[VideoPage]) -> list[VideoPage]:
        # By names: asking for specific pages drops ``select_related``.
        named = rows.annotate(
            shown_creator=Coalesce(NullIf("creator__name", Value("")), "creator__user__username"),
            shown_seconds=Coalesce("media__duration", 0.0),
            shown_picture=Coalesce("thumbnail", "media__poster"),
        )
        videos = list(self.annotate_queryset(named))
        found = small_pictures({video.shown_picture for video in videos} - {None})
        for video in videos:
            video.small_picture = found.get(video.shown_picture)
        return videos


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
        VideoTitleColumn("title", label=_("Title"), sort_key="title", width="30%"),
        Column("creator", label=_("Creator"), accessor="shown_creator", sort_key="creator__name"),
        Column("duration", label=_("Length"), accessor=lambda page: clock(page.shown_seconds)),
        Column(
            "visibility",
            label=_("Visibility"),
            accessor=lambda page: page.get_visibility_display(),
            sort_key="visibility",
        ),
        NumberColumn("views", label=_("Views"), sort_key="views"),
        NumberColumn("likes", label=_("Likes"), sort_key="likes"),
        PageStatusColumn("status", label=_("Status"), sort_key="live"),
        DateColumn(
            "latest_revision_created_at", label=_("Updated"), sort_key="latest_revision_created_at"
        ),
    ]
