"""What all reports share: who may see them, their addresses, their entries in the menu."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import ReportView
from wagtail.models import AbstractPage

from .. import registry
from ..panels import may_see
from ..tables import figure


def edit_url(key: str) -> str | None:
    """Return where an item is edited, if its type is edited in the admin."""
    adapter = registry.adapter_for(key)
    if adapter is None:
        return None
    pk = key.rpartition(":")[2]
    if issubclass(adapter.model, AbstractPage):
        return reverse("wagtailadmin_pages:edit", args=[pk])
    viewset = getattr(adapter.model, "snippet_viewset", None)
    try:
        return reverse(viewset.get_url_name("edit"), args=[pk]) if viewset else None
    except NoReverseMatch:
        return None


def percent(part: str, whole: str) -> Any:
    """Return what reads a share of two fields of a row, in words."""
    return lambda row: f"{figure(100 * getattr(row, part) / max(1, getattr(row, whole)), 1)} %"


def plain(value: str) -> str:
    """Return a text that spreadsheets take for no formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


class ReportMenuItem(MenuItem):
    """Shown to whoever may see the dashboard."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see(request)


class Report(ReportView):
    """A list for whoever may see the dashboard; ``slug`` names its addresses."""

    slug = ""
    is_searchable = False
    header_icon = "crosshairs"
    custom_value_preprocess = {**ReportView.custom_value_preprocess, str: {"csv": plain}}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_see(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def menu_item(cls) -> ReportMenuItem:
        """Return its entry in the menu of reports."""
        return ReportMenuItem(
            cls.page_title,
            reverse(f"recommendations_{cls.slug}"),
            name=f"recommendations-{cls.slug}",
            icon_name="crosshairs",
            order=100,
        )

    def get_filename(self) -> str:
        return f"recommendations-{self.slug}-{timezone.now():%Y-%m-%d}"

    def get_filtered_queryset(self) -> Any:
        return self.get_queryset()  # which filters already

    @property
    def index_url_name(self) -> str:
        return f"recommendations_{self.slug}"

    @property
    def index_results_url_name(self) -> str:
        return f"recommendations_{self.slug}_results"
