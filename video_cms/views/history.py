"""The page of what a visitor watched, and its small POSTs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommendations_plugin import api

from .. import history as rules
from ..models import Preferences, VideoPage, Watch
from ..viewers import openable_videos
from .browse import paginate, private
from .watching import is_htmx, sign_in_first


def history(request: HttpRequest) -> HttpResponse:
    """Show what the visitor watched, the latest first."""
    page = paginate(request, rules.of(api.viewer(request)))
    context = {
        "page_obj": page,
        "entries": with_videos(request, page),
        "kept": Preferences.of(request.user).keep_history,
    }
    return private(render(request, "video_cms/library/history.html", context))


def with_videos(request: HttpRequest, rows: Page[Any] | list[Watch]) -> list[dict[str, Any]]:
    """Return rows with their videos, ready for cards; None where one cannot be opened now."""
    found = list(rows)
    videos = openable_videos(request).for_cards().filter(pk__in=[row.video_id for row in found])
    by_pk: dict[int, VideoPage] = {video.pk: video for video in videos}
    return [{"row": row, "video": by_pk.get(row.video_id)} for row in found]


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one video out of the history."""
    viewer = api.viewer(request)
    rows = rules.of(viewer).select_related("video__creator")
    row = get_object_or_404(rows, pk=pk)
    token = rules.remove(viewer, row)
    if not is_htmx(request):
        messages.success(request, _("Removed from your history."))
        return redirect("history")
    context = {
        "said": _("Removed from your history."),
        "undo": reverse("history_restore"),
        "fields": {"token": token},
    }
    return render(request, "video_cms/library/removed.html", context)


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Put a removed video back into the history."""
    row = rules.restore(api.viewer(request), request.POST.get("token", ""))
    if row is None:
        raise Http404
    if not is_htmx(request):
        return redirect("history")
    [entry] = with_videos(request, [row])
    context = {"entry": entry, "said": _("Back in your history.")}
    return render(request, "video_cms/library/history_entry.html", context)


def clear(request: HttpRequest) -> HttpResponse:
    """Ask whether the history shall be emptied, and empty it."""
    viewer = api.viewer(request)
    if request.method == "POST":
        rules.clear(viewer)
        messages.success(request, _("Your history is empty."))
        return redirect("history")
    context = {"number": rules.of(viewer).count()}
    return private(render(request, "video_cms/library/history_clear.html", context))


@require_POST
def keep(request: HttpRequest, on: bool) -> HttpResponse:
    """Switch the history on or off."""
    if not request.user.is_authenticated:
        return sign_in_first(request, reverse("history"))
    Preferences.objects.update_or_create(user=request.user, defaults={"keep_history": on})
    said = _("Your history is on.") if on else _("Your history is off. What is in it stays.")
    messages.success(request, said)
    return redirect("history")
