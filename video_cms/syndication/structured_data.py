"""schema.org in JSON-LD: what search engines read of a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from ..models import CreatorProfile, VideoPage
from .addresses import absolute, profile_address
from .reach import free_file
from .texts import iso_duration
from .thumbnails import thumbnail

CONTEXT = "https://schema.org"
#: What could end a script or begin a comment, written as JSON may write it (like ``json_script``).
INERT = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})


def script(data: dict[str, Any]) -> SafeString:
    """Write data as JSON-LD for a page's head: no text in it can end the element."""
    text = json.dumps(data).translate(INERT)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


def video_object(request: HttpRequest, video: VideoPage) -> dict[str, Any]:
    """Describe a listed video. The file's address only if everybody may play it."""
    picture = thumbnail(request, video.poster)
    media = free_file(video)
    published = video.first_published_at or video.created_at
    fields = {
        "@context": CONTEXT,
        "@type": "VideoObject",
        "name": video.title,
        "description": video.description or video.title,
        "url": absolute(request, video.get_url(request)),
        "thumbnailUrl": [picture.url] if picture else None,
        "uploadDate": published.isoformat(),
        "duration": iso_duration(video.duration),
        "embedUrl": absolute(request, reverse("embed", args=[video.video_id])),
        "contentUrl": absolute(request, media.play_url) if media else None,
        "isAccessibleForFree": not video.is_premium,
        "genre": [category.name for category in video.categories.all()],
        "keywords": [tag.name for tag in video.tags.all()],
        "creator": person(request, video.creator),
        "interactionStatistic": [
            counter("WatchAction", video.views),
            counter("LikeAction", video.likes),
        ],
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def person(request: HttpRequest, creator: CreatorProfile) -> dict[str, Any]:
    """Describe a creator; with an address while their profile can be opened."""
    fields = {"@type": "Person", "name": str(creator)}
    if address := profile_address(request, creator):
        fields["url"] = address
    return fields


def counter(action: str, number: int) -> dict[str, Any]:
    """Describe how often something was done with a video."""
    return {
        "@type": "InteractionCounter",
        "interactionType": {"@type": action},
        "userInteractionCount": number,
    }


def breadcrumbs(request: HttpRequest, trail: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Describe the way to a page: names and addresses, the page itself last."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": absolute(request, address),
            }
            for position, (name, address) in enumerate(trail, start=1)
        ],
    }
