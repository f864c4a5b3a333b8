"""What happens to an upload from its announcement to its place in the media library."""

from __future__ import annotations

import errno
import unicodedata
from dataclasses import dataclass
from typing import IO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import CreatorProfile, Upload, User, VideoMedia, VideoPage
from ..models.uploads import a_while
from ..processing.sniff import HEAD
from ..studio import videos
from ..studio.formats import ending_of, not_a_film
from . import parts
from .quota import complaint

#: Seconds a file may lie among the uploads before its row is written.
GRACE = 3600.0


class Refused(Exception):
    """An upload is not taken, or not now; ``status`` is how HTTP says it, the text says why."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Announced:
    """What a creator's browser says of a file before it sends it. ``size`` is in bytes."""

    size: int
    name: str
    modified: str


def shown(name: str) -> str:
    """Return a file's name fit to be shown: one line, no control or direction characters."""
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name)
    return " ".join(plain.split())[:200] or _("Untitled video")


def title_of(name: str) -> str:
    """Return the title a video gets from the name of its file, until its creator gives another."""
    stem, dot, ending = name.rpartition(".")
    words = stem if dot and stem and len(ending) <= 4 else name
    return " ".join(words.replace("_", " ").split()) or _("Untitled video")


def known(user: User, file: Announced, video: VideoPage) -> Upload | None:
    """Return the upload of the same file to go on with: for a new video, any draft's.

    One that has arrived counts too while its draft waits: whoever missed the last answer and
    sends it again finds it there.
    """
    begun = Upload.objects.filter(
        user=user, size=file.size, name=file.name, modified=file.modified
    ).select_related("video")
    if video.pk:
        begun = begun.filter(video=video)
    return next((upload for upload in begun.order_by("-pk") if is_of_use(upload)), None)


def is_of_use(upload: Upload) -> bool:
    """Return whether the same file need not be sent anew."""
    if upload.finished_at is None:
        return True
    _storage, name = parts.place_of(upload)
    good = VideoMedia.objects.filter(file=name).exclude(state=VideoMedia.State.FAILED)
    return not upload.video.live and good.exists()


@transaction.atomic
def begin(user: User, file: Announced, video: VideoPage) -> Upload:
    """Take an upload for a video, a new one is made a draft; asked twice, it is begun once.

    Another file that was on its way to the video is given up. Raises ``Refused``.
    """
    CreatorProfile.objects.select_for_update().get(user=user)  # one after the other
    upload = known(user, file, video)
    if upload is None:
        if video.pk:
            discard(list(video.uploads.filter(finished_at=None)))
        if reason := complaint(user, file.size):
            raise Refused(413 if file.size else 400, reason)
        if video.pk is None:
            video.title = title_of(file.name)
            videos.add(video, user)
        upload = Upload.objects.create(
            user=user, video=video, size=file.size, name=file.name, modified=file.modified
        )
    if upload.finished_at is None:
        parts.make(upload)
    return upload


def append(upload: Upload, offset: int, source: IO[bytes], length: int) -> int:
    """Write what arrives at an offset; returns how much is here. Raises ``Refused``."""
    if upload.finished_at:
        raise Refused(409)
    try:
        with parts.opened(upload) as file:
            if offset != file.tell():
                raise Refused(409)
            if offset + length > upload.size:
                raise Refused(413, _("More was sent than announced. Choose the file again."))
            parts.write(file, source, length)
            arrived = file.tell()
            judge(upload, file)
    except parts.Locked:
        raise Refused(423) from None
    except FileNotFoundError:
        raise Refused(404) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Refused(507, _("There is no room left here. Try again later.")) from error
        raise
    Upload.objects.filter(pk=upload.pk).update(expires_at=a_while())
    if arrived == upload.size:
        finish(upload)
    return arrived


def judge(upload: Upload, file: IO[bytes]) -> None:
    """Give up an upload whose first bytes are not those of a film. Raises ``Refused``."""
    first = parts.head(file, HEAD)
    if upload.ending or len(first) < min(HEAD, upload.size):
        return
    upload.ending = ending_of(first)
    if not upload.ending:
        discard([upload])
        raise Refused(415, not_a_film())
    Upload.objects.filter(pk=upload.pk).update(ending=upload.ending)


def settle(upload: Upload) -> int:
    """Finish an upload if all of it is here; returns how much that is. Raises ``Refused``."""
    here = parts.received(upload)
    if here == upload.size and not upload.finished_at:
        if not upload.ending:
            with parts.path_of(upload).open("rb") as file:
                judge(upload, file)
        finish(upload)
    return here


@transaction.atomic
def finish(upload: Upload) -> None:
    """Make an upload the file of its video, once however often it is asked for."""
    current = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if current is None:
        raise Refused(404)
    if current.finished_at:
        return
    media = VideoMedia.objects.create(
        title=current.video.title,
        file=parts.place(current),
        type="video",
        duration=0,
        uploaded_by_user=current.user,
    )
    videos.receive(current.video, media)
    current.finished_at = timezone.now()
    current.save(update_fields=["finished_at"])


def discard(uploads: list[Upload]) -> None:
    """Delete uploads; their bytes go when that is certain."""
    for upload in uploads:
        upload.delete()


def forget_bytes(instance: Upload, **kwargs: object) -> None:
    """See that no bytes outlive their upload, whatever deleted it: a signal's receiver."""
    transaction.on_commit(lambda: parts.remove(instance))


def clean() -> tuple[int, int]:
    """Finish what has arrived whole, delete what expired; returns how many of each."""
    finished = expired = 0
    for upload in Upload.objects.filter(finished_at=None).iterator():
        try:
            finished += settle(upload) == upload.size
        except Refused:
            expired += 1
    for upload in Upload.objects.filter(expires_at__lt=timezone.now()).iterator():
        expired += upload.finished_at is None
        upload.delete()
    for path in parts.strays(GRACE):
        path.unlink(missing_ok=True)
        expired += 1
    return finished, expired
