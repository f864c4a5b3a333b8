"""Absolute addresses: which host they name, and the one address that stands for a page."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from django.http import HttpRequest
from wagtail.models import Site

from ..models import CreatorProfile

#: Wagtail's first site has this name until somebody sets a real one.
UNSET = "localhost"
LATER_PAGE = re.compile(r"[2-9]|[1-9]\d{1,5}", re.ASCII)


def origin(request: HttpRequest) -> str:
    """Return the site's scheme and host.

    As the visitor wrote them when that is the site's host, because then the scheme and the port
    are right too; as editors set them in Wagtail when the site was reached by another name.
    """
    site = Site.find_for_request(request)
    here = f"{request.scheme}://{request.get_host()}"
    if site is None or site.hostname in {UNSET, urlsplit(here).hostname}:
        return here
    root: str = site.root_url
    return root


def absolute(request: HttpRequest, address: str) -> str:
    """Return an address of the site with scheme and host; others are left as they are."""
    return urljoin(origin(request) + "/", address)


def profile_address(request: HttpRequest, creator: CreatorProfile) -> str:
    """Return the absolute address of a creator's profile; empty while it cannot be opened."""
    return absolute(request, creator.get_absolute_url()) if creator.user.is_active else ""


def canonical(request: HttpRequest, *, path: str = "", paged: bool = True) -> str:
    """Return the page's address without its query string, but with the number of a later page.

    ``path`` is that of the page which stands for this one, if it is another.
    """
    number = request.GET.get("page", "") if paged else ""
    query = f"?page={number}" if LATER_PAGE.fullmatch(number) else ""
    return absolute(request, (path or request.path) + query)
