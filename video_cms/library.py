"""The rules of playlists: who sees one, what is shown of it, and how it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import CreatorProfile, Playlist, PlaylistItem, User, VideoPage
from .models.pages import VideoPageQuerySet
from .viewers import listed_videos, openable_videos

#: How many playlists an account may have, and videos a playlist.
MOST_PLAYLISTS = 200
MOST_ITEMS = 1000
#: How many of a playlist's videos are shown beside the one that plays.
QUEUE = 50


class Full(ValueError):
    """There is no room for more; the message is for the visitor."""


# --- finding ------------------------------------------------------------------------------------


def watch_later(user: User) -> Playlist:
    """Return a viewer's list of videos for later, made when first asked for."""
    found, _made = Playlist.objects.get_or_create(
        owner=user, kind=Playlist.Kind.LATER, defaults={"title": _("Watch later")}
    )
    return found


def lists_of(user: User) -> QuerySet[Playlist]:
    """Return the playlists a viewer made."""
    return Playlist.objects.filter(owner=user, kind=Playlist.Kind.LIST)


def is_mine(request: HttpRequest, playlist: Playlist) -> bool:
    """Return whether the visitor owns a playlist."""
    return request.user.is_authenticated and playlist.owner_id == request.user.pk


def get_playlist_or_404(request: HttpRequest, playlist_id: str) -> Playlist:
    """Return a playlist the visitor may see; to others it does not exist."""
    found = Playlist.objects.select_related("owner__profile").filter(playlist_id=playlist_id)
    playlist = found.first()
    if playlist is None:
        raise Http404
    hidden = playlist.visibility == Playlist.Visibility.PRIVATE or not playlist.owner.is_active
    if hidden and not is_mine(request, playlist):
        raise Http404
    return playlist


def get_own_or_404(request: HttpRequest, playlist_id: str) -> Playlist:
    """Return one of the visitor's own playlists."""
    playlist = get_playlist_or_404(request, playlist_id)
    if not is_mine(request, playlist):
        raise Http404
    return playlist


def shown_videos(request: HttpRequest, playlist: Playlist) -> VideoPageQuerySet:
    """Return the videos this visitor may see in a playlist: the owner also unlisted ones."""
    mine = is_mine(request, playlist)
    return openable_videos(request) if mine else listed_videos(request)


