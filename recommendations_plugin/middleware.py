"""Tells staff, in a header, what the feeds of a response were made by."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

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
