"""Why a video is in the visitor's feed, in plain words, and what they can do about it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from recommendations_plugin import api

from ..viewers import get_video_or_404, is_following
from .browse import PLACEMENT, private

#: What each part of the score says, in words; parts without words are not told.
FACTORS = {
    "similarity": _("It is close to what you watch and like."),
    "interest": _("It belongs to what interests you."),
    "creator": _("You care for its creator."),
    "engagement": _("Others watch it for long and like it."),
    "trending": _("It is watched a lot these days."),
    "freshness": _("It is new."),
}
#: The least part, 0–1, that is worth telling, and the most things that are named.
LEAST, MOST = 0.15, 3


class Given(NamedTuple):
    """A reason as the template tag ``recommendation_reason`` takes it."""

    reason: api.Reason


class Factor(NamedTuple):
    """Something that counted, and how much, 0–1."""

    words: Any
    strength: float


def why(request: HttpRequest, video_id: str) -> HttpResponse:
    """Say why a video is in a feed of the visitor, or why not."""
    video = get_video_or_404(request, video_id)
    placement = request.GET.get("placement", "home")
    if not PLACEMENT.fullmatch(placement):
        raise Http404
    viewer = api.viewer(request)
    found = api.explain(viewer, video, placement=placement)
    context = {
        "video": video,
        "item": video,
        "rank": found["rank"],
        "seen": found.get("seen", False),
        "given": Given(found["reason"]) if "reason" in found else None,
        "factors": factors(found),
        "pulls": [Given(reason) for reason, strength in found.get("pulls", []) if strength > 0][
            :MOST
        ],
        "learning": api.learning_of(viewer) is not api.Learning.OFF,
        "following": is_following(request, video.creator),
        "creator": video.creator,
    }
    return private(render(request, "video_cms/why.html", context))


def factors(found: dict[str, Any]) -> list[Factor]:
    """Return what counted most, strongest first."""
    parts = found.get("parts", {})
    known = [Factor(words, parts.get(name, 0.0)) for name, words in FACTORS.items()]
    told = [factor for factor in known if factor.strength >= LEAST]
    return sorted(told, key=lambda factor: -factor.strength)
