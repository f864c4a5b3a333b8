"""Taking videos out of a viewer's history, and putting them back.

A view stays a view: the row of ``Watch`` loses its viewer's name, not its place in the counter.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from recommendations_plugin import api

from . import counters, engagement
from .models import VideoPage, Watch
from .viewers import watches_of

#: How long an undo is good for, in seconds.
UNDO = 3600
SALT = "video_cms.history"


def of(viewer: api.Viewer) -> QuerySet[Watch]:
    """Return a viewer's history, newest first."""
    return Watch.objects.filter(**watches_of(viewer)) if viewer.key else Watch.objects.none()


@transaction.atomic
def remove(viewer: api.Viewer, row: Watch) -> str:
    """Take a video out of a viewer's history; return the token that puts it back."""
    portion = row.watch_time
    told = _unname(viewer, [row])
    return signing.dumps([viewer.key, row.session, portion, bool(told)], salt=SALT)


@transaction.atomic
def clear(viewer: api.Viewer) -> int:
    """Empty a viewer's history; return how many videos were in it."""
    rows = list(of(viewer).select_for_update(of=("self",)).select_related("video__creator"))
    _unname(viewer, rows)
    return len(rows)


@transaction.atomic
def restore(viewer: api.Viewer, token: str) -> Watch | None:
    """Put back what was removed; None where the token is not the viewer's or too old."""
    try:
        key, name, portion, told = signing.loads(token, salt=SALT, max_age=UNDO)
    except signing.BadSignature:
        return None
    row = Watch.objects.filter(user=None, session=name).first() if key == viewer.key else None
    if row is None:
        return None
    engagement.adopt(api.Viewer(f"session:{name}"), viewer)
    kept = of(viewer).select_related("video__creator").get(video=row.video_id)
    if is_own(viewer, kept):
        kept.watch_time = max(kept.watch_time, portion)
        kept.save(update_fields=["watch_time"])
    elif told:
        video, at = api.key_of(kept.video), kept.timestamp
        api.restore([api.Signal(api.Kind.WATCH, viewer.key, video, kept.watch_time, at)])
    return kept


@transaction.atomic
def keep_out(session: api.Viewer, viewer: api.Viewer) -> None:
    """Have the recommender forget a session's watching, for a viewer who keeps no history."""
    known = of(viewer).order_by().values("video")
    _forget(viewer, VideoPage.objects.filter(watches__in=of(session)).exclude(pk__in=known))


def is_own(viewer: api.Viewer, row: Watch) -> bool:
    """Return whether the video is the viewer's own: watching it is never a view."""
    return viewer.user is not None and row.video.owned_by(viewer.user)


def _unname(viewer: api.Viewer, rows: Collection[Watch]) -> list[api.Signal]:
    """Give each row a random name, and have the recommender forget; return what it forgot."""
    for row in rows:
        portion = row.watch_time
        if is_own(viewer, row):  # without its name it would be taken for somebody else's view
            portion = min(portion, counters.VIEW_PORTION / 2)
        row.user, row.session, row.watch_time = None, uuid.uuid4().hex, portion
    Watch.objects.bulk_update(rows, ["user", "session", "watch_time"], batch_size=300)
    return _forget(viewer, [row.video for row in rows])


def _forget(viewer: api.Viewer, videos: Iterable[VideoPage]) -> list[api.Signal]:
    """Have the recommender forget that videos were watched; likes and dismissals stay."""
    dropped = api.drop(viewer, videos)
    api.restore([signal for signal in dropped if signal.kind is not api.Kind.WATCH])
    return [signal for signal in dropped if signal.kind is api.Kind.WATCH]
