"""What visitors keep: liked videos, watch later, playlists, and saving a video to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from .. import engagement, library
from ..forms import PlaylistForm, SaveForm
from ..models import Like, Playlist, User, VideoPage
from ..viewers import get_video_or_404, openable_videos
from .browse import paginate, private
from .watching import back, came_from, is_htmx, sign_in_first

#: How many entries of a playlist are on a page.
PAGE_SIZE = 50


def user_of(request: HttpRequest) -> User:
    """Return the visitor of a page for members only."""
    return cast(User, request.user)


def change(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view a POST of a member's; whoever's session has ended signs in again."""

    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return sign_in_first(request, reverse("playlists"))
        return view(request, **kwargs)

    return guarded


# --- liked --------------------------------------------------------------------------------------


@login_required
def liked(request: HttpRequest) -> HttpResponse:
    """Show the videos the visitor likes, the latest like first."""
    likes = Like.objects.filter(user=user_of(request))
    videos = openable_videos(request)
    shown = likes.filter(video__in=videos.order_by().values("pk"))
    page: Any = paginate(request, shown)
    by_pk = {
        video.pk: video
        for video in videos.for_cards().filter(pk__in=[like.video_id for like in page])
    }
    context = {
        "page_obj": page,
        "videos": [by_pk[like.video_id] for like in page if like.video_id in by_pk],
        "missing": likes.count() - page.paginator.count,
    }
    return private(render(request, "video_cms/library/liked.html", context))


@change
def change_liked(request: HttpRequest, video_id: str, on: bool) -> HttpResponse:
    """Take a like back in the list of likes, or put it back."""
    video = get_video_or_404(request, video_id)
    (engagement.like if on else engagement.unlike)(user_of(request), video)
    said = _("Liked again.") if on else _("You no longer like this.")
    if not is_htmx(request):
        messages.success(request, said)
        return redirect("liked")
    context = {"video": video, "said": said, "undo": reverse("liked_restore", args=[video_id])}
    template = "video_cms/library/liked_entry.html" if on else "video_cms/library/removed.html"
    return render(request, template, context)


# --- watch later and playlists ------------------------------------------------------------------


@login_required
def watch_later(request: HttpRequest) -> HttpResponse:
    """Show what the visitor keeps for later."""
    return show_playlist(request, library.watch_later(user_of(request)))


@login_required
def playlists(request: HttpRequest) -> HttpResponse:
    """Show the visitor's playlists, and make a new one."""
    form = PlaylistForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(library.make(user_of(request), **form.cleaned_data))
        except library.Full as error:
            form.add_error(None, str(error))
    found = library.covers(library.lists_of(user_of(request)), openable_videos(request))
    context = {"form": form, "playlists": found}
    status = 400 if form.is_bound else 200
    return private(render(request, "video_cms/library/playlists.html", context, status=status))


def playlist(request: HttpRequest, playlist_id: str) -> HttpResponse:
    """Show a playlist to its owner, and to others where it is not private."""
    found = library.get_playlist_or_404(request, playlist_id)
    if found.kind == Playlist.Kind.LATER and library.is_mine(request, found):
        return redirect("watch_later")
    return show_playlist(request, found)


def show_playlist(request: HttpRequest, found: Playlist) -> HttpResponse:
    context = playlist_context(request, found)
    return private(render(request, "video_cms/library/playlist.html", context))


def playlist_context(request: HttpRequest, found: Playlist) -> dict[str, Any]:
    """Return what the page of a playlist needs. Owners also see the place of what is gone."""
    mine = library.is_mine(request, found)
    shown = library.shown_items(request, found)
    page: Any = paginate(request, found.items.all() if mine else shown, PAGE_SIZE)
    entries = library.entries(page, library.shown_videos(request, found))
    number = shown.count()
    first = shown.select_related("video").first()
    return {
        "playlist": found,
        "mine": mine,
        "later": found.kind == Playlist.Kind.LATER,
        "page_obj": page,
        "entries": entries,
        "number": number,
        "missing": found.items.count() - number,
        "first": first.video if first else None,
    }


@login_required
def edit(request: HttpRequest, playlist_id: str) -> HttpResponse:
    """Change a playlist's words and who sees it."""
    found = own_list_or_404(request, playlist_id)
    form = PlaylistForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        library.touch(found)
        messages.success(request, _("The playlist is saved."))
        return redirect(found)
    context = {"form": form, "playlist": found}
    status = 400 if form.is_bound else 200
    template = "video_cms/library/playlist_edit.html"
    return private(render(request, template, context, status=status))


@login_required
def delete(request: HttpRequest, playlist_id: str) -> HttpResponse:
    """Ask whether a playlist shall be deleted, and delete it."""
    found = own_list_or_404(request, playlist_id)
    if request.method == "POST":
        found.delete()
        messages.success(request, _("The playlist is deleted. Its videos are still there."))
        return redirect("playlists")
    context = {"playlist": found}
    return private(render(request, "video_cms/library/playlist_delete.html", context))


def own_list_or_404(request: HttpRequest, playlist_id: str) -> Playlist:
    """Return a playlist the visitor made; "watch later" is none to edit or delete."""
    own = library.lists_of(user_of(request))
    return get_object_or_404(own, playlist_id=playlist_id)


