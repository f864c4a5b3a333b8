"""Uploads that go on where they stopped: tus 1.0 (https://tus.io/protocols/resumable-upload).

Besides the core there are creation, expiration and termination. A file's metadata say its name,
when it was changed, and the video it is for; a new one becomes a draft. Who
announces the same file again is sent on to what is here of it already.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import wraps
from typing import IO, cast

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from ..models import Upload, User, VideoPage
from ..studio import drafts
from ..uploads import receiving
from ..uploads.receiving import Announced, Refused

VERSION = "1.0.0"
ANSWER = Callable[..., HttpResponse]


def tus(view: ANSWER) -> ANSWER:
    """Speak the protocol's version, know the visitor, say why something is refused."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
        try:
            response = view(request, method_of(request), **kwargs)
        except Refused as refused:
            response = HttpResponse(str(refused), "text/plain; charset=utf-8", refused.status)
        except UnreadablePostError:  # the connection broke: what arrived is kept
            response = HttpResponse(status=400)
        response["Tus-Resumable"] = response["Tus-Version"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def method_of(request: HttpRequest) -> str:
    """Return what is asked for. Raises ``Refused``."""
    if request.method == "OPTIONS":
        return "OPTIONS"
    if not request.user.is_authenticated:
        raise Refused(401, _("You are signed out. Sign in again, then continue."))
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Refused(412)
    override = request.headers.get("X-HTTP-Method-Override") if request.method == "POST" else None
    return override or str(request.method)


def options() -> HttpResponse:
    """Say what this server can do."""
    response = HttpResponse(status=204)
    response["Tus-Extension"] = "creation,expiration,termination"
    response["Tus-Max-Size"] = str(settings.UPLOAD_LIMIT)
    return response


@tus
def create(request: HttpRequest, method: str) -> HttpResponse:
    """Begin an upload, or find the one that was begun."""
    if method == "OPTIONS":
        return options()
    if method != "POST":
        raise Refused(405)
    user, told = cast(User, request.user), metadata(request.headers.get("Upload-Metadata", ""))
    size = number(request, "Upload-Length")
    file = Announced(size, receiving.shown(told.get("filename", "")), told.get("modified", "")[:20])
    if "video" in told:
        video = VideoPage.objects.filter(creator__user=user, video_id=told["video"]).first()
        if video is None:
            raise Refused(404)
        return begin(request, file, video)
    return drafts.with_page(user, told.get("draft", ""), lambda page: begin(request, file, page))


def begin(request: HttpRequest, file: Announced, video: VideoPage) -> HttpResponse:
    """Answer where a file's bytes shall go, and which video it is for."""
    user = cast(User, request.user)
    begun = receiving.known(user, file, video)
    if begun is None and not ratelimit.consume(request, action="upload", user=user):
        raise Refused(429, _("You sent many files today. Send this one tomorrow."))
    upload = receiving.begin(user, file, video)
    page = upload.video
    response = JsonResponse(
        {
            "video": page.video_id,
            "title": page.title,
            "begun": begun is not None,
            "keep": reverse("studio_keep", args=[page.video_id]),
            "edit": reverse("studio_edit", args=[page.video_id]),
        },
        status=201,
    )
    response["Location"] = reverse("upload_part", args=[upload.upload_id])
    return expiring(response, upload)


@tus
def part(request: HttpRequest, method: str, upload_id: str) -> HttpResponse:
    """Say how much is here, take more, or give it up."""
    if method == "OPTIONS":
        return options()
    upload = Upload.objects.filter(user=cast(User, request.user), upload_id=upload_id).first()
    if upload is None:
        raise Refused(404)
    if method == "DELETE":
        receiving.discard([upload])
        return HttpResponse(status=204)
    if method == "HEAD":
        response = HttpResponse(headers={"Upload-Offset": str(receiving.settle(upload))})
        response["Upload-Length"] = str(upload.size)
    elif method == "PATCH":
        response = HttpResponse(status=204, headers={"Upload-Offset": str(take(request, upload))})
    else:
        raise Refused(405)
    return expiring(response, upload)


def take(request: HttpRequest, upload: Upload) -> int:
    """Take a piece; returns how much is here."""
    if request.content_type != "application/offset+octet-stream":
        raise Refused(415)
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    body = cast(IO[bytes], request)
    return receiving.append(upload, number(request, "Upload-Offset"), body, length)


def expiring(response: HttpResponse, upload: Upload) -> HttpResponse:
    if upload.finished_at is None:
        response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


def number(request: HttpRequest, name: str) -> int:
    """Return a header that is a number of bytes. Raises ``Refused``."""
    text = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
        raise Refused(400, f"{name}?")
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """Return what ``Upload-Metadata`` says: names and base64. Raises ``Refused``."""
    found = {}
    try:
        for pair in filter(None, header.split(",")):
            name, _space, value = pair.strip().partition(" ")
            text = base64.b64decode(value, validate=True).decode("utf-8", "replace")
            found[name] = text.replace("\0", " ")
    except (binascii.Error, ValueError):
        raise Refused(400, "Upload-Metadata?") from None
    return found
