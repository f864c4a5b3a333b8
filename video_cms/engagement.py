"""What visitors do: watch, like, follow, dismiss.

Each keeps its row, the counter on the page and the recommender's record in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from recommendations_plugin import api, registry

from . import counters, daily, played
from .models import CreatorProfile, Follow, Like, Source, User, VideoPage, Watch
from .viewers import watches_of


@transaction.atomic
def watch(
    viewer: api.Viewer,
    video: VideoPage,
    *,
    portion: float,
    seconds: float,
    position: float | None = None,
    parts: played.Parts = (),
    learn: bool = True,
    source: str = Source.UNKNOWN,
) -> Watch:
    """Note how much of a video a viewer has watched, and where they are, in seconds.

    ``parts`` add to those played before; less than before changes nothing but the position. With
    ``learn=False`` it counts as a view, but the recommender does not hear of it. ``source``: how
    the viewer came, for the creator's figures.

    Creators' watching of their own videos is kept, but is no view and no taste.
    """
    row, started = Watch.objects.select_for_update().get_or_create(
        video=video, **watches_of(viewer)
    )
    before, seconds_before = row.watch_time, row.watched_duration
    _add_parts(row, video, parts)
    row.watch_time = max(row.watch_time, portion)
    row.watched_duration = max(row.watched_duration, seconds)
    row.position = row.position if position is None else position
    row.timestamp = timezone.now()
    row.save()
    if viewer.user is not None and video.owned_by(viewer.user):
        return row
    view = counters.is_view(row.watch_time) and not counters.is_view(before)
    counters.add("views", {video.pk: int(view)})
    added = row.watched_duration - seconds_before
    days = daily.Days()
    days.add(video.pk, row.timestamp, source, started=started, view=view, seconds=added)
    days.save()
    if learn:
        seconds = row.watched_duration
        api.record(api.Kind.WATCH, viewer, video, value=row.watch_time, seconds=seconds)
    return row


def _add_parts(row: Watch, video: VideoPage, parts: Iterable[Sequence[float]]) -> None:
    """Count what the parts add to those that a row knows."""
    row.played = played.together(row.played, parts)
    seconds = played.seconds(row.played)
    row.watched_duration = max(row.watched_duration, seconds)
    if video.duration:
        row.watch_time = max(row.watch_time, min(1.0, seconds / video.duration))


@transaction.atomic
def adopt(session: api.Viewer, viewer: api.Viewer) -> None:
    """Make what an anonymous session watched a viewer's own; each video stays one row."""
    whose = watches_of(viewer)
    own = {row.video_id: row for row in Watch.objects.filter(**whose)}
    anonymous = Watch.objects.filter(**watches_of(session)).select_for_update(of=("self",))
    for row in anonymous.select_related("video__creator"):
        kept = own.get(row.video_id)
        before = int(counters.is_view(row.watch_time))
        if kept is None:
            kept = row
            kept.user, kept.session = whose["user"], whose["session"]
        else:
            before += int(counters.is_view(kept.watch_time))
            _add_parts(kept, row.video, row.played)
            kept.watch_time = max(kept.watch_time, row.watch_time)
            kept.watched_duration = max(kept.watched_duration, row.watched_duration)
            if row.timestamp > kept.timestamp:
                kept.timestamp, kept.position = row.timestamp, row.position
            row.delete()
        kept.save()
        own_video = viewer.user is not None and row.video.owned_by(viewer.user)
        after = int(counters.is_view(kept.watch_time, by_creator=own_video))
        counters.add("views", {row.video_id: after - before})


@transaction.atomic
def like(user: User, video: VideoPage) -> None:
    """Like a video; once is enough."""
    _, new = Like.objects.get_or_create(user=user, video=video)
    if new:
        counters.add("likes", {video.pk: 1})
        api.record(api.Kind.LIKE, api.viewer(user), video)


@transaction.atomic
def unlike(user: User, video: VideoPage) -> None:
    """Take a like back."""
    deleted, _ = Like.objects.filter(user=user, video=video).delete()
    if deleted:
        counters.add("likes", {video.pk: -1})
        api.record(api.Kind.UNLIKE, api.viewer(user), video)


@transaction.atomic
def follow(user: User, creator: CreatorProfile, video: VideoPage | None = None) -> None:
    """Follow a creator, maybe while watching one of their videos; nobody follows themselves."""
    if creator.user_id == user.pk:
        return
    _, new = Follow.objects.get_or_create(user=user, creator=creator, defaults={"video": video})
    if new:
        api.record(api.Kind.FOLLOW, api.viewer(user), registry.creator(creator))


@transaction.atomic
def unfollow(user: User, creator: CreatorProfile) -> None:
    """Stop following a creator."""
    deleted, _ = Follow.objects.filter(user=user, creator=creator).delete()
    if deleted:
        api.record(api.Kind.UNFOLLOW, api.viewer(user), registry.creator(creator))


def dismiss(viewer: api.Viewer, what: VideoPage | CreatorProfile) -> None:
    """Keep a video, or all of a creator's, out of the viewer's feeds: not interested."""
    if isinstance(what, CreatorProfile):
        api.record(api.Kind.MUTE, viewer, registry.creator(what))
    else:
        api.record(api.Kind.DISMISS, viewer, what)


def undismiss(viewer: api.Viewer, what: VideoPage | CreatorProfile) -> None:
    """Let what was dismissed back into the viewer's feeds."""
    if isinstance(what, CreatorProfile):
        api.record(api.Kind.UNMUTE, viewer, registry.creator(what))
    else:
        api.record(api.Kind.UNDISMISS, viewer, what)
