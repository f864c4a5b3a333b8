"""“My recommendations”: what the site thinks the visitor likes, and their control over it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from recommendations_plugin import api

from .. import taste
from ..models import CreatorProfile, Preferences, VideoPage
from ..viewers import openable_videos
from .browse import private
from .watching import is_htmx

#: How many signals are on a page.
PAGE_SIZE = 30


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is known of the visitor's taste, with a button to remove each bit of it."""
    context = {
        **known_context(request),
        "kept": Preferences.of(request.user).keep_history,
    }
    return private(render(request, "video_cms/taste/page.html", context))


def known_context(request: HttpRequest) -> dict[str, Any]:
    """Return what is known of the visitor, with the videos and creators it names."""
    viewer = api.viewer(request)
    wanted = (request.POST or request.GET).get("page", "")
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else 1
    offset = (max(number, 1) - 1) * PAGE_SIZE
    known = api.known_of(viewer, limit=PAGE_SIZE, offset=offset)
    paginator = Paginator(range(known.number_of_signals), PAGE_SIZE)
    page: Page[int] = paginator.get_page(number)
    if page.number != number and known.number_of_signals:
        known = api.known_of(viewer, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    videos = videos_of(request, known)
    return {
        "learning": known.learning,
        "interests": [interest_entry(interest, known, videos) for interest in known.interests],
        "signals": [{"signal": one, "video": videos.get(one.item)} for one in known.signals],
        "page_obj": page,
        "follows": profiles(known.follows),
        "muted": profiles(known.muted),
        "empty": not (known.interests or known.number_of_signals or known.follows or known.muted),
    }


def videos_of(request: HttpRequest, known: api.Known) -> dict[str, VideoPage]:
    """Return by key the videos that are named and that the visitor may open."""
    keys = {signal.item for signal in known.signals}
    keys |= {key for interest in known.interests for key in interest.sources}
    found = openable_videos(request).filter(pk__in=[key.rpartition(":")[2] for key in keys])
    return {api.key_of(video): video for video in found.select_related("creator__user")}


def interest_entry(
    interest: api.Interest, known: api.Known, videos: dict[str, VideoPage]
) -> dict[str, Any]:
    """Return an interest with its share of the strongest, 0–1, and videos it comes from."""
    strongest = max(one.score for one in known.interests)
    sources = [videos[key] for key in interest.sources if key in videos]
    return {"interest": interest, "share": interest.score / strongest, "sources": sources}


def profiles(facets: Any) -> list[CreatorProfile]:
    """Return the profiles of creators, in the order given; those that are gone are left out."""
    pks = [int(facet.key.rpartition(":")[2]) for facet in facets]
    found = CreatorProfile.objects.filter(user__is_active=True).select_related("user").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


# --- changing it --------------------------------------------------------------------------------


def somebody(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view a POST of a viewer of whom something is known."""

    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        viewer = api.viewer(request)
        if not viewer.key:
            raise Http404
        return view(request, viewer)

    return guarded


@require_POST
def set_learning(request: HttpRequest) -> HttpResponse:
    """Switch learning on, to a pause, or off."""
    said = {
        api.Learning.ON: _("Your recommendations learn from what you do."),
        api.Learning.PAUSED: _("Learning is paused. Your feeds stay as they are."),
        api.Learning.OFF: _("Personal recommendations are off."),
    }
    choice = request.POST.get("learning", "")
    if choice not in list(api.Learning):
        messages.error(request, _("Choose one of the three."))
        return redirect("my_recommendations")
    taste.set_learning(api.viewer(request, create=True), api.Learning(choice))
    messages.success(request, said[api.Learning(choice)])
    return redirect("my_recommendations")


@somebody
def remove_interest(request: HttpRequest, viewer: api.Viewer) -> HttpResponse:
    """Forget an interest."""
    token = taste.drop_interest(viewer, request.POST.get("key", ""))
    return removed(request, token, _("The interest is removed."), "#interests")


@somebody
def remove_signals(request: HttpRequest, viewer: api.Viewer) -> HttpResponse:
    """Forget what the visitor did with a video; to them a wrong key and a video gone are alike."""
    pk = request.POST.get("key", "").rpartition(":")[2]
    known = pk.isascii() and pk.isdecimal() and len(pk) < 19
    video = VideoPage.objects.filter(pk=int(pk)).first() if known else None
    token = taste.drop_signals(viewer, video) if video else ""
    return removed(request, token, _("Forgotten. It may be suggested again."), "#signals")


def removed(request: HttpRequest, token: str, said: str, where: str) -> HttpResponse:
    """Say what is gone, with an undo in its place."""
    if not token:
        raise Http404
    context = {
        "said": said,
        "undo": reverse("my_recommendations_restore"),
        "fields": {"token": token, "page": request.POST.get("page", "1")},
        "target": where,
    }
    if is_htmx(request):
        return render(request, "video_cms/library/removed.html", context)
    return private(render(request, "video_cms/taste/removed.html", context))


@somebody
def restore(request: HttpRequest, viewer: api.Viewer) -> HttpResponse:
    """Bring back what was removed."""
    what = taste.restore(viewer, request.POST.get("token", ""))
    if not what:
        raise Http404
    said = _("It is back.")
    if not is_htmx(request):
        messages.success(request, said)
        return redirect("my_recommendations")
    context = {**known_context(request), "said": said}
    return private(render(request, f"video_cms/taste/{what}.html", context))


def reset(request: HttpRequest) -> HttpResponse:
    """Ask whether everything learned shall be forgotten, and forget it."""
    if request.method == "POST":
        taste.reset(api.viewer(request))
        messages.success(request, _("Everything is forgotten. Your feeds start afresh."))
        return redirect("my_recommendations")
    return private(render(request, "video_cms/taste/reset.html"))


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give the visitor all that is known of their taste, as a file."""
    name = f"my-recommendations-{timezone.localdate()}.json"
    answer = JsonResponse(
        api.export(api.viewer(request)), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(answer)