def shown_items(request: HttpRequest, playlist: Playlist) -> QuerySet[PlaylistItem]:
    """Return a playlist's entries that this visitor may open, in order."""
    videos = shown_videos(request, playlist)
    return playlist.items.filter(video__in=videos.order_by().values("pk"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A playlist's entry and its video; None where the visitor may not open it."""

    item: PlaylistItem
    video: VideoPage | None


def entries(items: Iterable[PlaylistItem], videos: VideoPageQuerySet) -> list[Entry]:
    """Return entries with their videos out of ``videos``, ready for cards."""
    found = list(items)
    pks = [item.video_id for item in found]
    by_pk = {video.pk: video for video in videos.for_cards().filter(pk__in=pks)}
    return [Entry(item, by_pk.get(item.video_id)) for item in found]


@dataclass(frozen=True, slots=True)
class Cover:
    """A playlist as it stands in a list: how many videos are shown of it, and the first."""

    playlist: Playlist
    number: int
    video: VideoPage | None


def covers(playlists: QuerySet[Playlist], videos: VideoPageQuerySet) -> list[Cover]:
    """Return playlists with what is shown of them out of ``videos``."""
    shown = videos.order_by().values("pk")
    first = PlaylistItem.objects.filter(playlist=OuterRef("pk"), video__in=shown)
    found = list(
        playlists.annotate(
            number=Count("items", filter=Q(items__video__in=shown)),
            first_video=Subquery(first.order_by("position", "pk").values("video")[:1]),
        )
    )
    wanted = [playlist.first_video for playlist in found]
    by_pk = {video.pk: video for video in videos.for_cards().filter(pk__in=wanted)}
    return [Cover(playlist, playlist.number, by_pk.get(playlist.first_video)) for playlist in found]


def public_playlists(profile: CreatorProfile, request: HttpRequest) -> list[Cover]:
    """Return a profile's public playlists; those without a video to show are left out.

    ``video_cms/library/playlist_cards.html`` shows them, as ``playlists``.
    """
    public = Playlist.objects.filter(
        owner=profile.user_id, kind=Playlist.Kind.LIST, visibility=Playlist.Visibility.PUBLIC
    )
    return [cover for cover in covers(public, listed_videos(request)) if cover.video]


# --- changing -----------------------------------------------------------------------------------


@transaction.atomic
def add(playlist: Playlist, video: VideoPage, position: int | None = None) -> bool:
    """Put a video at the end of a playlist, or back at its position; return whether it is new.

    Raises ``Full``.
    """
    locked = Playlist.objects.select_for_update().get(pk=playlist.pk)
    items = locked.items
    if items.filter(video=video).exists():
        return False
    found = items.aggregate(number=Count("pk"), last=Max("position"))
    if found["number"] >= MOST_ITEMS:
        raise Full(_("“%(title)s” is full.") % {"title": playlist.title})
    end = 0 if found["last"] is None else found["last"] + 1
    place = end if position is None else min(position, end)
    items.create(video=video, position=place)
    touch(locked)
    return True


@transaction.atomic
def remove(playlist: Playlist, video: VideoPage) -> None:
    """Take a video out of a playlist."""
    deleted, _by_model = playlist.items.filter(video=video).delete()
    if deleted:
        touch(playlist)


@transaction.atomic
def move(playlist: Playlist, item: PlaylistItem, by: int) -> int:
    """Move an entry up (-1) or down (1); return its place, from 1.

    All places are numbered anew where they differ, so that equal ones cannot get stuck.
    """
    locked = Playlist.objects.select_for_update().get(pk=playlist.pk)
    items = list(locked.items.all())
    before = next(index for index, other in enumerate(items) if other.pk == item.pk)
    after = min(max(before + by, 0), len(items) - 1)
    items.insert(after, items.pop(before))
    changed = [(index, one) for index, one in enumerate(items) if one.position != index]
    for index, one in changed:
        one.position = index
    PlaylistItem.objects.bulk_update([one for _index, one in changed], ["position"], 300)
    touch(locked)
    return after + 1


def touch(playlist: Playlist) -> None:
    """Note that a playlist changed: the latest stand first."""
    playlist.updated_at = timezone.now()
    playlist.save(update_fields=["updated_at"])


@transaction.atomic
def make(user: User, **fields: str) -> Playlist:
    """Make a playlist, private unless told otherwise; raises ``Full``."""
    User.objects.select_for_update().get(pk=user.pk)
    if lists_of(user).count() >= MOST_PLAYLISTS:
        raise Full(_("You have as many playlists as an account can have."))
    return Playlist.objects.create(owner=user, **fields)


# --- playing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """A playlist beside the video that plays."""

    playlist: Playlist
    items: list[PlaylistItem]
    place: int
    number: int
    next: VideoPage | None


def queue(request: HttpRequest, video: VideoPage) -> Queue | None:
    """Return the playlist that ``?list=`` names, around this video; None where it does not fit."""
    wanted = request.GET.get("list", "")
    if not wanted or "\0" in wanted:
        return None
    try:
        playlist = get_playlist_or_404(request, wanted[:40])
    except Http404:
        return None
    order = list(shown_items(request, playlist).values_list("pk", "video_id"))
    place = next((index for index, (_, pk) in enumerate(order) if pk == video.pk), None)
    if place is None:
        return None
    start = max(0, min(place - QUEUE // 2, len(order) - QUEUE))
    window = playlist.items.filter(pk__in=[pk for pk, _ in order[start : start + QUEUE]])
    items = list(
        window.select_related("video__creator__user", "video__media").order_by("position", "pk")
    )
    following = items[place - start + 1 :]
    return Queue(playlist, items, place + 1, len(order), following[0].video if following else None)
