"""Lists of the admin that stay fast over many rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.snippets.views.snippets import IndexView


class OrderedFirst:
    """A view that finds which rows are on the page first, then reads what is shown of these.

    What a database reads beside the rows it would else read of all that it sorts and skips.
    """

    def shown(self, rows: QuerySet[Any]) -> Iterable[Any]:
        """Return the rows of one page, in any order, with what is shown of them."""
        raise NotImplementedError

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        narrow = queryset.only("pk") if isinstance(queryset, QuerySet) else queryset
        paginator, page, rows, more = super().paginate_queryset(narrow, page_size)  # type: ignore[misc]
        keys = [row.pk for row in rows]
        chosen = self.model._default_manager.filter(pk__in=keys)  # type: ignore[attr-defined]
        found = {row.pk: row for row in self.shown(chosen)}
        page.object_list = [found[key] for key in keys if key in found]
        return paginator, page, page.object_list, more


class FoundByNames(IndexView):
    """A list whose ``search_fields`` may be of other tables, which are not joined to all rows."""

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.is_searching:
            return queryset
        found = Q()
        for field in self.search_fields:
            relation, _beyond, name = field.rpartition("__")
            has = {f"{name}__icontains": self.search_query}
            if relation:
                other = self.model._meta.get_field(relation).related_model
                has = {f"{relation}__in": other._default_manager.filter(**has).values("pk")}
            found |= Q(**has)
        return queryset.filter(found)
