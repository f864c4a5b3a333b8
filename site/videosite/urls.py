"""The site's addresses. Videos themselves are pages: Wagtail finds ``/video/<video_id>/``."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from video_cms.views.accounts import admin_sign_in

urlpatterns = [
    path("admin/login/", admin_sign_in),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("accounts/", include("allauth.account.urls")),
    path("recommendations/", include("recommendations_plugin.urls")),
    path("api/recommendations/v1/", include("recommendations_plugin.rest.urls")),
    path("", include("video_cms.urls")),
    path("", include(wagtail_urls)),
]
