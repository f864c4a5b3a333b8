"""The plugin's tables in the admin; what comes from people's doing is looked at, not edited."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, StatusTagColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from .choosers import FacetChooserViewSet, ItemChooserViewSet
from .models import Event, Facet, Impression, Item, TrainingRun, UserCategoryInterest
from .rules_admin import RuleViewSet
from .steering_admin import ExperimentViewSet
from .tables import NOTHING, figure
from .training_admin import TrainingRunIndexView, TrainingRunInspectView, duration


class LookOnly(ModelPermissionPolicy):
    """Whoever may view a table may look; rows come from what people do, never from a form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, action)


class LookOnlyViewSet(SnippetViewSet):
    """A list with filters, and a page for each row."""

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50

    @property
    def permission_policy(self) -> LookOnly:
        return LookOnly(self.model)


def _state(run: TrainingRun) -> str:
    if run.is_open and run.progress:
        return f"{run.get_status_display()}, {run.progress:.0%}"
    return str(_("served") if run.is_served else run.get_status_display())  # type: ignore[attr-defined]


def _metric(name: str) -> Any:
    """Return what reads a metric of a run, with popularity's in brackets."""

    def read(run: TrainingRun) -> str:
        if name not in run.metrics:
            return NOTHING
        popular = run.metrics.get("popularity", {}).get(name)
        return f"{figure(run.metrics[name])} ({figure(popular)})"

    return read


def _interactions(run: TrainingRun) -> str:
    return figure(run.data.get("interactions"), 0)


def _elapsed(run: TrainingRun) -> str:
    return duration(run.elapsed) if run.elapsed else NOTHING


class TrainingRunViewSet(LookOnlyViewSet):
    model = TrainingRun
    icon = "rotate"
    list_display = [
        "__str__",
        StatusTagColumn(
            "status",
            label=_("Status"),
            accessor=_state,
            primary=lambda run: run.is_served,
            sort_key="status",
        ),
        Column("recall", label=_("Recall@20 (popularity)"), accessor=_metric("recall@20")),
        Column("ndcg", label=_("NDCG@20 (popularity)"), accessor=_metric("ndcg@20")),
        Column("interactions", label=_("Interactions"), accessor=_interactions),
        Column("duration", label=_("Duration"), accessor=_elapsed),
        "started_at",
    ]
    index_view_class = TrainingRunIndexView
    inspect_view_class = TrainingRunInspectView
    inspect_template_name = "recommendations_plugin/admin/training_run.html"
    list_filter = ["status"]
    ordering = ["-id"]


class InterestIndexView(IndexView):
    """Interests with the names of their categories, in one query."""

    def get_base_queryset(self) -> QuerySet[UserCategoryInterest]:
        return super().get_base_queryset().select_related("category")


class InterestViewSet(LookOnlyViewSet):
    model = UserCategoryInterest
    index_view_class = InterestIndexView
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


class FacetViewSet(LookOnlyViewSet):
    model = Facet
    icon = "tag"
    list_display = ["name", "kind"]
    list_filter = ["kind"]
    ordering = ["kind", "name"]
    chooser_viewset_class = FacetChooserViewSet


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
        FacetViewSet,
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
