"""A creator's own videos: sending one, the list of all, changing and deleting each."""

from __future__ import annotations

from typing import cast

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from ..models import User, VideoPage
from ..models.pages import VideoPageQuerySet
from ..studio import videos
from ..studio.forms import VideoForm, too_large
from .browse import paginate
from .watching import is_htmx

#: What a form weighs besides its file, in bytes.
WORDS = 1024 * 1024


def own_videos(request: HttpRequest) -> VideoPageQuerySet:
    """Return the visitor's own videos, drafts and private ones too."""
    mine = VideoPage.objects.filter(creator__user=cast(User, request.user))
    return mine.select_related("media__poster", "thumbnail", "new_media", "creator__user")


def own_or_404(request: HttpRequest, video_id: str) -> VideoPage:
    """Return one of the visitor's own videos."""
    video: VideoPage = get_object_or_404(own_videos(request), video_id=video_id)
    return video


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Take a new video."""
    return take(request, VideoPage(live=False))


@login_required
def edit(request: HttpRequest, video_id: str) -> HttpResponse:
    """Change one of one's videos, or send another file for it."""
    return take(request, own_or_404(request, video_id))


def take(request: HttpRequest, page: VideoPage) -> HttpResponse:
    """Show the form of a video and keep what comes back."""
    if request.method == "POST" and too_long(request):
        form = VideoForm({}, instance=page)
        form.errors.clear()
        form.add_error("file", too_large())
        return show(request, form, status=413)
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = VideoForm(*bound, instance=page)
    if not form.is_bound:
        return show(request, form)
    if not form.is_valid():
        return show(request, form, status=400)
    new = page.pk is None
    if form.cleaned_data.get("file") and not ratelimit.consume(
        request, action="upload", user=request.user
    ):
        form.add_error("file", _("You sent many files today. Send this one tomorrow."))
        return show(request, form, status=429)
    kept = videos.save(form, cast(User, request.user), publish="publish" in request.POST)
    messages.success(request, said(kept, new))
    if is_htmx(request):
        return HttpResponseClientRedirect(redirect("studio").url)
    return redirect("studio")


def show(request: HttpRequest, form: VideoForm, status: int = 200) -> HttpResponse:
    """Show the form; for htmx alone, which takes the place of the one that was sent."""
    context = {"form": form, "video": form.instance, "limit": settings.UPLOAD_LIMIT}
    if is_htmx(request):
        return render(request, "video_cms/studio/form.html", context)
    return render(request, "video_cms/studio/edit.html", context, status=status)


def too_long(request: HttpRequest) -> bool:
    """Return whether a request is longer than any that is taken, before it is read."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_LIMIT + WORDS


def said(page: VideoPage, new: bool) -> str:
    """Return what happens next with a video that was saved."""
    if page.new_media is not None and page.publish_when_ready:
        return _("Your video has arrived. It is published as soon as it has been looked at.")
    if new:
        return _("Your draft is saved.")
    return _("Your changes are saved.")


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
