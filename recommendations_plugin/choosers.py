"""Modals in which editors choose what feeds may show, and what items have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet

from .models import Item


class WordsFilterForm(BaseFilterForm):
    """Finds rows by words that a field of the model holds."""

    searched = "title"

    q = forms.CharField(
        label=_("Search term"),
        widget=forms.TextInput(attrs={"placeholder": _("Search")}),
        required=False,
        max_length=100,
    )

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        self.search_query = self.cleaned_data["q"]
        self.is_searching = bool(self.search_query)
        for word in self.search_query.split():
            objects = objects.filter(**{f"{self.searched}__icontains": word})
        return objects


class _LiveItems:
    filter_form_class = WordsFilterForm
    ordering = ("-published_at", "-id")

    def get_object_list(self) -> QuerySet[Item]:
        return Item.objects.filter(live=True)


class ChooseItemView(_LiveItems, ChooseView):
    pass


class ChooseItemResultsView(_LiveItems, ChooseResultsView):
    pass


class ItemChooserViewSet(SnippetChooserViewSet):
    """Chooses among what feeds may show, newest first, by words of the title."""

    choose_view_class = ChooseItemView
    choose_results_view_class = ChooseItemResultsView


class NameFilterForm(WordsFilterForm):
    """Finds facets by words of their name."""

    searched = "name"


class _Facets:
    filter_form_class = NameFilterForm
    ordering = ("kind", "name")

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("kind", _("Kind"), accessor="get_kind_display")]  # type: ignore[misc]


class ChooseFacetView(_Facets, ChooseView):
    pass


class ChooseFacetResultsView(_Facets, ChooseResultsView):
    pass


class FacetChooserViewSet(SnippetChooserViewSet):
    """Chooses a category, a creator or a tag, by words of its name."""

    choose_view_class = ChooseFacetView
    choose_results_view_class = ChooseFacetResultsView
