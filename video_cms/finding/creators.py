"""Creators: whom a visitor follows, and whom they might."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest

from ..models import CreatorProfile, Follow, User
from ..viewers import listed_videos

#: How many are shown.
FOLLOWED, SUGGESTED = 40, 8


def with_pictures(creators: Any) -> Any:
    """Add what a creator's picture and name need, in a fixed number of queries."""
    return creators.select_related("user", "picture").prefetch_related("picture__renditions")


def followed_creators(user: Any) -> list[CreatorProfile]:
    """Return whom somebody follows, latest first."""
    creators = CreatorProfile.objects.filter(followers__user_id=user.pk, user__is_active=True)
    return list(with_pictures(creators).order_by("-followers__created_at", "pk")[:FOLLOWED])


def creators_to_follow(request: HttpRequest) -> list[CreatorProfile]:
    """Return creators with videos whom the visitor does not follow.

    Those with videos in the visitor's interests come first, then those with most followers.
    """
    videos, user = listed_videos(request), request.user
    creators = CreatorProfile.objects.filter(
        user__is_active=True, pk__in=videos.order_by().values("creator")
    ).annotate(follower_count=Count("followers"))
    order = ["-follower_count", "pk"]
    if isinstance(user, User):
        own = Follow.objects.filter(user=user, creator=OuterRef("pk"))
        liked = videos.filter(
            creator=OuterRef("pk"), categories__parent__interested__user=user
        ).order_by()
        creators = creators.exclude(user=user).exclude(Exists(own)).annotate(near=Exists(liked))
        order.insert(0, "-near")
    return list(with_pictures(creators).order_by(*order)[:SUGGESTED])
