"""What the plugin adds to the Wagtail admin, whose pages are imported when it is first used."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet

from .viewsets import RecommendationsGroup, register_policies


class StatusMenuItem(MenuItem):
    """Shown to whoever may see the dashboard."""

    def is_shown(self, request: HttpRequest) -> bool:
        from .panels import may_see

        return may_see(request)


class InspectorMenuItem(MenuItem):
    """Shown to whoever may inspect feeds."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recommendations_plugin.inspect_feed")


class Group(RecommendationsGroup):
    """The plugin's tables, with the dashboard first among them."""

    def get_submenu_items(self) -> list[MenuItem]:
        item = StatusMenuItem(
            _("Dashboard"), reverse_lazy("recommendations_status"), icon_name="info-circle", order=0
        )
        inspector = InspectorMenuItem(
            _("Feed inspector"), reverse_lazy("recommendations_inspect"), icon_name="view", order=0
        )
        return [item, inspector, *super().get_submenu_items()]


register_policies()
register_snippet(Group)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    from . import release_admin, reports, steering_admin, training_admin
    from .admin_views import StatusView
    from .inspector_admin import InspectorView

    experiment = "recommendations/experiments/<int:pk>"
    return [
        *reports.urls(),
        path("recommendations/status/", StatusView.as_view(), name="recommendations_status"),
        path("recommendations/inspect/", InspectorView.as_view(), name="recommendations_inspect"),
        path("recommendations/train/", training_admin.train, name="recommendations_train"),
        path(
            "recommendations/runs/<int:pk>/cancel/",
            training_admin.cancel,
            name="recommendations_cancel",
        ),
        path(
            "recommendations/runs/compare/",
            release_admin.CompareView.as_view(),
            name="recommendations_compare",
        ),
        path(
            "recommendations/runs/history/",
            release_admin.HistoryView.as_view(),
            name="recommendations_releases",
        ),
        path(
            "recommendations/runs/<int:pk>/activate/",
            release_admin.ActivateView.as_view(),
            name="recommendations_activate",
        ),
        path(
            "recommendations/runs/<int:pk>/card/",
            release_admin.CardView.as_view(),
            name="recommendations_card",
        ),
        path(f"{experiment}/start/", steering_admin.start, name="recommendations_start"),
        path(f"{experiment}/stop/", steering_admin.stop, name="recommendations_stop"),
    ]


@hooks.register("construct_reports_menu")
def report_items(request: HttpRequest, items: list[MenuItem]) -> None:
    """Add the plugin's reports to those of Wagtail."""
    from .reports import REPORTS

    items.extend(item for report in REPORTS if (item := report.menu_item()).is_shown(request))


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """Name what Wagtail's audit log says of models."""
    from . import releases
    from .inspector_admin import INSPECTED

    actions.register_action(INSPECTED, _("Inspect a feed"), _("Their feed was looked at"))
    actions.register_action(releases.ACTIVATED, _("Activate a model"), _("The model was activated"))
    actions.register_action(releases.REFUSED, _("Refuse a model"), _("The model was refused"))


@hooks.register("construct_homepage_panels")
def status_panel(request: HttpRequest, panels: list[Any]) -> None:
    from .panels import ModelStatusPanel

    panels.append(ModelStatusPanel(request))
