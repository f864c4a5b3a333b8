"""Settings: how the site behaves for a visitor, taking one's data away, closing one's account."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import cast

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from .. import erasure, takeout
from ..forms import DeleteAccountForm, PreferencesForm
from ..models import Preferences, User

#: Bytes of an export that are kept in memory; more go to a temporary file.
IN_MEMORY = 1024 * 1024


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and keep how the site shall behave."""
    posted = request.POST if request.method == "POST" else None
    form = PreferencesForm(posted, instance=Preferences.of(request.user))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        return redirect("settings")
    status = 400 if form.is_bound else 200
    return render(request, "video_cms/settings/preferences.html", {"form": form}, status=status)


@login_required
def data(request: HttpRequest) -> HttpResponse:
    """Offer to take one's data away and to close the account."""
    return render(request, "video_cms/settings/data.html")


@require_POST
@login_required
@rate_limit(action="export")
def export(request: HttpRequest) -> FileResponse:
    """Give the visitor all that the site holds of them."""
    user = cast(User, request.user)
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the response closes it
    takeout.write_zip(user, file)
    file.seek(0)
    name = f"{user.get_username()}-{timezone.now():%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@sensitive_post_parameters("password")
@login_required
@rate_limit(action="delete_account")
def delete(request: HttpRequest) -> HttpResponse:
    """Ask for the password and whether the videos shall go too, then erase the account."""
    user = cast(User, request.user)
    videos = erasure.videos_of(user).count()
    posted = request.POST if request.method == "POST" else None
    form = DeleteAccountForm(posted, user=user, videos=videos)
    if form.is_valid():
        erasure.erase(user)
        logout(request)
        messages.success(request, _("Your account and everything in it are deleted."))
        return redirect("/")
    context = {"form": form, "videos": videos}
    status = 400 if form.is_bound else 200
    return render(request, "video_cms/settings/delete.html", context, status=status)
