"""Experiments in the admin: arms, starting and stopping, results."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.snippets.views.snippets import IndexView, InspectView, SnippetViewSet

from . import wording
from .events import experiments
from .models import Experiment, TrainingRun
from .tables import Cell, Table, figure

MAY_RUN = "recommendations_plugin.run_experiment"

#: What is measured, in words, in the order of the table; the first one decides.
METRICS = {
    "seconds": gettext_lazy("Watched seconds per impression"),
    "dismissals": gettext_lazy("Dismissals per impression"),
    "concentration": gettext_lazy("Share of the most shown creators"),
    "milliseconds": gettext_lazy("Milliseconds to rank a feed"),
}


class ExperimentForm(WagtailAdminModelForm):
    """Refuses to change what runs or ran, and arms of the same name."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.instance.status != Experiment.Status.DRAFT:
            raise forms.ValidationError(
                _("It has been started. Make a new experiment to compare something else.")
            )
        arms = [
            form
            for form in self.formsets["arms"].forms
            if form.is_valid() and "name" in form.cleaned_data and not form.cleaned_data["DELETE"]
        ]
        if len({form.cleaned_data["name"] for form in arms}) < len(arms):
            raise forms.ValidationError(_("Each arm needs a name of its own."))
        for form in arms:
            version = form.cleaned_data["version"]
            if version and not TrainingRun.objects.filter(version=version).exists():
                form.add_error("version", _("No training run made this version."))
                raise forms.ValidationError(_("An arm names a model that is not there."))
        return cleaned


class ExperimentIndexView(IndexView):
    """Leads to each experiment's page, where it is started and its form is found."""

    def get_edit_url(self, instance: Experiment) -> None:
        return None


class ExperimentInspectView(InspectView):
    """What an experiment compares, and what came of it."""

    page_title = gettext_lazy("Experiment")

    def get_edit_url(self) -> str | None:
        url: str | None = super().get_edit_url()
        return url if self.object.status == Experiment.Status.DRAFT else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        measured = self.object.results.get("arms", [])
        return super().get_context_data(
            measured=measured,
            placement=wording.placement(self.object.placement),
            table=outcome(measured),
            arms=self.object.arms.all(),
            may_run=self.request.user.has_perm(MAY_RUN),
            fewest=experiments.FEWEST,
            error_percent=round(experiments.ERROR * 100),
            **kwargs,
        )


def outcome(arms: list[dict[str, Any]]) -> Table:
    """Return what was measured of an experiment's arms (``experiments.measure``)."""
    rows: list[tuple[Any, list[Any]]] = [
        (_("Viewers"), [figure(arm["viewers"], 0) for arm in arms]),
        (_("Impressions"), [figure(arm["impressions"], 0) for arm in arms]),
    ]
    rows += [
        (words, [_with_interval(arm[name]) for arm in arms]) for name, words in METRICS.items()
    ]
    return Table(_("What came of it"), [_("Measured"), *(arm["name"] for arm in arms)], rows)


def _with_interval(of: dict[str, Any]) -> Cell:
    if of["low"] is None:
        return Cell(figure(of["value"], 3))
    words = {"low": figure(of["low"], 3), "high": figure(of["high"], 3)}
    return Cell(figure(of["value"], 3), _("difference %(low)s to %(high)s") % words)


class ExperimentViewSet(SnippetViewSet):
    """Experiments: made and changed as drafts, started and stopped from their page."""

    model = Experiment
    icon = "tasks"
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_template_name = "recommendations_plugin/admin/experiment.html"
    index_view_class = ExperimentIndexView
    inspect_view_class = ExperimentInspectView
    list_display = [
        "name",
        Column(
            "placement",
            label=gettext_lazy("Placement"),
            accessor=lambda experiment: wording.placement(experiment.placement),
            sort_key="placement",
        ),
        "status",
        "verdict",
        "decided_by",
        DateColumn("started_at", label=gettext_lazy("Started"), sort_key="started_at"),
    ]
    list_filter = ["status", "placement"]
    ordering = ["-id"]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("placement"),
            FieldRowPanel([FieldPanel("viewers"), FieldPanel("days")]),
            InlinePanel(
                "arms",
                heading=gettext_lazy("Arms"),
                label=gettext_lazy("Arm"),
                help_text=gettext_lazy("The first one is what the others are compared with."),
                min_num=2,
                panels=[
                    FieldRowPanel([FieldPanel("name"), FieldPanel("share")]),
                    FieldPanel("options"),
                    FieldPanel("version"),
                ],
            ),
        ],
        base_form_class=ExperimentForm,
    )


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start an experiment."""
    experiment = _experiment(request, pk)
    try:
        experiments.start(experiment.pk)
    except experiments.CannotStart as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” runs.") % {"name": experiment})
    return _back(experiment)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an experiment."""
    experiment = _experiment(request, pk)
    if experiments.stop(experiment.pk):
        messages.success(request, _("“%(name)s” is stopped.") % {"name": experiment})
    return _back(experiment)


def _experiment(request: HttpRequest, pk: int) -> Experiment:
    if not request.user.has_perm(MAY_RUN):
        raise PermissionDenied
    return get_object_or_404(Experiment, pk=pk)


def _back(experiment: Experiment) -> HttpResponse:
    name = "wagtailsnippets_recommendations_plugin_experiment:inspect"
    return redirect(reverse(name, args=[experiment.pk]))
