"""The plugin's addresses, for a host to include."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "recommendations_plugin"
urlpatterns = [path("seen/", views.seen, name="seen")]
