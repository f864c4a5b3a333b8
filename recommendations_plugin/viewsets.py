"""The plugin's tables in the admin; what comes from people's doing is looked at, not edited."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from . import wording
from .choosers import FacetChooserViewSet, ItemChooserViewSet
from .lists import LookOnly, LookOnlyIndexView, LookOnlyViewSet, leading, viewer_words
from .models import Event, Facet, Impression, Item, TrainingRun, UserCategoryInterest
from .rules_admin import RuleViewSet
from .steering_admin import ExperimentViewSet
from .tables import NOTHING, figure
from .training_admin import TrainingRunIndexView, TrainingRunInspectView, duration


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
        leading("run", _("Training run"), accessor=str),
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
        DateColumn("started_at", label=_("Started"), sort_key="started_at"),
    ]
    index_view_class = TrainingRunIndexView
    inspect_view_class = TrainingRunInspectView
    inspect_template_name = "recommendations_plugin/admin/training_run.html"
    list_filter = ["status"]
    ordering = ["-id"]


class InterestIndexView(LookOnlyIndexView):
    """Interests with the names of their categories, in one query."""

    def get_base_queryset(self) -> QuerySet[UserCategoryInterest]:
        return super().get_base_queryset().select_related("category")


class InterestViewSet(LookOnlyViewSet):
    model = UserCategoryInterest
    index_view_class = InterestIndexView
    icon = "pick"
    list_display = [
        leading("viewer_key", _("Viewer"), accessor=viewer_words, sort_key="viewer_key"),
        "category",
        BooleanColumn("chosen", label=_("Chosen"), sort_key="chosen"),
        Column(
            "score", label=_("Score"), accessor=lambda of: figure(of.score, 1), sort_key="score"
        ),
        "interaction_count",
    ]
    list_filter = ["chosen", "category"]
    ordering = ["-score"]


class ItemViewSet(LookOnlyViewSet):
    model = Item
    icon = "list-ul"
    list_display = [
        leading("title", _("Title"), accessor=str, sort_key="title"),
        BooleanColumn("live", label=_("Live"), sort_key="live"),
        "viewers",
        "likes",
        Column(
            "engagement",
            label=_("Engagement"),
            accessor=lambda item: figure(item.engagement, 1),
            sort_key="engagement",
        ),
    ]
    list_filter = ["live"]
    ordering = ["-engagement"]
    chooser_viewset_class = ItemChooserViewSet


class FacetViewSet(LookOnlyViewSet):
    model = Facet
    icon = "tag"
    list_display = [leading("name", _("Name"), sort_key="name"), "kind"]
    list_filter = ["kind"]
    ordering = ["kind", "name"]
    chooser_viewset_class = FacetChooserViewSet


class EventIndexView(LookOnlyIndexView):
    key_field = "target_key"


class EventViewSet(LookOnlyViewSet):
    model = Event
    index_view_class = EventIndexView
    icon = "history"
    list_display = [
        leading("kind", _("Kind"), accessor="get_kind_display", sort_key="kind"),
        Column("about", label=_("Target"), sort_key="target_key"),
        Column("viewer", label=_("Viewer"), accessor=viewer_words, sort_key="viewer_key"),
        DateColumn("created_at", label=_("Created"), sort_key="created_at"),
        DateColumn("synced_at", label=_("Synced"), sort_key="synced_at"),
        DateColumn("failed_at", label=_("Given up"), sort_key="failed_at"),
        "error",
    ]
    list_filter = {"kind": ["exact"], "failed_at": ["isnull"], "synced_at": ["isnull"]}
    ordering = ["-id"]


class ImpressionIndexView(LookOnlyIndexView):
    key_field = "item_key"


class ImpressionViewSet(LookOnlyViewSet):
    model = Impression
    index_view_class = ImpressionIndexView
    icon = "view"
    list_display = [
        leading("about", _("Item"), sort_key="item_key"),
        Column(
            "placement",
            label=_("Placement"),
            accessor=lambda of: wording.placement(of.placement),
            sort_key="placement",
        ),
        Column("position", label=_("Position"), accessor=lambda of: of.position + 1),
        Column("step", label=_("Came from"), accessor=lambda of: wording.rung(of.step)),
        "arm",
        DateColumn("shown_at", label=_("Seen"), sort_key="shown_at"),
        DateColumn("followed_at", label=_("Followed"), sort_key="followed_at"),
    ]
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
