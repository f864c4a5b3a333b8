"""Trying a theme: an editor sees the site in it, visitors do not."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from wagtail.models import Site

from ..themes.catalogue import all_themes
from ..themes.current import SESSION_KEY, may_choose
from .watching import came_from


@require_POST
def preview_theme(request: HttpRequest) -> HttpResponse:
    """Show the site in the posted theme for the rest of this session; none ends that."""
    if not may_choose(request.user, Site.find_for_request(request)):
        raise PermissionDenied
    slug = request.POST.get("preview", "")
    if slug and slug not in all_themes():
        raise Http404
    request.session[SESSION_KEY] = slug
    return redirect(came_from(request, default="/"))
