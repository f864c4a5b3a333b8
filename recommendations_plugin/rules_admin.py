"""Editorial rules in the admin: their form, their list, and which get in each other's way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    PublishingPanel,
)
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.models import Revision, WorkflowState
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from . import placements, wording
from .events.conflicts import Clash, conflicts, rules_in_force
from .models import EditorialRule

KIND = EditorialRule.Kind

#: What is in the way, in words; the rule's name follows.
CLASHES = {
    Clash.PLACE: _("Same place as"),
    Clash.EXCLUDED: _("Cannot both hold with"),
    Clash.OPPOSED: _("Pulls against"),
}


def placement_choices(*more: str) -> list[tuple[str, str]]:
    """Return the placements that editors may choose, and these."""
    return [(name, wording.placement(name)) for name in dict.fromkeys([*placements.known(), *more])]


class PlacementsField(forms.MultipleChoiceField):
    """Chooses placements; their names are kept in one text, with commas between them."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> list[str]:
        return value.split(",") if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return ",".join(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial) if initial else [], data)


class EditorialRuleForm(WagtailAdminModelForm):
    """A rule's form; it offers the placements that there are."""

    placement = PlacementsField(
        label=_("Placements"),
        required=False,
        initial=["home"],
        help_text=_("Where the feed stands. None chosen: everywhere."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["placement"].choices = placement_choices(*sorted(self.instance.placements))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("kind") == KIND.PIN:  # the field is out of sight then
            cleaned["facet"] = None
        return cleaned


class ConflictsPanel(Panel):
    """What gets in the way of a rule, with links."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "recommendations_plugin/admin/conflicts.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.instance.pk and self.found)

        @cached_property
        def found(self) -> list[dict[str, Any]]:
            return in_words(self.instance, rules_in_force())

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "conflicts": self.found}


def in_words(rule: EditorialRule, others: list[EditorialRule]) -> list[dict[str, Any]]:
    """Return what gets in a rule's way, in words."""
    edit = EditorialRule.snippet_viewset.get_url_name("edit")
    return [
        {
            "words": CLASHES[found.clash],
            "rule": found.rule,
            "url": reverse(edit, args=[found.rule.pk]),
        }
        for found in conflicts(rule, others)
    ]


class ConflictsColumn(Column):
    """Links to what gets in a rule's way."""

    cell_template_name = "recommendations_plugin/admin/conflicts_cell.html"


class RuleIndexView(IndexView):
    """All rules; a page of them is compared with all others in one query more."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        others = rules_in_force()
        for rule in context["object_list"]:
            rule.conflicts = [] if rule.expired else in_words(rule, others)
        return context


def _where(rule: EditorialRule) -> str:
    names = sorted(map(wording.placement, rule.placements))
    return ", ".join(names) or str(_("everywhere"))


class RuleFilterSet(WagtailFilterSet):
    """Finds rules by kind, by a placement where they hold, and by whether they are live."""

    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"), choices=KIND.choices, widget=forms.CheckboxSelectMultiple
    )
    placement = django_filters.ChoiceFilter(
        label=_("Placement"), choices=placement_choices, method="at", empty_label=_("All")
    )

    class Meta:
        model = EditorialRule
        fields = ["live"]

    def at(self, rules: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rules.filter(placement__regex=rf"(^$|(^|,){value}(,|$))")


def shown_for(*kinds: str) -> dict[str, str]:
    """Return the attributes by which Wagtail shows a field for some kinds of rule only."""
    return {"data-w-rules-target": "show", "data-w-rules": json.dumps({"kind": kinds})}


class RuleViewSet(SnippetViewSet):
    """Editorial rules: drafts, schedules, workflow and permissions as for any snippet."""

    model = EditorialRule
    icon = "thumbtack"
    copy_view_enabled = False
    index_view_class = RuleIndexView
    list_display = [
        "__str__",
        Column("placement", _("Where"), accessor=_where, sort_key="placement"),
        "reason",
        LiveStatusTagColumn(),
        "expire_at",
        ConflictsColumn("conflicts", _("Conflicts")),
    ]
    filterset_class = RuleFilterSet
    edit_handler = ObjectList(
        [
            ConflictsPanel(heading=_("Conflicts"), icon="warning"),
            MultiFieldPanel(
                [
                    FieldPanel("kind"),
                    FieldPanel("item"),
                    FieldPanel("facet", attrs=shown_for(KIND.BOOST, KIND.BURY, KIND.EXCLUDE)),
                    FieldPanel("position", attrs=shown_for(KIND.PIN)),
                    FieldPanel("strength", attrs=shown_for(KIND.BOOST, KIND.BURY)),
                ],
                heading=_("What"),
                attrs={"data-controller": "w-rules", "data-action": "change->w-rules#resolve"},
            ),
            FieldPanel("placement", icon="placeholder", heading=_("Where")),
            FieldPanel("reason"),
            PublishingPanel(),
        ],
        base_form_class=EditorialRuleForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EditorialRule]:
        """Return rules with what their state is told from, in a fixed number of queries."""
        scheduled = Revision.objects.filter(approved_go_live_at__isnull=False)
        active = WorkflowState.objects.active()
        return EditorialRule.objects.select_related("item", "facet").prefetch_related(
            Prefetch("_revisions", scheduled, to_attr="scheduled_revisions"),
            Prefetch("_workflow_states", active, to_attr="_current_workflow_states"),
        )
