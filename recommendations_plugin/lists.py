"""Lists of what comes from people's doing: looked at, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import BaseColumn, BulkActionsCheckboxColumn, TitleColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from .models import Facet, Item


class LookOnly(ModelPermissionPolicy):
    """Whoever may view a table may look; rows come from what people do, never from a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)


class LookOnlyIndexView(IndexView):
    """A list without boxes to tick: nothing can be done to many rows at once."""

    #: The field with the key of what a row is about; its name is read for all rows of a page.
    key_field = ""

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [of for of in super().columns if not isinstance(of, BulkActionsCheckboxColumn)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.key_field:
            tell_about(context["object_list"], self.key_field)
        return context


class LookOnlyViewSet(SnippetViewSet):
    """A list with filters, and a page for each row."""

    index_view_class = LookOnlyIndexView
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50

    @property
    def permission_policy(self) -> LookOnly:
        return LookOnly(self.model)


def tell_about(rows: Sequence[Any], key_field: str) -> None:
    """Set ``about`` of each row: the name of the item or facet of its key, in two queries."""
    keys = [getattr(row, key_field) for row in rows]
    facets = Facet.objects.filter(key__in=set(keys)).values_list("key", "name")
    items = Item.objects.filter(key__in=set(keys)).exclude(title="").values_list("key", "title")
    names = {**dict(facets), **dict(items)}
    for row, key in zip(rows, keys, strict=True):
        row.about = names.get(key, key)


def viewer_words(row: Any) -> str:
    """Return who did something: an account's number, never its name."""
    kind, _colon, number = row.viewer_key.rpartition(":")
    if not row.viewer_key or kind == "session":
        return _("Somebody without an account")
    return _("Account %(number)s") % {"number": number}


def leading(name: str, label: Any, **options: Any) -> TitleColumn:
    """Return a column that leads to the page of its row."""
    return TitleColumn(name, label=label, get_url=_page_of, **options)


def _page_of(row: models.Model) -> str:
    viewset = row.snippet_viewset  # type: ignore[attr-defined]
    return reverse(viewset.get_url_name("inspect"), args=[row.pk])
