"""Finding videos by their words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..finding import search as finding
from ..finding.trending import trending
from ..forms import SearchForm
from ..viewers import listed_videos
from .browse import SECTION_SIZE, in_order, paginate


def search(request: HttpRequest) -> HttpResponse:
    """Show videos, creators and subjects with the words that somebody looks for."""
    form = SearchForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "query": "", "filtered": False}
    if form.is_bound and not form.is_valid():
        return render(request, "video_cms/search.html", context, status=400)
    if form.is_bound:
        context |= results(request, form)
    if not context.get("page_obj"):
        videos = listed_videos(request)
        context["trending"] = in_order(videos, trending(videos)[:SECTION_SIZE])
    return render(request, "video_cms/search.html", context)


def results(request: HttpRequest, form: SearchForm) -> dict[str, Any]:
    """Return what was found; nothing for no words."""
    words = finding.words_of(form.cleaned_data["q"])
    context: dict[str, Any] = {"query": form.cleaned_data["q"], "filtered": form.filtered}
    if not words:
        return context
    page = paginate(request, finding.videos(request, words, form.cleaned_data))
    context["page_obj"] = page
    if page.number == 1:
        context["creators"] = finding.creators(request, words)
        context["subjects"] = finding.subjects(words)
    return context


def suggest(request: HttpRequest) -> HttpResponse:
    """Answer what a visitor may be typing, as the options of a list."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=400)
    words = finding.words_of(form.cleaned_data["q"])
    found = finding.suggestions(request, words) if words else []
    return render(request, "video_cms/suggestions.html", {"suggestions": found})
