"""The plugin's tables in the admin; what comes from people's doing is looked at, not edited."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import Event, Impression, Item, TrainingRun, UserCategoryInterest
from .steering_admin import ExperimentViewSet, ItemChooserViewSet, RuleViewSet
from .training_admin import TrainingRunInspectView


class LookOnly(ModelPermissionPolicy):
    """Whoever may view a table may look; rows come from what people do, never from a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class LookOnlyViewSet(SnippetViewSet):
    """A list with filters, and a page for each row."""

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50

    @property
    def permission_policy(self) -> LookOnly:
        return LookOnly(self.model)


def _percent(run: TrainingRun) -> str:
    return f"{run.progress:.0%}" if run.is_open else ""


class TrainingRunViewSet(LookOnlyViewSet):
    model = TrainingRun
    icon = "rotate"
    list_display = [
        "__str__",
        "status",
        "step",
        Column("progress", accessor=_percent),
        "started_at",
    ]
    inspect_view_class = TrainingRunInspectView
    inspect_template_name = "recommendations_plugin/admin/training_run.html"
    list_filter = ["status"]
    ordering = ["-id"]


class InterestViewSet(LookOnlyViewSet):
    model = UserCategoryInterest
    icon = "pick"
    list_display = ["viewer_key", "category", BooleanColumn("chosen"), "score", "interaction_count"]
    list_filter = ["chosen", "category"]
    ordering = ["-score"]


class ItemViewSet(LookOnlyViewSet):
    model = Item
    icon = "list-ul"
    list_display = ["title", BooleanColumn("live"), "viewers", "likes", "engagement"]
    list_filter = ["live"]
    ordering = ["-engagement"]
    chooser_viewset_class = ItemChooserViewSet


class EventViewSet(LookOnlyViewSet):
    model = Event
    icon = "history"
    list_display = ["__str__", "kind", "created_at", "synced_at", "failed_at", "error"]
    list_filter = {"kind": ["exact"], "failed_at": ["isnull"], "synced_at": ["isnull"]}
    ordering = ["-id"]


class ImpressionViewSet(LookOnlyViewSet):
    model = Impression
    icon = "view"
    list_display = ["item_key", "placement", "position", "step", "arm", "shown_at", "followed_at"]
    list_filter = {
        "placement": ["exact"],
        "version": ["exact"],
        "arm": ["exact"],
        "followed_at": ["isnull"],
    }
    ordering = ["-id"]


class RecommendationsGroup(SnippetViewSetGroup):
    """The tables, under the plugin's menu item."""

    items = (
        RuleViewSet,
        ExperimentViewSet,
        TrainingRunViewSet,
        InterestViewSet,
        ItemViewSet,
        ImpressionViewSet,
        EventViewSet,
    )
    menu_label = _("Recommender")
    menu_name = "recommendations"
    menu_icon = "crosshairs"
    menu_order = 700


def register_policies() -> None:
    """Tell Wagtail 8 of the policies; 7.4 reads them from the viewsets."""
    try:
        from wagtail.permissions import register_permission_policy
    except ImportError:
        return
    for viewset in RecommendationsGroup.items:
        if issubclass(viewset, LookOnlyViewSet):
            register_permission_policy(viewset.model, LookOnly(viewset.model))
