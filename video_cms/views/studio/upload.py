"""Sending a video, and changing one: the same form."""

from __future__ import annotations

from typing import cast

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from ...models import User, VideoPage
from ...studio import videos
from ...studio.forms import VideoForm
from ...uploads.quota import too_large
from ..watching import is_htmx
from .own import own_or_404

#: What a form weighs besides its file, in bytes.
WORDS = 1024 * 1024


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
