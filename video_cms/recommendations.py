"""The only glue between the video site and the recommendations plugin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from recommendations_plugin import registry
from recommendations_plugin.api import Viewer

from .models import VideoPage


@registry.register
class VideoAdapter(registry.PageAdapter):
    """Videos: listed ones only, described by their words, categories, creator and tags."""

    model = VideoPage
    card_template = "video_cms/card.html"

    def queryset(self) -> QuerySet[VideoPage]:
        return VideoPage.objects.listed().playable()

    def eligible(self, viewer: Viewer, request: HttpRequest | None = None) -> QuerySet[VideoPage]:
        videos = super().eligible(viewer, request)
        if viewer.user is not None:
            videos = videos.exclude(creator__user=viewer.user)
        return videos

    def for_cards(self, queryset: QuerySet[VideoPage]) -> QuerySet[VideoPage]:
        return queryset.for_cards()  # type: ignore[attr-defined]

    def for_describe(self, queryset: QuerySet[VideoPage]) -> QuerySet[VideoPage]:
        return queryset.select_related("creator__user").prefetch_related(
            "categories__parent", "additional_parent_categories", "tagged_items__tag"
        )

    def describe(self, obj: Any) -> registry.Description:
        return registry.Description(
            title=obj.title,
            text=obj.description,
            published_at=obj.first_published_at,
            facets=(
                registry.creator(obj.creator),
                *map(registry.category, obj.categories.all()),
                *map(registry.parent_category, obj.parent_categories()),
                *(registry.tag(link.tag.name) for link in obj.tagged_items.all()),
            ),
        )
