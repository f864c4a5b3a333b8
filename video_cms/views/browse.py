"""Finding videos by looking around: feeds, followed creators, what is trending, categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from recommendations_plugin import api, registry

from ..finding.creators import creators_to_follow, followed_creators
from ..finding.trending import trending
from ..forms import save_interests
from ..models import Category, ParentCategory, User, VideoPage
from ..models.pages import VideoPageQuerySet
from ..viewers import listed_videos
from .watching import back, sign_in_first

PAGE_SIZE = 24
#: Cards of each section of the page "Explore".
SECTION_SIZE = 8
PLACEMENT = re.compile(r"[a-z][a-z0-9_-]{0,39}")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,80}")

#: What lists can be sorted by, besides the visitor's taste.
SORTS = {"new": ("-first_published_at", "-pk"), "views": ("-views", "-pk")}
SORT_NAMES = {"": _("For you"), "new": _("Newest"), "views": _("Most viewed")}
NEWEST = SORTS["new"]


# --- pages of lists -----------------------------------------------------------------------------


def paginate(request: HttpRequest, videos: Any, size: int = PAGE_SIZE) -> Page[VideoPage]:
    """Return the asked-for page; the first or last one when there is no such page."""
    page: Page[VideoPage] = Paginator(videos, size).get_page(request.GET.get("page"))
    return page


def paginate_ranked(
    request: HttpRequest, videos: VideoPageQuerySet, ranked: Sequence[int]
) -> Page[VideoPage]:
    """Return the asked-for page of videos that have been ranked by their ids."""
    page: Any = paginate(request, ranked)
    page.object_list = in_order(videos, page.object_list)
    return page


def in_order(videos: VideoPageQuerySet, ids: Sequence[int]) -> list[VideoPage]:
    """Return those of the videos with these ids, in this order, ready for cards."""
    found = {video.pk: video for video in videos.for_cards().filter(pk__in=ids)}
    return [found[pk] for pk in ids if pk in found]


def feed_page(request: HttpRequest, size: int, **options: Any) -> dict[str, Any]:
    """Return one page of a visitor's feed: what comes after ``?after=``, a feed's cursor."""
    cursor = request.GET.get("after", "")
    try:
        feed = api.recommend(
            api.viewer(request), limit=size, cursor=cursor, request=request, **options
        )
    except api.InvalidCursor as error:
        raise Http404 from error
    return {"feed": feed, "later": bool(cursor)}


def whole_number(text: str | None, most: int) -> int:
    """Return a number from 1 to ``most``; 1 where the text is none, 404 beyond."""
    number = int(text) if text and re.fullmatch(r"\d{1,6}", text, re.ASCII) else 1
    if number > most:
        raise Http404
    return max(number, 1)


def private(response: HttpResponse) -> HttpResponse:
    """Keep what is personal out of every shared cache."""
    response["Cache-Control"] = "private, no-store"
    return response


# --- feeds --------------------------------------------------------------------------------------


def feed(request: HttpRequest) -> HttpResponse:
    """Show a further page of a feed: what "Load more" fetches and, without JavaScript, opens."""
    placement = request.GET.get("placement", "home")
    if not PLACEMENT.fullmatch(placement):
        raise Http404
    size = whole_number(request.GET.get("number", "12"), 60)
    topic = topic_of(request)
    within = registry.parent_category(topic) if topic else None
    context = {
        **feed_page(request, size, placement=placement, within=within),
        "placement": placement,
        "size": size,
        "topic": topic,
    }
    return private(render(request, "video_cms/feed.html", context))


def home_context(request: HttpRequest) -> dict[str, Any]:
    """Return what the start page shows besides its blocks: with ``?topic=``, the feed of that."""
    topic = topic_of(request)
    if topic is None:
        return {"topic": None}
    within = registry.parent_category(topic)
    return {"topic": topic, **feed_page(request, PAGE_SIZE, placement="home", within=within)}


def topic_of(request: HttpRequest) -> ParentCategory | None:
    """Return the parent category of ``?topic=``, if one is asked for."""
    slug = request.GET.get("topic", "")
    if not slug:
        return None
    if not SLUG.fullmatch(slug):
        raise Http404
    return get_object_or_404(ParentCategory, slug=slug)


def following(request: HttpRequest) -> HttpResponse:
    """Show the videos of the creators whom the visitor follows, newest first."""
    user = request.user
    if not user.is_authenticated:
        strangers = {"suggested": creators_to_follow(request)}
        return private(render(request, "video_cms/following.html", strangers))
    videos = listed_videos(request).filter(creator__followers__user_id=user.pk)
    page = paginate(request, videos.for_cards().order_by(*NEWEST))
    context: dict[str, Any] = {"page_obj": page, "followed": followed_creators(user)}
    if not page.object_list:
        context["suggested"] = creators_to_follow(request)
    return private(render(request, "video_cms/following.html", context))


# --- exploring ----------------------------------------------------------------------------------


def explore(request: HttpRequest) -> HttpResponse:
    """Show what is trending, what is new, and every subject; to who is known, something else."""
    videos = listed_videos(request)
    ranked = trending(videos)[:SECTION_SIZE]
    newest = videos.for_cards().exclude(pk__in=ranked).order_by(*NEWEST)[:SECTION_SIZE]
    context: dict[str, Any] = {
        "trending": in_order(videos, ranked),
        "newest": newest,
        "parents": subjects(),
    }
    viewer = api.viewer(request)
    if not viewer.key:
        return render(request, "video_cms/explore.html", context)
    context["feed"] = api.recommend(
        viewer,
        placement="explore",
        limit=SECTION_SIZE,
        exclude=[*context["trending"], *newest],
        request=request,
    )
    return private(render(request, "video_cms/explore.html", context))


def subjects() -> Any:
    """Return the parent categories with their categories and how many listed videos these have."""
    listed = Q(videos__in=VideoPage.objects.listed())
    categories = Category.objects.annotate(number=Count("videos", filter=listed, distinct=True))
    return ParentCategory.objects.prefetch_related(Prefetch("categories", categories))


def trending_videos(request: HttpRequest) -> HttpResponse:
    """Show all that is trending, of one subject if ``?topic=`` names it."""
    topic = topic_of(request)
    videos = listed_videos(request)
    within = videos.in_parent_category(topic) if topic else videos
    page = paginate_ranked(request, videos, trending(within))
    return render(request, "video_cms/trending.html", {"page_obj": page, "topic": topic})


# --- categories ---------------------------------------------------------------------------------


def parent_category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the videos of a parent category."""
    parent = get_object_or_404(ParentCategory, slug=slug)
    videos = listed_videos(request).in_parent_category(parent)
    context = {"subject": parent, "parent": parent, "kind": "parent_category"}
    return show_subject(request, videos, registry.parent_category(parent), context)


