"""How far the work on a film is, and another try; for its creator and for editors."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from ..models import VideoMedia
from ..processing import queue, steps
from ..processing.status import may_ask, status_of
from .watching import back, is_htmx


def media_or_404(request: HttpRequest, media_id: int) -> VideoMedia:
    """Return a film whose work the visitor may know of."""
    media: VideoMedia = get_object_or_404(VideoMedia, pk=media_id)
    if not may_ask(request.user, media):
        raise Http404
    return media


@login_required
@require_safe
def status(request: HttpRequest, media_id: int) -> HttpResponse:
    """Tell how far it is; what asks for this every few seconds stops when all is done."""
    return show(request, media_or_404(request, media_id))


@login_required
@require_POST
def retry(request: HttpRequest, media_id: int) -> HttpResponse:
    """Have what failed tried once more."""
    media = media_or_404(request, media_id)
    steps.retry(media)
    queue.enqueue(media.pk)
    return show(request, media) if is_htmx(request) else back(request, "/studio/")


def show(request: HttpRequest, media: VideoMedia) -> HttpResponse:
    context = {"status": status_of(media), "came_from": request.GET.get("next", "")}
    return render(request, "video_cms/processing/status.html", context)
