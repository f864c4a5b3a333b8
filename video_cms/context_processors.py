"""What every template may show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

from .models import ParentCategory


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give ``parent_categories`` and ``site_name``, read only if a template asks."""
    return {
        "parent_categories": SimpleLazyObject(lambda: list(ParentCategory.objects.all())),
        "site_name": SimpleLazyObject(lambda: site_name(request)),
    }


def site_name(request: HttpRequest) -> str:
    """Return the site's name as editors set it, else the installation's."""
    site = Site.find_for_request(request)
    return (site and site.site_name) or settings.WAGTAIL_SITE_NAME
