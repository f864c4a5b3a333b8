"""The model's state on the admin's home page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.ui.components import Component

from . import dashboard, status


class ModelStatusPanel(Component):
    """Says in a line or two whether feeds come from a model, and what to do if not."""

    order = 150
    template_name = "recommendations_plugin/admin/status_panel.html"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if not may_see(self.request):
            return {"status": None}
        return {
            "status": status.check(graph=False),
            "health": dashboard.health(),
            "details_url": reverse("recommendations_status"),
        }


def may_see(request: HttpRequest) -> bool:
    """Return whether this editor may see how recommendations are doing."""
    return request.user.has_perm("recommendations_plugin.view_dashboard")
