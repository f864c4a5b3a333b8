"""What a visitor lets the site learn of their taste, and how they take it back.

The recommender knows viewers; the site keeps chosen interests on profiles, and follows. Changes
here keep both equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.core import signing
from django.db import transaction

from recommendations_plugin import api, registry

from .models import CreatorProfile, Follow, ParentCategory, VideoPage

#: How long an undo is good for, in seconds.
UNDO = 3600
SALT = "video_cms.taste"


@transaction.atomic
def set_learning(viewer: api.Viewer, choice: api.Learning) -> None:
    """Keep a visitor's choice. Who returns from off brings along what they chose and follow now."""
    before = api.learning_of(viewer)
    api.set_learning(viewer, choice)
    if before is api.Learning.OFF and choice is not before:
        _tell(viewer)


@transaction.atomic
def reset(viewer: api.Viewer) -> None:
    """Forget a visitor's taste, chosen interests too. Whom they follow still counts."""
    api.reset(viewer)
    if profile := _profile(viewer):
        profile.parent_categories.clear()
    _tell(viewer)


def _tell(viewer: api.Viewer) -> None:
    """Tell the recommender of chosen interests and follows; while off, it does not listen."""
    profile = _profile(viewer)
    if profile is None:
        return
    api.set_interests(viewer, map(registry.parent_category, profile.parent_categories.all()))
    for follow in Follow.objects.filter(user=profile.user_id).select_related("creator__user"):
        api.record(api.Kind.FOLLOW, viewer, registry.creator(follow.creator))


def _profile(viewer: api.Viewer) -> CreatorProfile | None:
    return CreatorProfile.objects.filter(user=viewer.user.pk).first() if viewer.user else None


# --- one thing less, and back -------------------------------------------------------------------


@transaction.atomic
def drop_interest(viewer: api.Viewer, key: str) -> str:
    """Forget an interest, on the profile too; return the token that brings it back."""
    found = [one for one in api.known_of(viewer, limit=0).interests if one.facet.key == key]
    dropped = api.drop_interests(viewer, [one.facet for one in found])
    if profile := _profile(viewer):
        profile.parent_categories.remove(*_categories(one.facet.key for one in dropped).values())
    kept = [[one.facet.key, one.score, one.chosen, one.interactions] for one in dropped]
    return signing.dumps([viewer.key, "interests", kept], salt=SALT) if kept else ""


@transaction.atomic
def drop_signals(viewer: api.Viewer, video: VideoPage) -> str:
    """Forget what a visitor did with a video; return the token that brings it back."""
    kept = [
        [signal.kind, signal.target, signal.value, signal.at.timestamp()]
        for signal in api.drop(viewer, [video])
        if signal.at
    ]
    return signing.dumps([viewer.key, "signals", kept], salt=SALT) if kept else ""


@transaction.atomic
def restore(viewer: api.Viewer, token: str) -> str:
    """Bring back what a token stands for; return which kind of thing, "" for a wrong token."""
    try:
        key, what, kept = signing.loads(token, salt=SALT, max_age=UNDO)
    except signing.BadSignature:
        return ""
    if key != viewer.key:
        return ""
    if what == "signals":
        api.restore([_signal(viewer, *fields) for fields in kept])
    else:
        _restore_interests(viewer, kept)
    return str(what)


def _signal(viewer: api.Viewer, kind: str, key: str, value: float, at: float) -> api.Signal:
    return api.Signal(api.Kind(kind), viewer.key, key, value, datetime.fromtimestamp(at, UTC))


def _restore_interests(viewer: api.Viewer, kept: list[tuple[str, float, bool, int]]) -> None:
    categories = _categories(key for key, *_ in kept)
    interests = [
        api.Interest(registry.parent_category(categories[key]), score, chosen, interactions)
        for key, score, chosen, interactions in kept
        if key in categories
    ]
    api.restore_interests(viewer, interests)
    if profile := _profile(viewer):
        mine = [categories[one.facet.key] for one in interests if one.chosen]
        profile.parent_categories.add(*mine)


def _categories(keys: Iterable[str]) -> dict[str, ParentCategory]:
    """Return the parent categories of these keys that still exist."""
    found = ParentCategory.objects.filter(pk__in=[key.rpartition(":")[2] for key in keys])
    return {api.key_of(category): category for category in found}
