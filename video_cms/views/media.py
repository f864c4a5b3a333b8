"""Uploaded files, with permission and by ranges, so that a player can seek.

Suits development and small sites; with ``MEDIA_ACCEL_PREFIX`` the web server in front sends
the bytes after this view has allowed it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from ..models import VideoMedia
from ..processing import folders
from ..viewers import may_open

CHUNK = 256 * 1024
TYPES = {
    ".avi": "video/x-msvideo",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpg": "video/mpeg",
    ".ogv": "video/ogg",
    ".png": "image/png",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
    ".webm": "video/webm",
    ".webp": "image/webp",
}
SIZED_PICTURES = "images"
#: Folders for editors only: pictures as uploaded, and the media library's own thumbnails.
EDITORS_ONLY = {"original_images", "media_thumbnails"}

FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
PRIVATE = "private, no-cache"

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@require_safe
def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send an uploaded file, if the visitor may have it."""
    content_type = TYPES.get(PurePosixPath(name).suffix.lower())
    if content_type is None or not is_plain(name):
        raise Http404
    cache = allowed_caching(request, name)
    if settings.MEDIA_ACCEL_PREFIX:
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = settings.MEDIA_ACCEL_PREFIX + quote(name)
    else:
        response = send(request, path_of(name), content_type)
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- permission ---------------------------------------------------------------------------------


def is_plain(name: str) -> bool:
    """Return whether a name has no tricks in it: only what storages make of file names."""
    parts = name.split("/")
    hidden = any(not part or part.startswith(".") for part in parts)
    return name.isprintable() and "\\" not in name and not hidden


def allowed_caching(request: HttpRequest, name: str) -> str:
    """Return how the visitor may cache a file; raises where they may not have it."""
    folder = name.partition("/")[0]
    if folder == SIZED_PICTURES:
        return FOREVER
    if folder in EDITORS_ONLY:
        if not request.user.has_perm("wagtailadmin.access_admin"):
            raise PermissionDenied
        return PRIVATE
    media = media_of(name)
    if media is None:
        raise Http404
    return video_caching(request, media, upload=media.file.name == name)


def media_of(name: str) -> VideoMedia | None:
    """Return the media that a file is, or was made of."""
    if not name.startswith(f"{folders.ROOT}/"):
        found: VideoMedia | None = VideoMedia.objects.filter(file=name).first()
        return found
    try:
        key = UUID(hex=name.split("/")[1])
    except ValueError:
        return None
    found = VideoMedia.objects.filter(folder=key).first()
    return found


def video_caching(request: HttpRequest, media: VideoMedia, upload: bool) -> str:
    """Return how a video file may be cached: shared only when everybody may play it.

    An upload that a film was made of is its creator's: it may tell where it was taken.
    """
    pages = list(media.pages.select_related("creator__user"))
    playable = [
        page
        for page in pages
        if not (upload and media.mp4) and may_open(request, page) and page.playable_by(request.user)
    ]
    if any(
        not page.is_premium
        and page.visibility != page.Visibility.PRIVATE
        and not page.get_view_restrictions()
        for page in playable
    ):
        return SHORT
    editable = any(
        page.owned_by(request.user) or page.permissions_for_user(request.user).can_edit()
        for page in pages
    )
    if playable or editable or media.is_editable_by_user(request.user):
        return PRIVATE
    raise PermissionDenied


def path_of(name: str) -> Path:
    """Return where a file lies; 404 for anything that is no file under the media folder."""
    try:
        path = Path(default_storage.path(name))
    except SuspiciousFileOperation as error:
        raise Http404 from error
    if not path.is_file():
        raise Http404
    return path


# --- bytes --------------------------------------------------------------------------------------


def send(request: HttpRequest, path: Path, content_type: str) -> HttpResponseBase:
    """Answer a request for a file: whole, a range of it, or "not modified"."""
    status = path.stat()
    etag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    modified = int(status.st_mtime)
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    if unchanged is not None:
        return unchanged
    response = send_range(request, path, status.st_size, (etag, http_date(modified)))
    if response.status_code != 416:
        response["Content-Type"] = content_type
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified)
    return response


def send_range(
    request: HttpRequest, path: Path, size: int, validators: tuple[str, str]
) -> HttpResponseBase:
    """Answer with the bytes asked for: 206, all of them: 200, or none there: 416."""
    wanted = asked_range(request, size, validators)
    if wanted is not None and wanted[0] >= wanted[1]:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = wanted or (0, size)
    headers = {"Content-Length": str(stop - start)}
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    code = 206 if wanted else 200
    if request.method == "HEAD":
        return HttpResponse(status=code, headers=headers)
    return StreamingHttpResponse(
        FileSlice(path.open("rb"), start, stop), status=code, headers=headers
    )


def asked_range(
    request: HttpRequest, size: int, validators: tuple[str, str]
) -> tuple[int, int] | None:
    """Return the first byte asked for and the one after the last; None for the whole file.

    An empty range stands for one that cannot be satisfied. Several ranges, or one that is only
    wanted of another version (``If-Range``), get the whole file, as HTTP allows.
    """
    if request.headers.get("If-Range", validators[0]) not in validators:
        return None
    match = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return (size - min(int(last), size), size)
    if last and int(last) < int(first):
        return None
    return (int(first), min(int(last) + 1 if last else size, size))


class FileSlice:
    """Iterates over a part of a file in chunks; closed with the response."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self.file, self.left = file, stop - start
        file.seek(start, os.SEEK_SET)

    def __iter__(self) -> Iterator[bytes]:
        while self.left > 0 and (chunk := self.file.read(min(CHUNK, self.left))):
            self.left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()
