"""The captions of one's own videos line by line: a page of rows at a time, saved as a page."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ...captions import Cue, write
from ...models import CaptionTrack, User, VideoPage
from ...studio import captioning, cue_rows
from .captions import desk, named, others, track_or_404
from .own import own_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest, video_id: str, language: str = "") -> HttpResponse:
    """Change some lines of a track, or begin one; a row's own button changes the form only."""
    video = own_or_404(request, video_id)
    track = track_or_404(video, language) if language else None
    cues = captioning.cues_of(track.webvtt) if track else []
    if track and not cues:  # as text one sees what is wrong
        return redirect("studio_caption", video_id=video_id, language=language)
    page = page_of(request, cues)
    around = neighbours(video, cues, page)
    first = max(0, page.start_index() - 1)
    context = desk(video, track) | {
        "page_obj": page,
        "first": first,
        "version": version(track),
    }
    if request.method != "POST":
        rows = cue_rows.rows_of(list(page.object_list)) or [{"start": 0.0, "end": cue_rows.NEW}]
        return show(request, context, named(track), cue_rows.CueForms(initial=rows, **around))
    sent: Any = cue_rows.CueForms(request.POST, **around)
    if pressed := button(request):
        rows = sent.rows
        at = cue_rows.change(rows, *pressed, *where(request))
        changed: Any = cue_rows.CueForms(initial=rows, **around)
        for form in changed.forms[at : at + 1]:
            form.fields["text"].widget.attrs["autofocus"] = True
        typed = {name: request.POST.get(name, "") for name in ("language", "label")}
        return show(request, context, typed, changed)
    form = captioning.LanguageForm(request.POST, taken=others(video, track))
    stale = request.POST.get("version") != context["version"]
    if form.is_valid() & sent.is_valid() and not stale:
        cues[first : first + len(page.object_list)] = sent.cues
        return keep(request, video, track, form, cues, page.number)
    context |= {"form": form, "rows": sent, "stale": stale}
    return render(request, "video_cms/studio/caption_lines.html", context, status=400)


def show(
    request: HttpRequest, context: dict[str, Any], typed: dict[str, str], rows: Any
) -> HttpResponse:
    """Show rows as they stand, right or wrong."""
    form = captioning.LanguageForm(initial=typed, taken=set())
    return render(
        request, "video_cms/studio/caption_lines.html", {**context, "form": form, "rows": rows}
    )


def page_of(request: HttpRequest, cues: list[Cue]) -> Page[Cue]:
    """Return the page that is asked for: by its number, or by a time of the film."""
    asked, time = request.GET.get("page"), cue_rows.seconds(request.GET.get("at", ""))
    if time is not None:
        before = sum(cue.start <= time for cue in cues)
        asked = str(max(0, before - 1) // cue_rows.PER_PAGE + 1)
    return Paginator(cues, cue_rows.PER_PAGE).get_page(asked)


def neighbours(video: VideoPage, cues: list[Cue], page: Page[Cue]) -> dict[str, Any]:
    """Return what the rows of a page must fit between."""
    first, last = page.start_index() - 1, page.end_index()
    return {
        "duration": video.duration,
        "before": cues[first - 1] if first > 0 else None,
        "after": cues[last] if last < len(cues) else None,
    }


def button(request: HttpRequest) -> tuple[str, int] | None:
    """Return which button of which row was pressed; nothing where all shall be saved."""
    what, _dash, at = request.POST.get("do", "").partition("-")
    return (what, int(at)) if at.isascii() and at.isdigit() and len(at) < 4 else None


def where(request: HttpRequest) -> tuple[float | None, float | None]:
    """Return the time of the player and the place of the caret, if the page told."""
    time, caret = (cue_rows.number(request.POST.get(name, "")) for name in ("time", "caret"))
    return time, caret


def version(track: CaptionTrack | None) -> str:
    """Return what tells one state of a track from another."""
    return sha256(track.webvtt.encode()).hexdigest()[:16] if track else ""


def keep(
    request: HttpRequest,
    video: VideoPage,
    track: CaptionTrack | None,
    form: captioning.LanguageForm,
    cues: list[Cue],
    page: int,
) -> HttpResponse:
    """Keep a track's lines and go back to them; one that has none left is no track."""
    user = cast(User, request.user)
    if not cues:
        if track is not None:
            captioning.remove(video, user, track)
            messages.success(request, _("The captions are removed."))
        return redirect("studio_captions", video_id=video.video_id)
    kept = CaptionTrack(**form.cleaned_data, webvtt=write(cues))
    captioning.save(video, user, kept, track)
    messages.success(request, _("The captions are saved."))
    to = reverse("studio_caption_lines", args=[video.video_id, kept.language])
    return HttpResponseRedirect(f"{to}?page={page}" if page > 1 else to)
