"""What moderators let an account do, and how that is enforced.

Muted: what they write waits for a moderator. Suspended: they change nothing on the site, and their
videos are in no list and no feed and are opened by nobody but editors and themselves
(``VideoPageQuerySet.listed``, ``VideoPage.visible_to``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from wagtail.log_actions import log

from recommendations_plugin import api

from .importing.search import index_for_search
from .models import CreatorProfile, VideoPage

Standing = CreatorProfile.Standing

#: Names in Wagtail's audit log, by what an account's standing becomes.
ACTIONS = {
    Standing.GOOD: "video_cms.reinstate",
    Standing.MUTED: "video_cms.mute",
    Standing.SUSPENDED: "video_cms.suspend",
}
#: What suspended people may still do: leave, take their data along, close the account, watch.
STILL_ALLOWED = {
    "account_logout",
    "delete_account",
    "export",
    "my_recommendations_export",
    "set_language",
    "wagtailadmin_logout",
    "watch",
}
SAFE = ("GET", "HEAD", "OPTIONS")


@transaction.atomic
def change(profiles: Iterable[CreatorProfile], standing: str, *, user: Any, reason: str) -> int:
    """Give accounts another standing and write that down; return how many had another one.

    Recommender and search are told at once of the videos that leave their lists or come back.
    """
    changed = 0
    for profile in profiles:
        if profile.standing == standing:
            continue
        concerned = Standing.SUSPENDED in (profile.standing, standing)
        CreatorProfile.objects.filter(pk=profile.pk).update(standing=standing)
        profile.standing = standing
        log(profile, ACTIONS[Standing(standing)], user=user, data={"reason": reason})
        if concerned:
            videos = VideoPage.objects.filter(creator=profile)
            api.index_items(videos.iterator(500))
            index_for_search(VideoPage, videos.values_list("pk", flat=True))
        changed += 1
    return changed


@transaction.atomic
def verify(profiles: Iterable[CreatorProfile], *, user: Any, reason: str) -> int:
    """Give accounts the badge; return how many had none."""
    changed = 0
    for profile in profiles:
        if not profile.verified:
            CreatorProfile.objects.filter(pk=profile.pk).update(verified=True)
            log(profile, "video_cms.verify", user=user, data={"reason": reason})
            changed += 1
    return changed


def _standing_of(user: Any) -> str:
    found = CreatorProfile.objects.filter(user=user.pk).values_list("standing", flat=True)
    return found.first() or Standing.GOOD


def is_muted(user: Any) -> bool:
    """Return whether what somebody writes waits for a moderator."""
    return _standing_of(user) != Standing.GOOD


class SuspendedMiddleware:
    """Refuses what suspended people would change, whichever address it is sent to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.url_name if match else ""
        if request.method in SAFE or name in STILL_ALLOWED or not request.user.is_authenticated:
            return None
        if request.user.is_superuser or _standing_of(request.user) != Standing.SUSPENDED:
            return None
        return render(request, "video_cms/suspended.html", status=403)
