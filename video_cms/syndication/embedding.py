"""Videos on other people's pages: a page for a frame, and oEmbed (https://oembed.com, 1.0)."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any
from urllib.parse import urlsplit
from xml.sax.xmlreader import AttributesImpl

from csp.decorators import csp_replace, csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from ..context_processors import site_name
from ..controls import STYLE_HASHES, player_parts
from ..models import VideoPage
from ..viewers import get_video_or_404
from .addresses import absolute, origin, profile_address
from .reach import file_of, free_file, is_open
from .texts import clean
from .thumbnails import thumbnail

#: The largest frame that is offered; consumers ask for smaller ones.
LARGEST = (640, 360)
WHOLE = re.compile(r"\d{1,6}", re.ASCII)


# --- the page for a frame -----------------------------------------------------------------------


@xframe_options_exempt
@csp_update({"style-src": list(STYLE_HASHES)})
@csp_replace({"frame-ancestors": ["*"]})
@require_safe
def embed(request: HttpRequest, video_id: str) -> HttpResponse:
    """Show only the player, for a frame on any site. What it may not show, it says so."""
    try:
        video: VideoPage | None = get_video_or_404(request, video_id)
    except Http404:
        video = None
    start = start_of(request)
    context: dict[str, Any] = {"video": video, "start": start}
    if video is None or start is None:
        return render(request, "video_cms/embed.html", context, status=400 if video else 404)
    context["playable"] = video.playable_by(request.user)
    context["ready"] = file_of(video) is not None
    context["start"] = start if not video.duration or start < video.duration else 0
    context["address"] = absolute(request, video.get_url(request))
    context |= player_parts(video)
    return render(request, "video_cms/embed.html", context)


def start_of(request: HttpRequest) -> int | None:
    """Return the second that ``?start=`` names, 0 without it; None when it is no whole number."""
    text = request.GET.get("start", "0")
    return int(text) if WHOLE.fullmatch(text) else None


def frame_size(video: VideoPage, most: tuple[int, int] = LARGEST) -> tuple[int, int]:
    """Return the largest frame of the video's shape within ``LARGEST`` and ``most``."""
    media = video.media
    shape = (media.width, media.height) if media and media.width and media.height else LARGEST
    scale = min(min(LARGEST[side], most[side]) / shape[side] for side in (0, 1))
    return max(1, int(shape[0] * scale)), max(1, int(shape[1] * scale))


# --- oEmbed -------------------------------------------------------------------------------------


class BadQuery(ValueError):
    """A question that oEmbed does not know."""


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Tell a consumer how to show one of this site's addresses."""
    write = FORMATS.get(request.GET.get("format", "json"))
    if write is None:
        return refuse(501, _("The formats are json and xml."))
    try:
        most = wanted(request, "maxwidth", 0), wanted(request, "maxheight", 1)
        video = video_at(request, request.GET.get("url", ""))
    except BadQuery as error:
        return refuse(400, str(error))
    if not video.live:
        raise Http404
    if not is_open(video):
        return refuse(401, _("This video is not for everybody."))
    return write(response_for(request, video, most))


def wanted(request: HttpRequest, name: str, side: int) -> int:
    """Return the most pixels a consumer has room for on one side."""
    text = request.GET.get(name)
    if text is None:
        return LARGEST[side]
    if not WHOLE.fullmatch(text) or not int(text):
        raise BadQuery(_("%(name)s is a number of pixels.") % {"name": name})
    return int(text)


def video_at(request: HttpRequest, address: str) -> VideoPage:
    """Return the video with an address of this site; 404 for every other address."""
    if not address or not address.isprintable():
        raise BadQuery(_("url is the address of a video."))
    path = own_path(request, address)
    videos = VideoPage.objects.select_related("creator__user", "media__poster", "thumbnail")
    video = videos.filter(video_id=path.rpartition("/")[2]).first()
    if video is None or path not in paths_of(request, video):
        raise Http404
    return video


def own_path(request: HttpRequest, address: str) -> str:
    """Return the path of an address of this site, without its last slash; 404 for others."""
    try:
        own = place(address) in {place(origin(request)), place(f"//{request.get_host()}")}
        parts = urlsplit(address)
    except ValueError as error:
        raise Http404 from error
    if not own or parts.scheme not in {"http", "https"}:
        raise Http404
    return parts.path.rstrip("/")


def place(address: str) -> tuple[str | None, int | None]:
    """Return the host of an address, and its port where that is none of the web's usual ones."""
    parts = urlsplit(address)
    return parts.hostname, None if parts.port in {80, 443} else parts.port


def paths_of(request: HttpRequest | None, video: VideoPage) -> set[str]:
    """Return the paths a video is known by: its page's and its frame's."""
    page = urlsplit(video.get_url(request) or "").path
    return {path.rstrip("/") for path in (page, reverse("embed", args=[video.video_id]))}


def response_for(
    request: HttpRequest, video: VideoPage, most: tuple[int, int] = LARGEST
) -> dict[str, Any]:
    """Return the fields of oEmbed's answer: a video, or a link where not everybody may play it."""
    fields: dict[str, Any] = {
        "version": "1.0",
        "type": "link",
        "title": clean(video.title),
        "author_name": clean(video.creator),
        "provider_name": clean(site_name(request)),
        "provider_url": origin(request) + "/",
    }
    if author := profile_address(request, video.creator):
        fields["author_url"] = author
    if found := thumbnail(request, video.poster, most):
        fields["thumbnail_url"] = found.url
        fields["thumbnail_width"], fields["thumbnail_height"] = found.width, found.height
    if free_file(video):
        width, height = frame_size(video, most)
        fields |= {"type": "video", "html": frame(request, video, width, height)}
        fields |= {"width": width, "height": height}
    return fields


def frame(request: HttpRequest, video: VideoPage, width: int, height: int) -> str:
    """Return the HTML that embeds a video."""
    return format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy"'
        ' allow="fullscreen; picture-in-picture" allowfullscreen></iframe>',
        absolute(request, reverse("embed", args=[video.video_id])),
        width,
        height,
        clean(video.title),
    )


def refuse(status: int, reason: str) -> HttpResponse:
    return HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")


def as_json(fields: dict[str, Any]) -> HttpResponse:
    return answer(json.dumps(fields), "application/json")


def as_xml(fields: dict[str, Any]) -> HttpResponse:
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement("oembed", AttributesImpl({}))
    for name, value in fields.items():
        xml.addQuickElement(name, str(value))
    xml.endElement("oembed")
    return answer(out.getvalue(), "text/xml; charset=utf-8")


def answer(text: str, content_type: str) -> HttpResponse:
    """Answer scripts of any site too: what is said here is the same for everybody."""
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(text, content_type=content_type, headers=headers)


FORMATS = {"json": as_json, "xml": as_xml}
