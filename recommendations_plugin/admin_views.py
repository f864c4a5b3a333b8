"""The plugin's own pages in the admin."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from . import dashboard, status
from .panels import may_see


class StatusView(WagtailAdminTemplateMixin, TemplateView):
    """How the model and feeds do, and every link of the chain, with a hint where one is broken."""

    page_title = _("Recommendations")
    header_icon = "crosshairs"
    template_name = "recommendations_plugin/admin/status.html"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_see(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        results, made_at = status.results()
        return super().get_context_data(
            made_at=made_at,
            status=status.check(graph=False),
            charts=dashboard.charts(),
            results=dashboard.outcomes(results, made_at),
            health=dashboard.health(),
            may_train=self.request.user.has_perm("recommendations_plugin.train_model"),
            **kwargs,
        )
