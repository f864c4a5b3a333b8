"""Files that stand at the top of a site: for robots, and for installing it as an app."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .addresses import absolute

#: Names of the addresses that robots have no business with; all below them neither.
CLOSED = ("wagtailadmin_home", "account_login", "search", "feed")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots where the sitemap is and where there is nothing for them."""
    closed = [reverse(name).removesuffix("login/") for name in CLOSED]
    lines = [
        "User-agent: *",
        *(f"Disallow: {address}" for address in closed),
        "",
        f"Sitemap: {absolute(request, reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the site as an app; the theme says how it looks."""
    kind = "application/manifest+json"
    return render(request, "manifest.webmanifest", content_type=kind)
