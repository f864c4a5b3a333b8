"""Training runs in the admin: how far they are, what came of them, starting and cancelling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.snippets.views.snippets import InspectView

from . import conf, runs
from .jobs.base import jobs
from .models import TrainingRun

MAY_TRAIN = "recommendations_plugin.train_model"

#: Metrics of a model beside those of popularity, in the order of the table.
METRICS = (
    "recall@20",
    "ndcg@20",
    "mrr@20",
    "coverage@20",
    "novelty@20",
    "diversity@20",
    "miscalibration@20",
)
#: What segments are of, in words.
SEGMENTS = {
    "segments": gettext_lazy("%(kind)s viewers"),
    "item_segments": gettext_lazy("%(kind)s items"),
}


class TrainingRunInspectView(InspectView):
    """How far a run is, or how good its model is beside popularity."""

    page_title = gettext_lazy("Training run")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        metrics = self.object.metrics
        popular = metrics.get("popularity", {})
        return super().get_context_data(
            elapsed=_words(self.object.elapsed),
            percent=round(100 * self.object.progress),
            rows=[(name, metrics[name], popular.get(name)) for name in METRICS if name in metrics],
            segments=[
                (words % {"kind": name}, figures)
                for kind, words in SEGMENTS.items()
                for name, figures in metrics.get(kind, {}).items()
            ],
            may_train=self.request.user.has_perm(MAY_TRAIN),
            **kwargs,
        )


def _words(duration: timedelta | None) -> str:
    """Return a duration as minutes and seconds."""
    seconds = int(duration.total_seconds()) if duration else 0
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
    return _page_of(run.pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a run that waits or runs."""
    _check(request)
    run = get_object_or_404(TrainingRun, pk=pk)
    if runs.cancel(run.pk, _("Cancelled by %(name)s.") % {"name": request.user}):
        messages.success(request, _("The training is cancelled. What is served stays served."))
    else:
        messages.warning(request, _("The training is over already."))
    return _page_of(run.pk)


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_TRAIN):
        raise PermissionDenied


def _page_of(pk: int) -> HttpResponse:
    return redirect(
        reverse("wagtailsnippets_recommendations_plugin_trainingrun:inspect", args=[pk])
    )
