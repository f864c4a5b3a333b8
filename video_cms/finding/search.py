"""Searching: which words, which filters, in which order; and suggestions while somebody types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from wagtail.search.backends import get_search_backend

from ..models import Category, CreatorProfile, ParentCategory, VideoPage
from ..models.pages import VideoPageQuerySet
from ..viewers import listed_videos
from .creators import with_pictures

#: Lengths to choose from, in seconds: from, and up to.
LENGTHS = {"short": (0, 240), "medium": (240, 1200), "long": (1200, None)}
#: How far back an upload may lie, in days.
AGES = {"day": 1, "week": 7, "month": 31, "year": 366}
ACCESS = {"free": False, "premium": True}
#: Orders besides that of relevance.
SORTS = {"new": ("-first_published_at", "-id"), "views": ("-views", "-id")}

#: How many creators and subjects are shown above the videos, and suggested.
BESIDE, SUGGESTED, SUGGESTED_VIDEOS = 6, 3, 6


def words_of(text: str) -> str:
    """Return what the search engine may take; a quotation mark is syntax to SQLite's."""
    return " ".join(text.replace('"', " ").split())


def engine() -> Any:
    """Return the search backend, for models whose managers have no ``search``."""
    return get_search_backend()


# --- results ------------------------------------------------------------------------------------


def videos(request: HttpRequest, words: str, options: Mapping[str, Any]) -> Any:
    """Return the videos with these words and filters: sliceable, with ``count()``.

    Where no video has all the words, those whose titles have words beginning so.
    """
    wanted = listed_videos(request).filter(pk__in=having(options).values("pk")).for_cards()
    order = SORTS.get(options.get("sort") or "")
    if order:
        wanted = wanted.order_by(*order)
    found = wanted.search(words, order_by_relevance=not order)
    return found if found.count() else wanted.autocomplete(words, order_by_relevance=not order)


def having(options: Mapping[str, Any]) -> VideoPageQuerySet:
    """Return the videos that pass the filters; see ``forms.SearchForm`` for their names."""
    found: VideoPageQuerySet = VideoPage.objects.all()
    if parent := options.get("topic"):
        found = found.in_parent_category(parent)
    if length := options.get("length"):
        low, high = LENGTHS[length]
        found = found.filter(media__duration__gte=low)
        found = found.filter(media__duration__lt=high) if high else found
    if age := options.get("date"):
        found = found.filter(first_published_at__gt=timezone.now() - dt.timedelta(days=AGES[age]))
    if access := options.get("access"):
        found = found.filter(is_premium=ACCESS[access])
    return found


def creators(request: HttpRequest, words: str, limit: int = BESIDE) -> list[CreatorProfile]:
    """Return creators of that name who have something to show, most followed first."""
    return _with_videos(request, engine().search(words, CreatorProfile)[: 5 * limit], limit)


def subjects(words: str) -> list[ParentCategory | Category]:
    """Return the parent categories and categories with these words."""
    parents = engine().search(words, ParentCategory)[:BESIDE]
    return [*parents, *engine().search(words, Category.objects.select_related("parent"))[:BESIDE]][
        :BESIDE
    ]


def _with_videos(request: HttpRequest, found: Any, limit: int) -> list[CreatorProfile]:
    showing = listed_videos(request).order_by().values("creator")
    creators = CreatorProfile.objects.filter(
        Q(pk__in=[creator.pk for creator in found]), Q(pk__in=showing), user__is_active=True
    )
    counted = creators.annotate(follower_count=Count("followers"))
    return list(with_pictures(counted).order_by("-follower_count", "pk")[:limit])


# --- suggestions --------------------------------------------------------------------------------


class Suggestion(NamedTuple):
    """Something that a visitor may have begun to type, and where it is."""

    text: str
    address: str
    icon: str


def suggestions(request: HttpRequest, words: str) -> list[Suggestion]:
    """Return subjects, creators and videos with words that begin so."""
    parents = engine().autocomplete(words, ParentCategory)[:SUGGESTED]
    categories = engine().autocomplete(words, Category.objects.select_related("parent"))[:SUGGESTED]
    found_creators = engine().autocomplete(words, CreatorProfile)[: 5 * SUGGESTED]
    titles = listed_videos(request).autocomplete(words)[:SUGGESTED_VIDEOS]
    return [
        *(Suggestion(str(it), it.get_absolute_url(), it.icon) for it in parents),
        *(Suggestion(str(it), it.get_absolute_url(), it.parent.icon) for it in categories),
        *(
            Suggestion(str(it), it.get_absolute_url(), "user")
            for it in _with_videos(request, found_creators, SUGGESTED)
        ),
        *(Suggestion(it.title, it.get_url(request), "play") for it in titles),
    ]
