"""Keeps what is made for one visitor out of every shared cache."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header, patch_cache_control


class PrivateMiddleware:
    """Marks as private whatever depends on the visitor's cookies and says nothing itself.

    Stands before the session's middleware, which tells by ``Vary`` that cookies mattered.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if has_vary_header(response, "Cookie") and "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        return response
