"""The magazine's addresses: the admin, one button, and the pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from recommendations_plugin import api

from .models import ArticlePage


def read(request: HttpRequest, pk: int) -> HttpResponse:
    """An article was read to its end."""
    article = get_object_or_404(ArticlePage, pk=pk)
    api.record("watch", api.viewer(request, create=True), article, value=1)
    return HttpResponse(status=204)


urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("read/<int:pk>/", read, name="read"),
    path("", include(wagtail_urls)),
]
