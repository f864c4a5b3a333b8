"""What a player asks for beside the video: captions, chapters, the transcript, and choices."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from .. import captions as webvtt
from .. import player, timestamps
from ..models import CaptionTrack, VideoPage
from ..viewers import get_video_or_404
from .watching import back, is_htmx


@require_safe
def captions(request: HttpRequest, video_id: str, language: str) -> HttpResponse:
    """Send the captions of a video in one language."""
    video = get_playable(request, video_id)
    track = get_object_or_404(CaptionTrack, video=video, language=language)
    return send(webvtt.write(cues_of(track)))


@require_safe
def chapters(request: HttpRequest, video_id: str) -> HttpResponse:
    """Send the chapters that a video's description lists."""
    video = get_video_or_404(request, video_id)
    found = timestamps.chapters(video.description, video.duration)
    if not found:
        raise Http404
    return send(webvtt.write_chapters(found))


@require_safe
def transcript(request: HttpRequest, video_id: str) -> HttpResponse:
    """Show what is said, line by line: a part of the video's page, or a page of its own."""
    video = get_playable(request, video_id)
    tracks = list(video.captions.all())
    wanted = request.GET.get("lang")
    track = next((track for track in tracks if track.language == wanted), None)
    if track is None and (wanted is not None or not tracks):
        raise Http404
    context: dict[str, Any] = {"video": video, "tracks": tracks, "track": track or tracks[0]}
    context["cues"] = cues_of(context["track"])
    name = "transcript_lines" if is_htmx(request) else "transcript"
    return render(request, f"video_cms/player/{name}.html", context)


@require_POST
def choose(request: HttpRequest, name: str, on: bool) -> HttpResponse:
    """Keep how the visitor wants the player to behave."""
    if name not in player.CHOICES:
        raise Http404
    player.choose(request, name, on)
    if not is_htmx(request):
        return back(request, "/")
    context = {"name": name, "on": on, "came_from": request.POST.get("next", "")}
    return render(request, "video_cms/player/choice.html", context)


def get_playable(request: HttpRequest, video_id: str) -> VideoPage:
    """Return a video that the visitor may play; words of a film are as protected as the film."""
    video = get_video_or_404(request, video_id)
    if not video.playable_by(request.user):
        raise PermissionDenied
    return video


def cues_of(track: CaptionTrack) -> list[webvtt.Cue]:
    """Return the cues of a track; 404 for one that came in unchecked and is none."""
    try:
        return webvtt.read(track.webvtt)
    except webvtt.BadCaptions as error:
        raise Http404(str(error)) from error


def send(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/vtt; charset=utf-8")
