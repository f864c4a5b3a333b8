"""What the recommender may know of the magazine's content. Cards are the plugin's own."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from recommendations_plugin import registry

from .models import ArticlePage, Event, Note, Podcast


@registry.register
class ArticleAdapter(registry.PageAdapter):
    model = ArticlePage

    def for_describe(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("section", "author").prefetch_related("tagged_items__tag")

    def describe(self, obj: Any) -> registry.Description:
        authors = [obj.author] if obj.author else []
        return registry.Description(
            title=obj.title,
            text=obj.introduction,
            published_at=obj.first_published_at,
            facets=(
                registry.parent_category(obj.section),
                *map(registry.creator, authors),
                *(registry.tag(link.tag.name) for link in obj.tagged_items.all()),
            ),
        )


@registry.register
class EventAdapter(registry.ItemAdapter):
    model = Event

    def describe(self, obj: Any) -> registry.Description:
        return registry.Description(
            title=obj.name,
            published_at=obj.first_published_at,
            facets=(registry.parent_category(obj.section),),
        )


@registry.register
class PodcastAdapter(registry.ItemAdapter):
    model = Podcast

    def describe(self, obj: Any) -> registry.Description:
        return registry.Description(
            title=obj.title,
            published_at=obj.released_at,
            facets=(registry.parent_category(obj.section),),
        )


@registry.register
class NoteAdapter(registry.ItemAdapter):
    model = Note

    def describe(self, obj: Any) -> registry.Description:
        return registry.Description(
            title=obj.title, facets=(registry.parent_category(obj.section),)
        )
