"""Watching, liking and following: small POSTs, with or without JavaScript."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from .. import engagement
from ..models import CreatorProfile, VideoPage
from ..viewers import get_video_or_404
from ..watching import BadReport, keep_report, read_report

#: The address of a video's page.
VIDEO = re.compile(r"/video/([A-Za-z0-9_-]{1,40})/")


@require_POST
def watch(request: HttpRequest, video_id: str) -> HttpResponse:
    """Take a player's report of how much has been watched."""
    video = get_video_or_404(request, video_id)
    if not video.playable_by(request.user):
        return HttpResponse(status=403)
    try:
        report = read_report(request, video.duration)
    except BadReport as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    keep_report(request, video, report)
    return HttpResponse(status=204)


@require_POST
def like(request: HttpRequest, video_id: str, on: bool) -> HttpResponse:
    """Like a video, or take it back."""
    video = get_video_or_404(request, video_id)
    if not request.user.is_authenticated:
        return sign_in_first(request, video.get_url(request))
    (engagement.like if on else engagement.unlike)(request.user, video)
    if not is_htmx(request):
        return back(request, video.get_url(request))
    video.refresh_from_db(fields=["likes"])
    return render(request, "video_cms/like_button.html", {"video": video, "liked": on})


@require_POST
def follow(request: HttpRequest, username: str, on: bool) -> HttpResponse:
    """Follow a creator, or stop."""
    profile = get_object_or_404(
        CreatorProfile.objects.select_related("user"),
        user__username=username,
        user__is_active=True,
    )
    if not request.user.is_authenticated:
        return sign_in_first(request, came_from(request, profile.get_absolute_url()))
    if on:
        engagement.follow(request.user, profile, watched(request, profile))
    else:
        engagement.unfollow(request.user, profile)
    if not is_htmx(request):
        return back(request, profile.get_absolute_url())
    context = {"creator": profile, "following": on and profile.user_id != request.user.pk}
    return render(request, "video_cms/follow_button.html", context)


def watched(request: HttpRequest, profile: CreatorProfile) -> VideoPage | None:
    """Return the creator's video on whose page the visitor presses the button, if it is one."""
    page = VIDEO.fullmatch(came_from(request, "").partition("?")[0])
    videos = VideoPage.objects.live().filter(creator=profile)
    return videos.filter(video_id=page[1]).first() if page else None


# --- where to go afterwards ---------------------------------------------------------------------


def is_htmx(request: HttpRequest) -> bool:
    """Return whether htmx asks, and takes a fragment for an answer."""
    details: Any = request.htmx  # type: ignore[attr-defined]
    return bool(details)


def came_from(request: HttpRequest, default: str) -> str:
    """Return the request's ``next`` when it is an address of this site, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    local = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted.startswith("/") and local else default


def back(request: HttpRequest, default: str) -> HttpResponse:
    return HttpResponseRedirect(came_from(request, default))


def sign_in_first(request: HttpRequest, then: str) -> HttpResponse:
    """Have an anonymous visitor sign in, in the page's dialog if htmx asks, then go to ``then``."""
    address = f"{reverse('account_login')}?{urlencode({'next': then})}"
    if is_htmx(request):
        where = {"path": address, "target": "#account-dialog", "push": "false"}
        return HttpResponse(headers={"HX-Location": json.dumps(where)})
    return HttpResponseRedirect(address)
