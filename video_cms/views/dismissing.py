"""“Not interested”: keeping a video, or all of a creator's, out of the visitor's feeds."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from recommendations_plugin import api

from .. import engagement
from ..models import CreatorProfile
from ..viewers import get_video_or_404, learning_of
from .watching import back, came_from, is_htmx


@require_POST
def dismiss(request: HttpRequest, video_id: str, on: bool) -> HttpResponse:
    """Keep a video out of the visitor's feeds, or let it back in."""
    video = get_video_or_404(request, video_id)
    if on and learning_of(request) is api.Learning.OFF:
        return not_noted(request)
    viewer = api.viewer(request, create=True)
    (engagement.dismiss if on else engagement.undismiss)(viewer, video)
    if on:
        said = _("Not interested. It will not come back.")
    else:
        said = _("“%(title)s” is back.") % {"title": video.title}
    context = {
        "item": video,
        "name": video.title,
        "said": said,
        "undo": reverse("undismiss", args=[video_id]),
    }
    return answer(request, on, context)


@require_POST
def dismiss_creator(request: HttpRequest, username: str, on: bool) -> HttpResponse:
    """Keep all of a creator's videos out of the visitor's feeds, or let them back in.

    ``video`` names the one whose card said so: it comes back with an undo.
    """
    profile = get_object_or_404(
        CreatorProfile.objects.select_related("user"),
        user__username=username,
        user__is_active=True,
    )
    wanted = request.POST.get("video") or request.GET.get("video", "")
    video = get_video_or_404(request, wanted) if wanted and "\0" not in wanted else None
    if on and learning_of(request) is api.Learning.OFF:
        return not_noted(request)
    viewer = api.viewer(request, create=True)
    (engagement.dismiss if on else engagement.undismiss)(viewer, profile)
    if on:
        said = _("%(name)s will not be recommended to you any more.") % {"name": profile}
    else:
        said = _("%(name)s may be recommended to you again.") % {"name": profile}
    context = {
        "item": video,
        "name": str(profile),
        "said": said,
        "undo": reverse("undismiss_creator", args=[username]),
    }
    return answer(request, on, context)


def not_noted(request: HttpRequest) -> HttpResponse:
    """Tell a visitor without personal feeds that theirs cannot leave something out."""
    messages.warning(request, _("Not noted: you have switched personal recommendations off."))
    where = came_from(request, reverse("explore"))
    return HttpResponseClientRedirect(where) if is_htmx(request) else HttpResponseRedirect(where)


def answer(request: HttpRequest, on: bool, context: dict[str, Any]) -> HttpResponse:
    """Show what was dismissed with an undo, or what is back: in place, or as a page."""
    item = context["item"]
    if not on and (not is_htmx(request) or item is None):
        messages.success(request, context["said"])
        return back(request, reverse("explore"))
    context["next"] = came_from(request, "/")
    if not is_htmx(request):
        return render(request, "video_cms/dismissed_page.html", context)
    template = "video_cms/dismissed.html" if on else "video_cms/restored.html"
    return render(request, template, context)
