"""Training runs in the admin: how far they are, what came of them, starting and cancelling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.widgets.button import HeaderButton
from wagtail.snippets.views.snippets import InspectView

from . import conf, measures, runs, wording
from .jobs.base import jobs
from .lists import LookOnlyIndexView
from .models import TrainingRun

MAY_TRAIN = "recommendations_plugin.train_model"
MAY_ACTIVATE = "recommendations_plugin.activate_model"


def page_of(run: TrainingRun) -> str:
    """Return the address of a run's page."""
    return reverse("wagtailsnippets_recommendations_plugin_trainingrun:inspect", args=[run.pk])


class TrainingRunIndexView(LookOnlyIndexView):
    """All runs, with which of them is served."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        compare = HeaderButton(
            label=_("Compare"), url=reverse("recommendations_compare"), icon_name="resubmit"
        )
        history = HeaderButton(
            label=_("Releases"), url=reverse("recommendations_releases"), icon_name="history"
        )
        return [*super().header_buttons, compare, history]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        served = runs.active()
        for run in context["object_list"]:
            run.is_served = served is not None and run.pk == served.pk
        return context


class TrainingRunInspectView(InspectView):
    """How far a run is, or how good its model is beside popularity and the live one."""

    page_title = gettext_lazy("Training run")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run, live = self.object, runs.active()
        served = live is not None and live.pk == run.pk
        done = run.status == TrainingRun.Status.DONE
        return super().get_context_data(
            elapsed=duration(run.elapsed),
            percent=round(100 * run.progress),
            tables=[measures.beside(run), measures.segments(run), measures.facts(run)],
            step=wording.doing(run.step),
            log=[(seconds, wording.doing(step)) for seconds, step in run.log],
            live=live,
            is_served=served,
            previous=runs.previous() if served else None,
            may_train=self.request.user.has_perm(MAY_TRAIN),
            may_activate=done and self.request.user.has_perm(MAY_ACTIVATE),
            done=done,
            **kwargs,
        )


def duration(elapsed: timedelta | None) -> str:
    """Return a duration as minutes and seconds."""
    seconds = int(elapsed.total_seconds()) if elapsed else 0
    return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}


@require_POST
def train(request: HttpRequest) -> HttpResponse:
    """Queue a training, or lead to the one that waits."""
    _check(request)
    run = runs.request()
    jobs().enqueue(
        "recommendations_plugin.tasks.train", run.pk, cluster=conf.settings.TRAINING_CLUSTER
    )
    messages.success(request, _("A training is queued. Its page says how far it is."))
    return redirect(page_of(run))


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a run that waits or runs."""
    _check(request)
    run = get_object_or_404(TrainingRun, pk=pk)
    if runs.cancel(run.pk, _("Cancelled by %(name)s.") % {"name": request.user}):
        messages.success(request, _("The training is cancelled. What is served stays served."))
    else:
        messages.warning(request, _("The training is over already."))
    return redirect(page_of(run))


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_TRAIN):
        raise PermissionDenied
