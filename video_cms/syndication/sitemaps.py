"""``/sitemap.xml`` and the sitemaps it lists, with Google's video extension.

Each page of a sitemap costs the same few queries, however large the catalogue is.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.contrib.sitemaps.views import x_robots_tag
from django.db.models import Exists, F, Max, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from wagtail.models import Page, Site

from ..models import Category, CreatorProfile, ParentCategory, VideoPage
from ..models.pages import VideoTag
from ..viewers import listed_videos
from .addresses import absolute, profile_address
from .reach import file_of
from .texts import clean, summary, whole_seconds
from .thumbnails import thumbnail

#: Addresses in one sitemap; the format allows 50,000.
LENGTH = 1000
#: The most that the video extension takes.
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_DURATION, MOST_TAGS = 100, 2048, 28_800, 32

Url = dict[str, Any]


class Section(Sitemap):
    """One kind of address, in pages. A subclass says which, and when each changed last."""

    limit = LENGTH
    changed = "updated_at"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def items(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get_latest_lastmod(self) -> dt.datetime | None:
        latest: dt.datetime | None = self.items().aggregate(latest=Max(self.changed))["latest"]
        return latest

    def get_urls(self, page: Any = 1, site: Any = None, protocol: Any = None) -> list[Url]:
        return list(self.urls(list(self.paginator.page(page).object_list)))

    def urls(self, items: list[Any]) -> Iterator[Url]:
        for item in items:
            yield self.url(item, item.get_absolute_url())

    def url(self, item: Model, address: str, **more: Any) -> Url:
        location = absolute(self.request, address)
        return {"location": location, "lastmod": getattr(item, self.changed), **more}


class Pages(Section):
    """The pages editors make, besides videos."""

    changed = "last_published_at"

    def items(self) -> QuerySet[Any]:
        pages = Page.objects.live().public().not_exact_type(VideoPage)
        site = Site.find_for_request(self.request)
        return (pages.in_site(site) if site else pages).order_by("path")

    def urls(self, items: list[Any]) -> Iterator[Url]:
        for page in items:
            yield self.url(page, page.get_url(self.request))


class Videos(Section):
    """Listed videos, each with what a search engine shows of it."""

    changed = "last_published_at"

    def items(self) -> QuerySet[Any]:
        related = ("creator__user", "media__poster", "thumbnail")
        return listed_videos(self.request).select_related(*related).order_by("pk")

    def urls(self, items: list[Any]) -> Iterator[Url]:
        tags = tags_of(items)
        for video in items:
            entry = video_entry(self.request, video, tags[video.pk])
            yield self.url(video, video.get_url(self.request), video=entry)


class Creators(Section):
    """Creators with a listed video."""

    def items(self) -> QuerySet[Any]:
        theirs = listed_videos(self.request).filter(creator=OuterRef("pk"))
        active = CreatorProfile.objects.filter(user__is_active=True)
        return active.filter(Exists(theirs)).select_related("user").order_by("pk")


class ParentCategories(Section):
    """Parent categories with a listed video."""

    def items(self) -> QuerySet[Any]:
        inside = Q(categories__parent=OuterRef("pk"))
        given = Q(additional_parent_categories=OuterRef("pk"))
        videos = listed_videos(self.request).filter(inside | given)
        return ParentCategory.objects.filter(Exists(videos)).order_by("pk")


class Categories(Section):
    """Categories with a listed video."""

    def items(self) -> QuerySet[Any]:
        videos = listed_videos(self.request).filter(categories=OuterRef("pk"))
        return Category.objects.filter(Exists(videos)).order_by("pk")


SECTIONS: dict[str, type[Section]] = {
    "pages": Pages,
    "videos": Videos,
    "creators": Creators,
    "subjects": ParentCategories,
    "categories": Categories,
}


def tags_of(videos: Iterable[VideoPage]) -> dict[int, list[str]]:
    """Return the tags of videos, by key, in one query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = VideoTag.objects.filter(content_object__in=[video.pk for video in videos])
    for video, name in rows.order_by("pk").values_list("content_object", F("tag__name")):
        found[video].append(name)
    return found


def video_entry(request: HttpRequest, video: VideoPage, tags: list[str]) -> dict[str, Any] | None:
    """Return the video extension's fields; None without a picture or a file, which it requires."""
    picture = thumbnail(request, video.poster)
    if picture is None or file_of(video) is None:
        return None
    return {
        "thumbnail": picture.url,
        "title": summary(video.title, LONGEST_TITLE),
        "description": summary(video.description or video.title, LONGEST_DESCRIPTION),
        "player": absolute(request, reverse("embed", args=[video.video_id])),
        "duration": min(whole_seconds(video.duration), LONGEST_DURATION),
        "views": video.views,
        "published": video.first_published_at,
        "tags": [clean(tag) for tag in tags[:MOST_TAGS]],
        "premium": video.is_premium,
        "uploader": clean(video.creator),
        "uploader_url": profile_address(request, video.creator),
    }


# --- views --------------------------------------------------------------------------------------


@x_robots_tag
def index(request: HttpRequest) -> HttpResponse:
    """List the pages of all sitemaps."""
    sitemaps = [row for name, section in SECTIONS.items() for row in rows(request, name, section)]
    return render(
        request,
        "video_cms/sitemap_index.xml",
        {"sitemaps": sitemaps},
        content_type="application/xml",
    )


def rows(request: HttpRequest, name: str, section: type[Section]) -> Iterator[Url]:
    """Return the addresses of one sitemap's pages; none while it is empty."""
    sitemap = section(request)
    paginator = sitemap.paginator
    pages = paginator.num_pages if paginator.count else 0
    address = absolute(request, reverse("sitemap_section", args=[name]))
    lastmod = sitemap.get_latest_lastmod() if pages else None
    for page in range(1, pages + 1):
        yield {"location": address + (f"?p={page}" if page > 1 else ""), "lastmod": lastmod}


def section(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page of one sitemap."""
    sitemaps: dict[str, Any] = {key: kind(request) for key, kind in SECTIONS.items()}
    return sitemap_view(request, sitemaps, section=name, template_name="video_cms/sitemap.xml")