def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the videos of a category."""
    found = get_object_or_404(Category.objects.select_related("parent"), slug=slug)
    videos = listed_videos(request).filter(categories=found)
    context = {"subject": found, "parent": found.parent, "kind": "category"}
    return show_subject(request, videos, registry.category(found), context)


def show_subject(
    request: HttpRequest,
    videos: VideoPageQuerySet,
    facet: registry.Facet,
    context: dict[str, Any],
) -> HttpResponse:
    """Show a category's videos, ranked for the visitor or sorted as asked."""
    sort = request.GET.get("sort", "")
    if sort in SORTS:
        page = paginate(request, videos.for_cards().order_by(*SORTS[sort]))
        context |= {"page_obj": page, "sort": sort}
    else:
        options = {"placement": "category", "within": facet}
        context |= {**feed_page(request, PAGE_SIZE, **options), "sort": ""}
    context |= {
        "sorts": SORT_NAMES,
        "siblings": context["parent"].categories.all(),
        "interested": is_interested(request, context["parent"]),
    }
    return private(render(request, "video_cms/category.html", context))


def is_interested(request: HttpRequest, parent: ParentCategory) -> bool:
    """Return whether the visitor has chosen a parent category as an interest."""
    user = request.user
    return user.is_authenticated and parent.interested.filter(user_id=user.pk).exists()


@require_POST
def interest(request: HttpRequest, slug: str, on: bool) -> HttpResponse:
    """Make a parent category one of the visitor's interests, or no longer."""
    parent = get_object_or_404(ParentCategory, slug=slug)
    if not isinstance(request.user, User):
        return sign_in_first(request, parent.get_absolute_url())
    profile = request.user.profile
    others = profile.parent_categories.exclude(pk=parent.pk)
    save_interests(profile, [*others, parent] if on else list(others))
    return back(request, parent.get_absolute_url())
