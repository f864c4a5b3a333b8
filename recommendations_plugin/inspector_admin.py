"""The feed inspector: editors see a feed as somebody would, stage by stage, and try rules on it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from . import inspector
from .inspector_form import PARTS, InspectorForm
from .models import EditorialRule
from .registry import adapter_for
from .wording import sentence

MAY_INSPECT = "recommendations_plugin.inspect_feed"
MAY_INSPECT_VIEWERS = "recommendations_plugin.inspect_viewer"
#: What Wagtail's log says when somebody looks at a person's feed.
INSPECTED = "recommendations.inspect_viewer"

#: Why something did not come, in words.
WHY = {
    "cms": gettext_lazy("The site does not show it to them"),
    "excluded": gettext_lazy("A rule excludes it"),
    "creator": gettext_lazy("Its creator has their share of the page"),
    "category": gettext_lazy("Its category has its share of the page"),
    "alike": gettext_lazy("Too much like cards above"),
    "score": gettext_lazy("Others score higher"),
}


class InspectorView(WagtailAdminTemplateMixin, FormView[InspectorForm]):
    """A form that says whose feed, and below it what each stage makes of that.

    It is asked by POST, for looking at a person's feed is written down.
    """

    page_title = gettext_lazy("Feed inspector")
    header_icon = "view"
    template_name = "recommendations_plugin/admin/inspector.html"
    form_class = InspectorForm
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(MAY_INSPECT):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_form_kwargs(self) -> dict[str, Any]:
        may_name = self.request.user.has_perm(MAY_INSPECT_VIEWERS)
        return {**super().get_form_kwargs(), "may_name": may_name}

    def form_valid(self, form: InspectorForm) -> HttpResponse:
        persona, placement = form.persona_of(), form.cleaned_data["placement"]
        if persona.user:
            data = {"placement": placement}
            log(instance=persona.user, action=INSPECTED, user=self.request.user, data=data)
        stages = inspector.look(
            persona,
            placement,
            trial=form.trial(),
            weights=form.weights(),
            request=self.request,
        )
        parts = [name for name in stages.parts if any(line.adds[name] for line in stages.shown)]
        return self.render_to_response(
            self.get_context_data(
                form=form,
                stages=stages,
                parts=[PARTS.get(name, name) for name in parts],
                cards=[_card(line, parts) for line in stages.shown],
                dropped=[(line, WHY[line.why], _rules(line)) for line in stages.dropped],
            )
        )


def _card(line: Any, parts: list[str]) -> dict[str, Any]:
    adapter = adapter_for(line.key)
    return {
        "line": line,
        "reason": sentence(line.reason),
        "picture": adapter.picture(line.object) if adapter and line.object else "",
        "url": adapter.url(line.object) if adapter and line.object else "",
        "adds": [line.adds[name] for name in parts],
        "rules": _rules(line),
    }


def _rules(line: Any) -> list[dict[str, str]]:
    """Return the rules that speak of a line, with links to those that are saved."""
    kinds = dict(EditorialRule.Kind.choices)
    edit = EditorialRule.snippet_viewset.get_url_name("edit")
    return [
        {
            "words": str(kinds[rule.kind]) if rule.id else _("tried"),
            "url": reverse(edit, args=[rule.id]) if rule.id else "",
        }
        for rule in line.rules
    ]
