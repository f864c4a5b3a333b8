"""Tells staff what the feeds of a response were made by; keeps personal pages to their visitors."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from . import api

HEADER = "X-Recommendations"


class RecommendationsHeaderMiddleware:
    """Names of each feed its placement, rung of the ladder, model, arm and milliseconds.

    For accounts that are staff only. Stands after the authentication's middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        feeds = api.served(request)
        user = getattr(request, "user", None) if feeds else None
        if user is not None and (getattr(user, "is_staff", False) or user.is_superuser):
            response.headers[HEADER] = ", ".join(map(_described, feeds))
        return response


def _described(feed: api.Feed) -> str:
    told = {"step": feed.step.value, "model": feed.version, "arm": feed.arm}
    parts = [f'{name}="{quote(value, safe=":")}"' for name, value in told.items() if value]
    return "; ".join([quote(feed.placement), *parts, f"ms={feed.milliseconds}"])


class PrivateFeedsMiddleware:
    """Keeps pages with somebody's feed out of every shared cache, where they say nothing else.

    Stands anywhere before what caches pages. What nobody in particular gets may be cached.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if api.served(request) and api.viewer(request).key and "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        return response
