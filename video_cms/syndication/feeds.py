"""RSS and Atom: the latest videos of the site, of a subject and of a creator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page

from ..context_processors import site_name
from ..models import Category, CreatorProfile, ParentCategory, VideoIndexPage, VideoPage
from ..models.pages import VideoPageQuerySet
from ..templatetags.videos import linked
from ..viewers import listed_videos
from .addresses import absolute, profile_address
from .reach import file_type, free_file
from .texts import clean
from .thumbnails import thumbnail

#: Videos in a feed.
LENGTH = 30
MEDIA_RSS = "http://search.yahoo.com/mrss/"


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed is about."""

    request: HttpRequest
    title: str
    description: str
    address: str
    videos: VideoPageQuerySet


class Entry(NamedTuple):
    """A video in a feed, and the request that its addresses are made for."""

    request: HttpRequest
    video: VideoPage


# --- formats ------------------------------------------------------------------------------------


class MediaElements:
    """Adds Media RSS's thumbnail to the entries of a feed generator."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)  # type: ignore[misc]
        if found := item["thumbnail"]:
            size = {"url": found.url, "width": str(found.width), "height": str(found.height)}
            handler.addQuickElement("media:thumbnail", None, size)


class MediaRss(MediaElements, Rss201rev2Feed):
    """RSS 2.0 with thumbnails."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:media": MEDIA_RSS}


class MediaAtom(MediaElements, Atom1Feed):
    """Atom with thumbnails."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": MEDIA_RSS}


FORMATS: dict[str, type[SyndicationFeed]] = {"rss": MediaRss, "atom": MediaAtom}


# --- what feeds there are -----------------------------------------------------------------------


def latest(request: HttpRequest) -> Channel:
    """Return the latest videos of the whole site."""
    name = site_name(request)
    about = _("The latest videos on %(site)s") % {"site": name}
    return Channel(request, name, about, list_address(request), listed_videos(request))


def parent_category(request: HttpRequest, slug: str) -> Channel:
    """Return the latest videos of a parent category."""
    subject = get_object_or_404(ParentCategory, slug=slug)
    return of_subject(request, subject, listed_videos(request).in_parent_category(subject))


def category(request: HttpRequest, slug: str) -> Channel:
    """Return the latest videos of a category."""
    subject = get_object_or_404(Category, slug=slug)
    return of_subject(request, subject, listed_videos(request).filter(categories=subject))


def of_subject(
    request: HttpRequest, subject: Category | ParentCategory, videos: VideoPageQuerySet
) -> Channel:
    about = subject.description or _("The latest videos in %(name)s") % {"name": subject.name}
    title = feed_title(request, subject)
    return Channel(request, title, about, subject.get_absolute_url(), videos)


def list_address(request: HttpRequest) -> str:
    """Return the address of the list of all videos; the start page's while there is none."""
    page = VideoIndexPage.objects.live().first()
    return (page and page.get_url(request)) or "/"


def creator(request: HttpRequest, username: str) -> Channel:
    """Return the latest videos of a creator."""
    found = get_object_or_404(
        CreatorProfile.objects.select_related("user"),
        user__username=username,
        user__is_active=True,
    )
    about = found.bio or _("The latest videos by %(name)s") % {"name": found}
    videos = listed_videos(request).filter(creator=found)
    return Channel(request, feed_title(request, found), about, found.get_absolute_url(), videos)


def feed_title(request: HttpRequest, subject: object) -> str:
    """Return the title of a feed: what it is about, and the site."""
    return f"{subject} · {site_name(request)}"


# --- the feeds ----------------------------------------------------------------------------------


class VideoFeed(Feed):
    """A channel in one of the formats."""

    item_guid_is_permalink = False

    def __init__(self, channel: Callable[..., Channel], feed_type: type[SyndicationFeed]) -> None:
        self.channel = channel
        self.feed_type = feed_type

    def get_object(self, request: HttpRequest, **names: str) -> Channel:
        return self.channel(request, **names)

    def title(self, channel: Channel) -> str:
        return clean(channel.title)

    def description(self, channel: Channel) -> str:
        return clean(channel.description)

    subtitle = description

    def link(self, channel: Channel) -> str:
        return absolute(channel.request, channel.address)

    def feed_url(self, channel: Channel) -> str:
        return absolute(channel.request, channel.request.path)

    def items(self, channel: Channel) -> list[Entry]:
        videos = channel.videos.select_related("creator__user", "media__poster", "thumbnail")
        newest = videos.prefetch_related("categories").order_by("-first_published_at", "-pk")
        return [Entry(channel.request, video) for video in newest[:LENGTH]]

    def item_title(self, item: Entry) -> str:
        return clean(item.video.title)

    def item_description(self, item: Entry) -> str:
        return linked(clean(item.video.description))

    def item_link(self, item: Entry) -> str:
        return absolute(item.request, item.video.get_url(item.request))

    def item_guid(self, item: Entry) -> str:
        """Return what stays the same when the title, the address or the host changes."""
        return f"urn:uuid:{item.video.translation_key}"

    def item_pubdate(self, item: Entry) -> dt.datetime:
        return item.video.first_published_at or item.video.created_at

    def item_updateddate(self, item: Entry) -> dt.datetime:
        return item.video.last_published_at or self.item_pubdate(item)

    def item_author_name(self, item: Entry) -> str:
        return clean(item.video.creator)

    def item_author_link(self, item: Entry) -> str:
        return profile_address(item.request, item.video.creator)

    def item_categories(self, item: Entry) -> list[str]:
        return [clean(category.name) for category in item.video.categories.all()]

    def item_enclosures(self, item: Entry) -> list[Enclosure]:
        media = free_file(item.video)
        if media is None:
            return []
        try:
            size = media.file.storage.size(media.play_name)
        except OSError:  # the file is gone
            return []
        return [Enclosure(absolute(item.request, media.play_url), str(size), file_type(media))]

    def item_extra_kwargs(self, item: Entry) -> dict[str, Any]:
        return {"thumbnail": thumbnail(item.request, item.video.poster)}


#: Each kind of feed: its channel, and its address before the format's ending.
KINDS: dict[str, tuple[Callable[..., Channel], str]] = {
    "latest": (latest, "videos"),
    "parent_category": (parent_category, "browse/<slug:slug>/videos"),
    "category": (category, "category/<slug:slug>/videos"),
    "profile": (creator, "profile/<username:username>/videos"),
}


def urlpatterns() -> list[URLPattern]:
    """Return the addresses of all feeds, named ``latest_rss``, ``profile_atom`` and so on."""
    return [
        path(
            f"{address}.{ending}",
            conditional_page(VideoFeed(channel, feed_type)),
            name=f"{kind}_{ending}",
        )
        for kind, (channel, address) in KINDS.items()
        for ending, feed_type in FORMATS.items()
    ]


class FeedLink(NamedTuple):
    """A link to a feed in a page's head."""

    title: str
    type: str
    url: str


def links(request: HttpRequest, kind: str = "latest", *names: str, title: str) -> list[FeedLink]:
    """Return the links to one feed in both formats."""
    return [
        FeedLink(
            f"{title} ({label})",
            f"application/{ending}+xml",
            absolute(request, reverse(f"{kind}_{ending}", args=names)),
        )
        for ending, label in (("rss", "RSS"), ("atom", "Atom"))
    ]
