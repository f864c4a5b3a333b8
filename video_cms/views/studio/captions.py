"""The captions of one's own videos: each language's text beside the film."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ...models import CaptionTrack, User, VideoPage
from ...studio import captioning
from .own import own_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, video_id: str) -> HttpResponse:
    """List a video's captions, and take those of another language."""
    return take(request, own_or_404(request, video_id), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, video_id: str, language: str) -> HttpResponse:
    """Change the captions of a language."""
    video = own_or_404(request, video_id)
    return take(request, video, track_or_404(video, language))


def track_or_404(video: VideoPage, language: str) -> CaptionTrack:
    for track in video.captions.all():
        if track.language == language:
            return cast(CaptionTrack, track)
    raise Http404


def take(request: HttpRequest, video: VideoPage, track: CaptionTrack | None) -> HttpResponse:
    """Show the text of a track and keep what comes back."""
    tracks = list(video.captions.all())
    taken = {one.language for one in tracks if track is None or one.pk != track.pk}
    start = {"language": "", "label": "", "webvtt": captioning.BEGINNING}
    if track is not None:
        start = {"language": track.language, "label": track.label, "webvtt": track.webvtt}
    form = captioning.TrackForm(request.POST or None, initial=start, taken=taken)
    if request.method == "POST" and form.is_valid():
        kept = captioning.save(video, cast(User, request.user), form, track)
        messages.success(request, _("The captions are saved."))
        return redirect("studio_caption", video_id=video.video_id, language=kept.language)
    context = {
        "video": video,
        "tracks": tracks,
        "track": track,
        "form": form,
        "cues": captioning.cues_of(form["webvtt"].value() or ""),
    }
    status = 400 if form.is_bound else 200
    return render(request, "video_cms/studio/captions.html", context, status=status)


@login_required
@require_POST
def remove(request: HttpRequest, video_id: str, language: str) -> HttpResponse:
    """Take the captions of a language away."""
    video = own_or_404(request, video_id)
    captioning.remove(video, cast(User, request.user), track_or_404(video, language))
    messages.success(request, _("The captions are removed."))
    return redirect("studio_captions", video_id=video_id)


@login_required
@require_safe
def download(request: HttpRequest, video_id: str, language: str) -> HttpResponse:
    """Give the captions of a language as a file."""
    track = track_or_404(own_or_404(request, video_id), language)
    response = HttpResponse(track.webvtt, content_type="text/vtt; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{video_id}.{track.language}.vtt"'
    response["Cache-Control"] = "private, no-store"
    return response