# --- a playlist's entries -----------------------------------------------------------------------


@change
def add(request: HttpRequest, playlist_id: str) -> HttpResponse:
    """Put a video into a playlist, or back where it was."""
    found = library.get_own_or_404(request, playlist_id)
    wanted = request.POST.get("video", "")
    video = get_video_or_404(request, wanted.replace("\0", ""))
    place = request.POST.get("position", "")
    position = int(place) if place.isascii() and place.isdecimal() and len(place) < 6 else None
    try:
        library.add(found, video, position)
    except library.Full as error:
        messages.error(request, str(error))
        return back(request, found.get_absolute_url())
    if not is_htmx(request):
        return back(request, found.get_absolute_url())
    return render_items(request, found, _("Back in the list."))


@change
def remove(request: HttpRequest, playlist_id: str, pk: int) -> HttpResponse:
    """Take an entry out of a playlist."""
    found = library.get_own_or_404(request, playlist_id)
    item = get_object_or_404(found.items.select_related("video"), pk=pk)
    library.remove(found, item.video)
    said = _("Removed from the list.")
    if not is_htmx(request):
        messages.success(request, said)
        return back(request, found.get_absolute_url())
    fields = {"video": item.video.video_id, "position": item.position}
    context: dict[str, Any] = {"said": said}
    if openable_videos(request).filter(pk=item.video_id).exists():
        undo = reverse("playlist_add", args=[playlist_id])
        context |= {"undo": undo, "fields": fields, "target": "#entries"}
    return render(request, "video_cms/library/removed.html", context)


@change
def move(request: HttpRequest, playlist_id: str, pk: int, by: int) -> HttpResponse:
    """Move an entry of a playlist up or down."""
    found = library.get_own_or_404(request, playlist_id)
    item = get_object_or_404(found.items, pk=pk)
    place = library.move(found, item, by)
    if not is_htmx(request):
        return back(request, found.get_absolute_url())
    said = _("Moved to place %(place)s.") % {"place": place}
    return render_items(request, found, said)


def render_items(request: HttpRequest, found: Playlist, said: str) -> HttpResponse:
    """Return the list of entries, drawn anew for htmx."""
    context = {**playlist_context(request, found), "said": said}
    return render(request, "video_cms/library/playlist_items.html", context)


# --- saving a video -----------------------------------------------------------------------------


@require_POST
def later(request: HttpRequest, video_id: str, on: bool) -> HttpResponse:
    """Keep a video for later, or no longer."""
    video = get_video_or_404(request, video_id)
    if not request.user.is_authenticated:
        return sign_in_first(request, came_from(request, video.get_url(request)))
    found = library.watch_later(user_of(request))
    try:
        said = keep_for_later(found, video, on)
    except library.Full as error:
        on, said = False, str(error)
    if not is_htmx(request):
        messages.success(request, said)
        return back(request, video.get_url(request))
    button = request.POST.get("as") == "button"
    context = {"item": video, "later": on, "said": said, "button": button}
    return render(request, "video_cms/library/later_changed.html", context)


def keep_for_later(found: Playlist, video: VideoPage, on: bool) -> str:
    """Change "watch later" and return what to say of it; raises ``library.Full``."""
    if on:
        library.add(found, video)
        return _("Saved to Watch later.")
    library.remove(found, video)
    return _("Removed from Watch later.")


def save(request: HttpRequest, video_id: str) -> HttpResponse:
    """Let the visitor choose which of their playlists a video is in."""
    video = get_video_or_404(request, video_id)
    if not request.user.is_authenticated:
        return sign_in_first(request, reverse("save", args=[video_id]))
    user = user_of(request)
    now = set(library.lists_of(user).filter(items__video=video))
    data = request.POST if request.method == "POST" else None
    form = SaveForm(data, owner=user, initial={"playlists": [one.playlist_id for one in now]})
    if form.is_valid() and save_to(form, user, video, now):
        return saved(request, video)
    context = {"form": form, "video": video, "next": came_from(request, video.get_url(request))}
    if is_htmx(request):
        return private(render(request, "video_cms/library/save_form.html", context))
    status = 400 if form.is_bound else 200
    return private(render(request, "video_cms/library/save.html", context, status=status))


def saved(request: HttpRequest, video: VideoPage) -> HttpResponse:
    """Answer a visitor who saved a video: with a word, where the dialog was."""
    said = _("Saved.")
    if not is_htmx(request):
        messages.success(request, said)
        return back(request, video.get_url(request))
    answer = render(request, "video_cms/library/toast.html", {"said": said})
    return trigger_client_event(answer, "dialog-done")


def save_to(form: SaveForm, user: User, video: VideoPage, now: set[Playlist]) -> bool:
    """Do as a valid ``SaveForm`` says; False, with an error, where there is no room."""
    chosen = set(form.cleaned_data["playlists"])
    title = form.cleaned_data["title"]
    try:
        with transaction.atomic():
            if title:
                chosen.add(library.make(user, title=title))
            for one in now - chosen:
                library.remove(one, video)
            for one in chosen - now:
                library.add(one, video)
    except library.Full as error:
        form.add_error(None, str(error))
        return False
    return True
