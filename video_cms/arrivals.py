"""How a viewer came to a video, told from the page they were on before; nothing of it is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from .models import Source

#: What the pages of the site that lead to videos count as, by the names of their addresses.
PAGES = {
    "feed": Source.HOME,
    "following": Source.FOLLOWING,
    "explore": Source.EXPLORE,
    "trending": Source.EXPLORE,
    "parent_category": Source.CATEGORY,
    "category": Source.CATEGORY,
    "search": Source.SEARCH,
    "profile": Source.CHANNEL,
    "followers": Source.CHANNEL,
    "history": Source.LIBRARY,
    "liked": Source.LIBRARY,
    "watch_later": Source.LIBRARY,
    "playlist": Source.LIBRARY,
    "playlists": Source.LIBRARY,
    "notices": Source.NOTICES,
    "embed": Source.EMBED,
}
#: Longest address that is looked at.
LONGEST = 2000
#: Wagtail's pages have no names of their own.
WAGTAIL = {"": Source.HOME, "video": Source.SIDEBAR}


def source_of(request: HttpRequest, referrer: str | None) -> Source:
    """Return the source that ``document.referrer`` tells of; unknown where no player told one."""
    if referrer is None or len(referrer) > LONGEST:
        return Source.UNKNOWN
    if not referrer:
        return Source.DIRECT
    try:
        came_from = urlsplit(referrer)
    except ValueError:
        return Source.UNKNOWN
    if came_from.scheme not in ("http", "https"):
        return Source.UNKNOWN
    return inside(came_from.path) if came_from.netloc == request.get_host() else Source.EXTERNAL


def inside(path: str) -> Source:
    """Return the source that a page of this site is."""
    try:
        name = resolve(path or "/").url_name
    except Resolver404:
        return Source.UNKNOWN
    if name in PAGES:
        return PAGES[name]
    return WAGTAIL.get(path.strip("/").partition("/")[0], Source.UNKNOWN)
