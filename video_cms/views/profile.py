"""What accounts show of themselves, and the form they edit it with."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..forms import ProfileForm
from ..library import public_playlists
from ..models import CreatorProfile, Follow, Preferences, User
from ..viewers import is_following, listed_videos
from .browse import paginate

#: What the videos of a profile can be sorted by; the first is what it opens with.
SORTS = {
    "": ("-first_published_at", "-pk"),
    "views": ("-views", "-pk"),
    "old": ("first_published_at", "pk"),
}
SORT_NAMES = {
    "": gettext_lazy("Newest"),
    "views": gettext_lazy("Most viewed"),
    "old": gettext_lazy("Oldest"),
}
#: How many people a page of followers has.
PEOPLE = 48


def profile_or_404(username: str) -> CreatorProfile:
    """Return the profile of an account that is not closed."""
    profiles = CreatorProfile.objects.select_related("user__preferences", "picture", "banner")
    return get_object_or_404(profiles, user__username=username, user__is_active=True)


def shows_follows(request: HttpRequest, profile: CreatorProfile) -> bool:
    """Return whether the visitor may see whom an account follows."""
    chosen: Preferences | None = getattr(profile.user, "preferences", None)
    return profile.user_id == request.user.pk or bool(chosen and chosen.show_follows)


def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a profile with its listed videos."""
    found = profile_or_404(username)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else ""
    videos = listed_videos(request).filter(creator=found)
    context = {
        "profile": found,
        "creator": found,
        "own": found.user_id == request.user.pk,
        "following": is_following(request, found),
        "followers": found.followers.count(),
        "interests": found.parent_categories.all(),
        "playlists": public_playlists(found, request),
        "sort": sort,
        "sorts": SORT_NAMES,
        "page_obj": paginate(request, videos.for_cards().order_by(*SORTS[sort])),
        **videos.aggregate(number=Count("pk"), views=Sum("views", default=0)),
    }
    if shows_follows(request, found):
        context["follows"] = Follow.objects.filter(user=found.user).count()
    return render(request, "video_cms/profile.html", context)


# --- who follows whom ---------------------------------------------------------------------------


def followers(request: HttpRequest, username: str) -> HttpResponse:
    """Show who follows an account: those who let it be seen, and how many there are."""
    found = profile_or_404(username)
    shown = found.followers.filter(user__is_active=True, user__preferences__show_follows=True)
    people = CreatorProfile.objects.filter(user__follows__in=shown)
    context: dict[str, Any] = {"hidden": found.followers.count() - shown.count()}
    return show_people(request, found, people.order_by("-user__follows__pk"), context)


def following(request: HttpRequest, username: str) -> HttpResponse:
    """Show whom an account follows, if it lets that be seen."""
    found = profile_or_404(username)
    if not shows_follows(request, found):
        raise Http404
    people = CreatorProfile.objects.filter(followers__user=found.user, user__is_active=True)
    context: dict[str, Any] = {
        "outgoing": True,
        "secret": not Preferences.of(found.user).show_follows,
    }
    return show_people(request, found, people.order_by("-followers__pk"), context)


def show_people(
    request: HttpRequest,
    profile: CreatorProfile,
    people: QuerySet[CreatorProfile],
    context: dict[str, Any],
) -> HttpResponse:
    found = people.select_related("user", "picture").prefetch_related("picture__renditions")
    context = {
        **context,
        "profile": profile,
        "own": profile.user_id == request.user.pk,
        "page_obj": paginate(request, found, PEOPLE),
        "shows_follows": shows_follows(request, profile),
    }
    return render(request, "video_cms/people.html", context)


# --- one's own ----------------------------------------------------------------------------------


@login_required
def edit(request: HttpRequest) -> HttpResponse:
    """Let a visitor change their own profile."""
    own, _made = CreatorProfile.objects.get_or_create(user=cast(User, request.user))
    form = ProfileForm(request.POST or None, request.FILES or None, instance=own)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect(own)
    context = {"form": form, "again": list(request.FILES) if form.is_bound else []}
    status = 400 if form.is_bound else 200
    return render(request, "video_cms/profile_edit.html", context, status=status)
