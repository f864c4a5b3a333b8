"""What pages report to the plugin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from . import api

#: Most cards in one report.
MOST = 200


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Take a page's report of which cards were seen, and which followed.

    Traces that are forged or too old are left out: a page that stood open for days is no error.
    """
    seen, followed = (request.POST.getlist(name)[:MOST] for name in ("seen", "followed"))
    api.report(request, seen=seen, followed=followed)
    return HttpResponse(status=204)
