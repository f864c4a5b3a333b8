"""Signing in to the Wagtail admin: the site's own sign-in does it, with its limits."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the site's sign-in; whoever is signed in and still sent here may not enter."""
    admin = reverse("wagtailadmin_home")
    if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or admin)
