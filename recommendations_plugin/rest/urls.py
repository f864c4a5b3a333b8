"""The JSON API's addresses, for a host to include below ``api/recommendations/v1/``."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "recommendations_api"
endpoints = [
    path("feeds/<str:placement>/", views.FeedView.as_view(), name="feed"),
    path("items/<str:key>/similar/", views.SimilarView.as_view(), name="similar"),
    path("items/<str:key>/explanation/", views.ExplanationView.as_view(), name="explanation"),
    path("interactions/", views.InteractionsView.as_view(), name="interactions"),
    path("dismissals/<str:key>/", views.DismissalView.as_view(), name="dismissal"),
    path("impressions/", views.ImpressionsView.as_view(), name="impressions"),
    path("viewer/", views.ViewerView.as_view(), name="viewer"),
]
urlpatterns = [*endpoints, path("openapi.json/", views.document(endpoints), name="document")]
