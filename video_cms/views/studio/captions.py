"""The captions of one's own videos: each language's text beside the film."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ...models import CaptionTrack, User, VideoPage
from ...studio import captioning
from .own import own_or_404


def track_or_404(video: VideoPage, language: str) -> CaptionTrack:
    for track in video.captions.all():
        if track.language == language:
            return cast(CaptionTrack, track)
    raise Http404


def desk(video: VideoPage, track: CaptionTrack | None) -> dict[str, Any]:
    """Return what both ways of writing show."""
    return {"video": video, "tracks": list(video.captions.all()), "track": track}


def others(video: VideoPage, track: CaptionTrack | None) -> set[str]:
    """Return the languages of a video's other tracks."""
    return {one.language for one in video.captions.all() if track is None or one.pk != track.pk}


def named(track: CaptionTrack | None) -> dict[str, str]:
    """Return what a form of a track's language begins with."""
    return {"language": track.language, "label": track.label} if track else {}


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


def take(request: HttpRequest, video: VideoPage, track: CaptionTrack | None) -> HttpResponse:
    """Show the text of a track and keep what comes back."""
    start = {**named(track), "webvtt": track.webvtt if track else captioning.BEGINNING}
    form = captioning.TrackForm(request.POST or None, initial=start, taken=others(video, track))
    if form.is_valid():
        kept = CaptionTrack(**form.cleaned_data)
        captioning.save(video, cast(User, request.user), kept, track)
        messages.success(request, _("The captions are saved."))
        return redirect("studio_caption", video_id=video.video_id, language=kept.language)
    cues = captioning.cues_of(form["webvtt"].value() or "")
    context = {**desk(video, track), "form": form, "cues": cues}
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
