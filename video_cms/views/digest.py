"""Unsubscribing from the weekly mail: by its link, or by the mail program in one click."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from .. import digest


@csrf_exempt  # mail programs post without a page before (RFC 8058); the token says who it is
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop the mail, and stop it."""
    done = request.method == "POST"
    if not (digest.stop(token) if done else digest.account_of(token)):
        raise Http404
    return render(request, "video_cms/digest/stop.html", {"done": done})
