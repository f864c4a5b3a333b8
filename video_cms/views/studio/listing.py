"""The list of a creator's own videos, and what its buttons do."""

from __future__ import annotations

import re
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ...models import User, VideoPage
from ...studio import deleting, videos
from ...studio.bulk import MOST, BulkForm
from ...studio.choosing import ChoosingForm
from ..browse import paginate
from ..watching import back, is_htmx
from .own import deleted_videos, own_or_404, own_videos

VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@login_required
@require_safe
def studio(request: HttpRequest) -> HttpResponse:
    """List the visitor's videos with their states, as they are asked for."""
    return show_list(request, BulkForm())


def show_list(request: HttpRequest, bulk: BulkForm, status: int = 200) -> HttpResponse:
    """Show a page of the list, with the form that changes many at once."""
    choosing = ChoosingForm(request.GET)
    choosing.is_valid()
    context = {
        "page_obj": chosen_page(request, choosing),
        "choosing": choosing,
        "bulk": bulk,
        "chosen": request.POST.getlist("video"),
        "deleted": deleted_videos(request).count(),
    }
    return render(request, "video_cms/studio/list.html", context, status=status)


def chosen_page(request: HttpRequest, choosing: ChoosingForm) -> Page[VideoPage]:
    """Return a page of what is asked for: found by ids, then read with all that its rows show."""
    page: Any = paginate(request, choosing.choose(own_videos(request)).values_list("pk", flat=True))
    shown = own_videos(request).annotate_approved_schedule().filter(pk__in=list(page.object_list))
    found = {video.pk: video for video in shown}
    page.object_list = [found[pk] for pk in page.object_list if pk in found]
    return page


@login_required
@require_POST
def change_many(request: HttpRequest) -> HttpResponse:
    """Do the same with all videos that were ticked."""
    form, chosen = BulkForm(request.POST), request.POST.getlist("video")[:MOST]
    if form.is_valid() and not chosen:
        form.add_error(None, _("Tick the videos that you mean."))
    if not form.is_valid():
        return show_list(request, form, status=400)
    known = [video_id for video_id in chosen if VIDEO_ID.fullmatch(video_id)]
    pages = own_videos(request).filter(video_id__in=known).order_by("pk")
    changed = form.carry_out(pages, cast(User, request.user))
    told = ngettext("%(number)d video is changed.", "%(number)d videos are changed.", changed)
    messages.success(request, told % {"number": changed})
    return back(request, redirect("studio").url)


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
def publish(request: HttpRequest, video_id: str) -> HttpResponse:
    """Publish a draft, or one that has a publish time, now."""
    video = own_or_404(request, video_id)
    videos.publish(video, cast(User, request.user))
    said = (
        _("“%(title)s” is published.")
        if video.live
        else _("“%(title)s” is published as soon as its file has been looked at.")
    )
    messages.success(request, said % {"title": video.title})
    return back(request, redirect("studio").url)


@login_required
@require_POST
def unpublish(request: HttpRequest, video_id: str) -> HttpResponse:
    """Make a video a draft again."""
    video = own_or_404(request, video_id)
    videos.unpublish(video, cast(User, request.user))
    messages.success(request, _("“%(title)s” is a draft now.") % {"title": video.title})
    return back(request, redirect("studio").url)


@login_required
def delete(request: HttpRequest, video_id: str) -> HttpResponse:
    """Delete a video, after asking; it can be brought back for a while."""
    video = own_or_404(request, video_id)
    if request.method != "POST":
        context = {"video": video, "days_kept": settings.DELETED_VIDEOS_KEPT.days}
        return render(request, "video_cms/studio/delete.html", context)
    deleting.delete(video, cast(User, request.user))
    messages.success(request, _("“%(title)s” is deleted.") % {"title": video.title})
    return redirect("studio_deleted")


# --- what was deleted ---------------------------------------------------------------------------


@login_required
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """List what was deleted and can be brought back, the latest first."""
    page = paginate(request, deleted_videos(request).order_by("-deleted_at", "-pk"))
    return render(request, "video_cms/studio/deleted.html", {"page_obj": page})


def deleted_or_404(request: HttpRequest, video_id: str) -> VideoPage:
    video: VideoPage = get_object_or_404(deleted_videos(request), video_id=video_id)
    return video


@login_required
@require_POST
def restore(request: HttpRequest, video_id: str) -> HttpResponse:
    """Bring a deleted video back."""
    video = deleted_or_404(request, video_id)
    deleting.restore(video, cast(User, request.user))
    messages.success(request, _("“%(title)s” is back.") % {"title": video.title})
    return redirect("studio")


@login_required
def erase(request: HttpRequest, video_id: str) -> HttpResponse:
    """Erase a deleted video at once, after asking."""
    video = deleted_or_404(request, video_id)
    if request.method != "POST":
        return render(request, "video_cms/studio/erase.html", {"video": video})
    deleting.erase(video)
    messages.success(request, _("“%(title)s” is erased.") % {"title": video.title})
    return redirect("studio_deleted")
