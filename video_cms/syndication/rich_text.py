"""Videos of the site in editors' own texts, embedded by their address.

Wagtail keeps what a finder says of an address in a table and shows that to everybody, for ever.
Whether a video may be seen changes, so the site asks for its own ones whenever a text is shown.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.template.loader import render_to_string
from django.utils import timezone
from wagtail.embeds.exceptions import EmbedNotFoundException
from wagtail.embeds.finders.base import EmbedFinder
from wagtail.embeds.rich_text import MediaEmbedHandler
from wagtail.images.views.serve import generate_image_url

from ..models import VideoPage
from .embedding import paths_of
from .thumbnails import fitted


def path_of(address: str) -> str:
    """Return the path of an address on a host of the site, without its last slash; else nothing."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    own = parts.scheme in {"http", "https"} and validate_host(host, settings.ALLOWED_HOSTS)
    return parts.path.rstrip("/") if own and address.isprintable() else ""


def open_videos(addresses: list[str]) -> dict[str, VideoPage]:
    """Return by address what everybody with the link may open, in a fixed number of queries."""
    paths = {address: path_of(address) for address in addresses}
    named = {path.rpartition("/")[2] for path in paths.values() if path}
    if not named:
        return {}
    asked = VideoPage.objects.open().filter(video_id__in=named).select_related("creator__user")
    videos = {video.video_id: video for video in asked}
    found = {address: videos.get(path.rpartition("/")[2]) for address, path in paths.items()}
    return {
        address: video
        for address, video in found.items()
        if video is not None and paths[address] in paths_of(None, video)
    }


class VideoFinder(EmbedFinder):
    """Tells the editor what stands at an address of the site, without asking the network."""

    def accept(self, url: str) -> bool:
        return bool(path_of(url))

    def find_embed(self, url: str, max_width: int | None = None) -> dict[str, Any]:
        video = open_videos([url]).get(url)
        if video is None:
            raise EmbedNotFoundException
        return {
            "type": "video",
            "title": video.title,
            "author_name": str(video.creator),
            "provider_name": settings.WAGTAIL_SITE_NAME,
            "thumbnail_url": picture_of(video),
            "html": "",
            "width": None,
            "height": None,
            "cache_until": timezone.now(),
        }


embed_finder_class = VideoFinder


def picture_of(video: VideoPage) -> str:
    """Return the address of a small thumbnail; empty where there is none."""
    spec = fitted(320, 180).spec
    address: str = generate_image_url(video.poster, spec) if video.poster else ""
    return address


class VideoEmbedHandler(MediaEmbedHandler):
    """Shows the site's videos as players, and those that may not be seen by everybody not at all.

    What is embedded of other sites stays with the finders of ``WAGTAILEMBEDS_FINDERS``.
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        addresses = [attrs.get("url", "") for attrs in attrs_list]
        videos = open_videos(addresses)
        return [
            player(videos.get(address))
            if path_of(address)
            else super(VideoEmbedHandler, cls).expand_db_attributes(attrs)
            for address, attrs in zip(addresses, attrs_list, strict=True)
        ]


def player(video: VideoPage | None) -> str:
    """Return a frame with the video's player and its title; nothing for no video."""
    return render_to_string("video_cms/embedded.html", {"video": video}) if video else ""
