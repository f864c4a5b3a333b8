"""What pages report to the plugin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from . import api, traces
from .types import Trace

#: Most cards in one report.
MOST = 200


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Take a page's report of which cards were seen, and which followed.

    Traces that are forged or too old are left out: a page that stood open for days is no error.
    """
    given = {name: _traces(request, name) for name in ("seen", "followed")}
    api.report_seen(api.viewer(request), given["seen"], followed=given["followed"])
    return HttpResponse(status=204)


def _traces(request: HttpRequest, name: str) -> list[Trace]:
    texts = request.POST.getlist(name)[:MOST]
    return [trace for trace in map(traces.read, texts) if trace is not None]
