"""What editors manage: categories, creators, and the menu of the catalogue."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import (
    BooleanColumn,
    Column,
    DateColumn,
    NumberColumn,
    StatusTagColumn,
)
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from .explorer import FURTHER, SORTED, VideoViewSet
from .importing.admin import ImportRunViewSet
from .listing import OrderedFirst
from .models import Category, CreatorProfile, ParentCategory, VideoPage


def number_of(rows: QuerySet[Any], by: str) -> Coalesce:
    """Return how many different videos some rows lead to, ``by`` the row of the list."""
    found = rows.filter(**{by: OuterRef("pk")}).order_by().values(by)
    number = found.annotate(n=Count("videopage", distinct=True)).values("n")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


UPDATED = DateColumn("updated_at", label=_("Updated"), sort_key="updated_at")
VIDEOS = NumberColumn("video_count", label=_("Videos"), sort_key="video_count")


class ParentCategoryIndexView(IndexView):
    """Parent categories with how many videos they have, by a category or directly."""

    def get_base_queryset(self) -> QuerySet[ParentCategory]:
        by_category = SORTED.filter(
            videopage=OuterRef("videopage"), category__parent=OuterRef("parentcategory")
        )
        number = number_of(SORTED.all(), "category__parent")
        further = number_of(FURTHER.exclude(Exists(by_category)), "parentcategory")
        return super().get_base_queryset().annotate(video_count=number + further)


class CategoryIndexView(IndexView):
    """Categories with how many videos they have."""

    def get_base_queryset(self) -> QuerySet[Category]:
        categories = super().get_base_queryset().select_related("parent")
        return categories.annotate(video_count=number_of(SORTED.all(), "category"))


class CreatorIndexView(OrderedFirst, IndexView):
    """Creators with how many videos they have."""

    def get_base_queryset(self) -> QuerySet[CreatorProfile]:
        creators = super().get_base_queryset()
        all_counted = self.is_export or self.ordering in ("video_count", "-video_count")
        return counted(creators) if all_counted else creators

    def shown(self, rows: QuerySet[CreatorProfile]) -> QuerySet[CreatorProfile]:
        return counted(rows).select_related("user")


def counted(creators: QuerySet[CreatorProfile]) -> QuerySet[CreatorProfile]:
    """Add to each creator their number of videos."""
    videos = VideoPage.objects.filter(creator=OuterRef("pk")).order_by().values("creator")
    number = Subquery(videos.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return creators.annotate(video_count=Coalesce(number, 0))


class CatalogueViewSet(SnippetViewSet):
    """Reached from the “Catalogue” menu instead of “Snippets”."""

    copy_view_enabled = False
    list_per_page = 50


class ParentCategoryViewSet(CatalogueViewSet):
    model = ParentCategory
    icon = "folder-open-inverse"
    index_view_class = ParentCategoryIndexView
    list_display = ["name", "icon", VIDEOS, UPDATED]
    list_filter = {"name": ["icontains"]}
    ordering = ["name"]


class CategoryViewSet(CatalogueViewSet):
    model = Category
    icon = "folder-inverse"
    index_view_class = CategoryIndexView
    list_display = ["name", "parent", "icon", VIDEOS, UPDATED]
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
        UPDATED,
    ]
    list_filter = ["verified", "standing"]
    search_fields = ["name", "bio", "user__username"]
    search_backend_name = None  # in the database, so that a user name is found by its first letters
    ordering = ["-updated_at"]


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
