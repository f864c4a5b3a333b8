"""Releasing models in the admin: comparing two, serving one, going back, and model cards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button
from wagtail.models import ModelLogEntry

from . import measures, releases, runs
from .models import TrainingRun
from .training_admin import MAY_ACTIVATE, page_of

MAY_SEE = "recommendations_plugin.view_trainingrun"
#: Newest models that can be chosen to be compared.
CHOICES = 100


class ModelPage(WagtailAdminTemplateMixin, TemplateView):
    """A page about models, under the list of training runs; ``permission`` is needed."""

    permission = MAY_SEE
    header_icon = "rotate"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        if "pk" in kwargs:
            done = TrainingRun.objects.exclude(version="")
            self.run = get_object_or_404(done, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = reverse("wagtailsnippets_recommendations_plugin_trainingrun:list")
        items = [{"url": listing, "label": _("Training runs")}]
        if run := getattr(self, "run", None):
            items.append({"url": page_of(run), "label": str(run)})
        return [
            *super().get_breadcrumbs_items(),
            *items,
            {"url": "", "label": self.get_page_title()},
        ]


# --- comparing ----------------------------------------------------------------------------------


class CompareForm(forms.Form):
    """Which two models are compared."""

    one = forms.ModelChoiceField(TrainingRun.objects.none(), label=gettext_lazy("Model"))
    two = forms.ModelChoiceField(TrainingRun.objects.none(), label=gettext_lazy("beside"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trained = TrainingRun.objects.exclude(version="").order_by("-id")
        live = runs.active()
        newest = list(trained.values_list("pk", flat=True)[:CHOICES])
        for field in self.fields.values():
            field.queryset = trained.filter(pk__in=newest)  # type: ignore[attr-defined]
            field.label_from_instance = lambda run: (  # type: ignore[attr-defined]
                _("%(version)s (live)") % {"version": run} if run == live else str(run)
            )


class CompareView(ModelPage):
    """Two models side by side, with their differences."""

    page_title = gettext_lazy("Compare models")
    template_name = "recommendations_plugin/admin/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = CompareForm(self.request.GET or None, initial=self._suggested())
        tables = []
        if form.is_valid():
            tables = measures.compared(form.cleaned_data["one"], form.cleaned_data["two"])
        return super().get_context_data(form=form, tables=tables, **kwargs)

    def _suggested(self) -> dict[str, Any]:
        """The newest model, beside the live one or else the one before it."""
        newest = list(TrainingRun.objects.exclude(version="").order_by("-id")[:2])
        live = runs.active()
        two = live if live and live not in newest[:1] else newest[-1] if newest else None
        return {"one": newest[0] if newest else None, "two": two}


# --- serving ------------------------------------------------------------------------------------


class ActivateForm(forms.Form):
    """A reason, which is required where the model is worse than what it would replace."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Say why this model shall be served all the same.")
        },
    )

    def __init__(self, *args: Any, worse: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = worse
        self.fields["reason"].help_text = (
            _("It is kept in the audit log.") if worse else _("Optional. It is kept in the log.")
        )


class ActivateView(ModelPage, FormView):
    """Asks before a model is served, and for a reason if it is worse."""

    permission = MAY_ACTIVATE
    page_title = gettext_lazy("Activate")
    template_name = "recommendations_plugin/admin/activate.html"
    form_class = ActivateForm

    @cached_property
    def live(self) -> TrainingRun | None:
        return runs.active()

    @cached_property
    def shortcomings(self) -> list[str]:
        return releases.shortcomings(self.run, self.live)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "worse": bool(self.shortcomings)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            object=self.run,
            live=self.live,
            served=runs.active_version(),
            shortcomings=self.shortcomings,
            tables=measures.compared(self.run, self.live) if self.live else [],
            back=page_of(self.run),
            **kwargs,
        )

    def form_valid(self, form: ActivateForm) -> HttpResponse:
        from .index.artifacts import BrokenArtifact  # numpy: not at a process's start

        try:
            releases.release(self.run, user=self.request.user, reason=form.cleaned_data["reason"])
        except releases.Refused as refused:  # another one went live meanwhile
            form.add_error("reason", str(refused))
            return self.form_invalid(form)
        except BrokenArtifact as error:
            messages.error(
                self.request,
                _("%(version)s cannot be served: %(error)s What is served stays served.")
                % {"version": self.run, "error": error},
            )
        else:
            messages.success(self.request, _("%(run)s is served now.") % {"run": self.run})
        return redirect(page_of(self.run))


class HistoryView(ModelPage):
    """Which models were served when, by whom and why, and which were refused."""

    page_title = gettext_lazy("Releases")
    template_name = "recommendations_plugin/admin/releases.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decided = ModelLogEntry.objects.get_for_model(TrainingRun).filter(
            action__in=[releases.ACTIVATED, releases.REFUSED]
        )
        entries = decided.select_related("user")[:CHOICES]
        return super().get_context_data(entries=entries, **kwargs)


# --- model cards --------------------------------------------------------------------------------


class CardView(ModelPage):
    """What a model was made of, how good it is for whom, and what it is for."""

    page_title = gettext_lazy("Model card")
    template_name = "recommendations_plugin/admin/model_card.html"

    @property
    def header_more_buttons(self) -> list[Button]:
        return [Button(_("Download as Markdown"), "?format=markdown", icon_name="download")]

    def get_page_subtitle(self) -> str:
        return str(self.run)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("format") != "markdown":
            return super().get(request, *args, **kwargs)
        text = render_to_string(
            "recommendations_plugin/admin/model_card.md", self.get_context_data(**kwargs)
        )
        name = f"model-card-{self.run.version}.md"
        return HttpResponse(
            text,
            content_type="text/markdown; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            object=self.run,
            measured=measures.beside(self.run),
            segments=measures.segments(self.run),
            facts=measures.facts(self.run),
            held_out=self.run.metrics.get("interactions"),
            held_out_viewers=self.run.metrics.get("viewers"),
            **kwargs,
        )
