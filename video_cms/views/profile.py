"""What accounts show of themselves, and the form they edit it with."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ..forms import ProfileForm
from ..models import CreatorProfile, User
from ..viewers import is_following, listed_videos
from .browse import paginate


def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a profile with its listed videos."""
    found = get_object_or_404(
        CreatorProfile.objects.select_related("user", "picture", "banner"),
        user__username=username,
        user__is_active=True,
    )
    videos = listed_videos(request).filter(creator=found)
    context = {
        "profile": found,
        "creator": found,
        "own": found.user_id == request.user.pk,
        "following": is_following(request, found),
        "followers": found.followers.count(),
        "interests": found.parent_categories.all(),
        "page_obj": paginate(request, videos.for_cards().order_by("-first_published_at", "-pk")),
        **videos.aggregate(number=Count("pk"), views=Sum("views", default=0)),
    }
    return render(request, "video_cms/profile.html", context)


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
    status = 400 if form.is_bound else 200
    return render(request, "video_cms/profile_edit.html", {"form": form}, status=status)
