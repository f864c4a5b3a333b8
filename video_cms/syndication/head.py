"""What a page says of itself in its head: for search engines, for previews, for feed readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Page

from ..context_processors import site_name
from ..models import Category, CreatorProfile, HomePage, ParentCategory, Picture, VideoPage
from ..models.taxonomy import AbstractCategory
from ..themes.catalogue import theme_static
from ..themes.current import current
from . import feeds
from .addresses import absolute, canonical
from .embedding import frame_size
from .reach import file_type, free_file, is_open
from .structured_data import breadcrumbs, video_object
from .texts import clean, iso_duration, summary
from .thumbnails import Thumbnail, thumbnail

#: Stands for pages without a picture of their own.
SITE_PICTURE = ("icons/icon-512.png", 512, 512)


@dataclass(frozen=True, slots=True)
class Head:
    """What is written into a page's head. Without a title there is no preview."""

    canonical: str
    noindex: bool = False
    title: str = ""
    description: str = ""
    kind: str = "website"
    picture: Thumbnail | None = None
    #: OpenGraph's further properties, and Twitter's.
    properties: list[tuple[str, str]] = field(default_factory=list)
    twitter: list[tuple[str, str]] = field(default_factory=list)
    feeds: list[feeds.FeedLink] = field(default_factory=list)
    #: Content type and address of each oEmbed answer.
    oembed: list[tuple[str, str]] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)


@singledispatch
def head_of(subject: object, request: HttpRequest) -> Head:
    """Return the head of a page about ``subject``; of any page, if it is about none."""
    description = subject.search_description if isinstance(subject, Page) else ""
    return Head(canonical(request), description=summary(description), feeds=site_feeds(request))


@head_of.register
def _home(page: HomePage, request: HttpRequest) -> Head:
    name = site_name(request)
    description = page.search_description or _("Videos on %(site)s, chosen for you.") % {
        "site": name
    }
    return Head(
        canonical(request, paged=False),
        title=clean(page.seo_title or name),
        description=summary(description),
        picture=site_picture(request),
        twitter=[("card", "summary")],
        feeds=site_feeds(request),
    )


@head_of.register(AbstractCategory)
def _category(subject: Category | ParentCategory, request: HttpRequest) -> Head:
    description = subject.description or _("Videos about %(name)s") % {"name": subject.name}
    kind = "category" if isinstance(subject, Category) else "parent_category"
    about = feeds.links(request, kind, subject.slug, title=clean(subject.name))
    return Head(
        canonical(request, path=subject.get_absolute_url()),
        title=clean(subject.name),
        description=summary(description),
        picture=site_picture(request),
        twitter=[("card", "summary")],
        feeds=[*about, *site_feeds(request)],
        data=[breadcrumbs(request, trail(subject))],
    )


@head_of.register
def _profile(profile: CreatorProfile, request: HttpRequest) -> Head:
    name, username = clean(profile), profile.user.get_username()
    return Head(
        canonical(request),
        title=name,
        description=summary(profile.bio or _("Videos by %(name)s") % {"name": name}),
        kind="profile",
        picture=picture_of(request, profile.picture or profile.banner),
        properties=[("profile:username", username)],
        twitter=[("card", "summary")],
        feeds=[*feeds.links(request, "profile", username, title=name), *site_feeds(request)],
    )


@head_of.register
def _video(video: VideoPage, request: HttpRequest) -> Head:
    """Nothing is told of a video that is not open to everybody, and little of an unlisted one."""
    address = canonical(request, paged=False)
    if not is_open(video):
        return Head(address, noindex=True, feeds=site_feeds(request))
    listed = video.visibility == VideoPage.Visibility.PUBLIC
    picture = thumbnail(request, video.poster)
    return Head(
        address,
        noindex=not listed,
        title=clean(video.title),
        description=summary(video.search_description or video.description or video.title),
        kind="video.other",
        picture=picture or site_picture(request),
        properties=video_properties(request, video, listed),
        twitter=twitter_player(request, video, listed, large=picture is not None),
        feeds=site_feeds(request),
        oembed=oembed_links(request, video),
        data=[video_object(request, video), video_trail(request, video)] if listed else [],
    )


# --- parts --------------------------------------------------------------------------------------


def site_feeds(request: HttpRequest) -> list[feeds.FeedLink]:
    return feeds.links(request, title=clean(site_name(request)))


def site_picture(request: HttpRequest) -> Thumbnail:
    """Return the site's own picture."""
    name, width, height = SITE_PICTURE
    return Thumbnail(absolute(request, theme_static(current(), name)), width, height)


def picture_of(request: HttpRequest, picture: Picture | None) -> Thumbnail:
    """Return a picture's thumbnail, else the site's own picture."""
    return thumbnail(request, picture) or site_picture(request)


def video_properties(request: HttpRequest, video: VideoPage, listed: bool) -> list[tuple[str, str]]:
    """Return OpenGraph's properties of a video; its file only if everybody may play it."""
    found = [("video:tag", clean(tag.name)) for tag in video.tags.all()]
    if iso_duration(video.duration):
        found.append(("video:duration", str(max(1, round(video.duration)))))
    if video.first_published_at:
        found.append(("video:release_date", video.first_published_at.isoformat()))
    if listed and (media := free_file(video)):
        width, height = frame_size(video)
        address = absolute(request, media.play_url)
        found.append(("og:video", address))
        if address.startswith("https:"):
            found.append(("og:video:secure_url", address))
        found += [("og:video:type", file_type(media))]
        found += [("og:video:width", str(width)), ("og:video:height", str(height))]
    return found


def twitter_player(
    request: HttpRequest, video: VideoPage, listed: bool, *, large: bool
) -> list[tuple[str, str]]:
    """Return a player card, which must be https, where everybody may play; else a picture."""
    address = absolute(request, reverse("embed", args=[video.video_id]))
    if not (listed and free_file(video) and address.startswith("https:")):
        return [("card", "summary_large_image" if large else "summary")]
    width, height = frame_size(video)
    return [
        ("card", "player"),
        ("player", address),
        ("player:width", str(width)),
        ("player:height", str(height)),
    ]


def oembed_links(request: HttpRequest, video: VideoPage) -> list[tuple[str, str]]:
    """Return where consumers learn how to embed a video."""
    address = absolute(request, video.get_url(request))
    endpoint = absolute(request, reverse("oembed"))
    return [
        (f"{kind}+oembed", f"{endpoint}?{urlencode({'url': address, 'format': name})}")
        for kind, name in (("application/json", "json"), ("text/xml", "xml"))
    ]


def trail(subject: Category | ParentCategory) -> list[tuple[str, str]]:
    """Return the way to a category: names and addresses."""
    way = [(_("Explore"), reverse("explore"))]
    if isinstance(subject, Category):
        way.append((subject.parent.name, subject.parent.get_absolute_url()))
    return [*way, (subject.name, subject.get_absolute_url())]


def video_trail(request: HttpRequest, video: VideoPage) -> dict[str, Any]:
    """Describe the way to a video, by its first category."""
    category = video.categories.select_related("parent").first()
    way = trail(category) if category else [(_("Videos"), feeds.list_address(request))]
    return breadcrumbs(request, [*way, (video.title, video.get_url(request))])
