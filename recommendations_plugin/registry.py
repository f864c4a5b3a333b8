"""Which of a host's models are recommended, and how to read them.

A host registers an adapter per model, usually in its ``AppConfig.ready()``::

    from recommendations_plugin import registry

    @registry.register
    class ArticleAdapter(registry.PageAdapter):
        model = ArticlePage
        card_template = "articles/card.html"

        def describe(self, page):
            return registry.Description(title=page.title, published_at=page.first_published_at,
                                        facets=(registry.category(page.section),))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from .types import Description, Facet, FacetKind, Viewer, key_of

__all__ = [
    "Description",
    "Facet",
    "ItemAdapter",
    "PageAdapter",
    "adapter_for",
    "adapters",
    "category",
    "creator",
    "parent_category",
    "register",
    "tag",
]


def category(obj: Model) -> Facet:
    """Return the facet of a category object."""
    return Facet(FacetKind.CATEGORY, key_of(obj), str(obj))


def parent_category(obj: Model) -> Facet:
    """Return the facet of a parent category: what viewers choose as interests."""
    return Facet(FacetKind.PARENT_CATEGORY, key_of(obj), str(obj))


def creator(obj: Model) -> Facet:
    """Return the facet of whoever made an item: what viewers follow."""
    return Facet(FacetKind.CREATOR, key_of(obj), str(obj))


def tag(name: str) -> Facet:
    """Return the facet of a tag, by its name."""
    return Facet(FacetKind.TAG, f"tag:{name.casefold()}"[:190], name)


class ItemAdapter:
    """How the plugin reads one of a host's models. Subclass it and register the class."""

    model: ClassVar[type[Model]]
    #: Renders one card; gets ``item`` (the object) and ``recommendation``.
    card_template: ClassVar[str] = "recommendations_plugin/card.html"

    def queryset(self) -> QuerySet[Any]:
        """Return every object that may be in the catalogue; of models with drafts, what is live."""
        from wagtail.models import DraftStateMixin

        objects = self.model._default_manager.all()
        return objects.filter(live=True) if issubclass(self.model, DraftStateMixin) else objects

    def eligible(self, viewer: Viewer, request: HttpRequest | None = None) -> QuerySet[Any]:
        """Return what this viewer may be shown right now. The CMS has the last word here."""
        return self.queryset()

    def for_cards(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Add what a card reads (``select_related``, ``prefetch_related``, renditions)."""
        return queryset

    def describe(self, obj: Any) -> Description:
        """Return what the recommender may know of an object."""
        raise NotImplementedError

    def for_describe(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Add what ``describe`` reads, so that thousands can be described in few queries."""
        return queryset

    def url(self, obj: Any) -> str:
        """Return the object's address."""
        return obj.get_absolute_url()

    def picture(self, obj: Any) -> str:
        """Return the address of a small picture of an object, for the admin; empty: none."""
        return ""

    def warnings(self, obj: Any) -> Sequence[Any]:
        """Return what an object lacks, in words for its editors."""
        return ()

    def reach(self, obj: Any) -> Sequence[tuple[Any, Any]]:
        """Return what else the host knows of an object's reach: names and figures, in words."""
        return ()

    def data(self, obj: Any, request: HttpRequest | None = None) -> dict[str, Any]:
        """Return what the JSON API says of an object, ready for JSON."""
        return {"title": str(obj), "url": self.url(obj)}

    def unfinished(
        self, viewer: Viewer, request: HttpRequest | None = None
    ) -> Sequence[Any] | QuerySet[Any] | None:
        """Return what a viewer began and did not finish, latest first, where the host knows that.

        None has it told from the portions that were recorded.
        """
        return None

    def keeps_seen(self, request: HttpRequest) -> bool:
        """Return whether it may be kept which cards a visitor saw and followed."""
        return True

    def perform(self, request: HttpRequest, kind: str, obj: Any, **measured: float) -> bool:
        """Do what a visitor asks of the JSON API as the host's own pages do it.

        ``kind``: watch, like, unlike, dismiss or undismiss; ``measured``: ``value`` and
        ``seconds`` of a watch. Return whether it is recorded; else it is recorded as it stands.
        Raise ``PermissionDenied`` or ``api.InvalidSignal`` to refuse it.
        """
        return False


class PageAdapter(ItemAdapter):
    """Reads Wagtail pages: live and, at serve time, without a view restriction, on this site."""

    def eligible(self, viewer: Viewer, request: HttpRequest | None = None) -> QuerySet[Any]:
        from wagtail.models import Site

        pages = self.queryset().public()  # type: ignore[attr-defined]
        site = Site.find_for_request(request) if request is not None else None
        return pages.descendant_of(site.root_page, inclusive=True) if site else pages

    def url(self, obj: Any) -> str:
        return obj.get_url()


_Adapter = TypeVar("_Adapter", bound=ItemAdapter)
_adapters: dict[str, ItemAdapter] = {}


def register(adapter: type[_Adapter]) -> type[_Adapter]:
    """Register an adapter class; usable as a decorator. The last one for a model wins."""
    _adapters[adapter.model._meta.label_lower] = adapter()
    return adapter


def adapters() -> Iterable[ItemAdapter]:
    """Return the registered adapters."""
    return tuple(_adapters.values())


def adapter_for(key_or_object: str | Model) -> ItemAdapter | None:
    """Return the adapter of an item, by its key or the object itself; None when not registered."""
    if isinstance(key_or_object, str):
        return _adapters.get(key_or_object.rpartition(":")[0])
    return _adapters.get(key_or_object._meta.label_lower)
