"""Finding videos: feeds page by page, categories and search."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from recommendations_plugin import api, registry

from ..forms import SearchForm
from ..models import Category, ParentCategory, VideoPage
from ..models.pages import VideoPageQuerySet
from ..viewers import listed_videos
from .watching import is_htmx

PAGE_SIZE = 24
#: The last page of a feed that is worth ranking.
LAST_FEED_PAGE = 40
PLACEMENT = re.compile(r"[a-z][a-z0-9_-]{0,39}")

#: What lists can be sorted by, besides the visitor's taste.
SORTS = {"new": ("-first_published_at", "-pk"), "views": ("-views", "-pk")}
SORT_NAMES = {"": _("For you"), "new": _("Newest"), "views": _("Most viewed")}


def paginate(request: HttpRequest, videos: Any, size: int = PAGE_SIZE) -> Page[VideoPage]:
    """Return the asked-for page; the first or last one when there is no such page."""
    page: Page[VideoPage] = Paginator(videos, size).get_page(request.GET.get("page"))
    return page


def feed_page(request: HttpRequest, size: int, **options: Any) -> dict[str, Any]:
    """Return one page of a visitor's feed, with its number and the next one's."""
    number = whole_number(request.GET.get("page"), LAST_FEED_PAGE)
    feed, cursor = api.Feed([], api.Step.LATEST), ""
    for _page in range(number):
        feed = api.recommend(
            api.viewer(request), limit=size, cursor=cursor, request=request, **options
        )
        if not (cursor := feed.cursor):
            break
    more = feed.has_more and number < LAST_FEED_PAGE
    return {"feed": feed, "number": number, "next_number": number + 1 if more else None}


def whole_number(text: str | None, most: int) -> int:
    """Return a number from 1 to ``most``; 1 where the text is none, 404 beyond."""
    number = int(text) if text and re.fullmatch(r"\d{1,6}", text, re.ASCII) else 1
    if number > most:
        raise Http404
    return max(number, 1)


def feed(request: HttpRequest) -> HttpResponse:
    """Show a page of a feed: what "Load more" fetches, and a page of its own without JavaScript."""
    placement = request.GET.get("placement", "home")
    if not PLACEMENT.fullmatch(placement):
        raise Http404
    size = whole_number(request.GET.get("number", "12"), 60)
    context = {
        **feed_page(request, size, placement=placement),
        "placement": placement,
        "size": size,
    }
    template = "video_cms/feed_more.html" if is_htmx(request) else "video_cms/feed.html"
    return private(render(request, template, context))


def private(response: HttpResponse) -> HttpResponse:
    """Keep what is personal out of every shared cache."""
    response["Cache-Control"] = "private, no-store"
    return response


def browse(request: HttpRequest) -> HttpResponse:
    """Show all parent categories with their categories."""
    listed = Q(videos__live=True, videos__visibility=VideoPage.Visibility.PUBLIC)
    categories = Category.objects.annotate(number=Count("videos", filter=listed, distinct=True))
    parents = ParentCategory.objects.prefetch_related(Prefetch("categories", categories))
    return render(request, "video_cms/browse.html", {"parents": parents})


def parent_category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the videos of a parent category."""
    parent = get_object_or_404(ParentCategory, slug=slug)
    videos = listed_videos(request).in_parent_category(parent)
    context = {"subject": parent, "siblings": parent.categories.all(), "parent": parent}
    return show_subject(request, videos, registry.parent_category(parent), context)


def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the videos of a category."""
    found = get_object_or_404(Category.objects.select_related("parent"), slug=slug)
    videos = listed_videos(request).filter(categories=found)
    context = {"subject": found, "siblings": found.parent.categories.all(), "parent": found.parent}
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
    context["sorts"] = SORT_NAMES
    return private(render(request, "video_cms/category.html", context))


def search(request: HttpRequest) -> HttpResponse:
    """Find videos by their words."""
    form = SearchForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "query": ""}
    if not form.is_bound:
        return render(request, "video_cms/search.html", context)
    if not form.is_valid():
        return render(request, "video_cms/search.html", context, status=400)
    context["query"] = form.cleaned_data["q"]
    # SQLite's full-text search takes a quotation mark for syntax and fails.
    if words := context["query"].replace('"', " ").strip():
        found = listed_videos(request).for_cards().search(words)
        context["page_obj"] = paginate(request, found)
    return render(request, "video_cms/search.html", context)
