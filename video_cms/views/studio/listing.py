"""The list of a creator's own videos, and what its buttons do."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ...models import User
from ...studio import videos
from ..browse import paginate
from ..watching import is_htmx
from .own import own_or_404, own_videos


@login_required
@require_safe
def studio(request: HttpRequest) -> HttpResponse:
    """List the visitor's videos with their states, the latest first."""
    page = paginate(request, own_videos(request).order_by("-created_at", "-pk"))
    return render(request, "video_cms/studio/list.html", {"page_obj": page})


@login_required
@require_safe
def row(request: HttpRequest, video_id: str) -> HttpResponse:
    """Show one video of the list: its row asks for this while a file is looked at."""
    video = own_or_404(request, video_id)
    if not is_htmx(request):
        return redirect("studio")
    return render(request, "video_cms/studio/row.html", {"video": video})


@login_required
@require_POST
def unpublish(request: HttpRequest, video_id: str) -> HttpResponse:
    """Make a video a draft again."""
    video = own_or_404(request, video_id)
    videos.unpublish(video, cast(User, request.user))
    messages.success(request, _("“%(title)s” is a draft now.") % {"title": video.title})
    return redirect("studio")


@login_required
def delete(request: HttpRequest, video_id: str) -> HttpResponse:
    """Delete a video, after asking."""
    video = own_or_404(request, video_id)
    if request.method != "POST":
        return render(request, "video_cms/studio/delete.html", {"video": video})
    videos.delete(video)
    messages.success(request, _("“%(title)s” is deleted.") % {"title": video.title})
    return redirect("studio")
