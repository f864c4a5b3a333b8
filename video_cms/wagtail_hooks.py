"""What the site adds to the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from .comments.bulk_actions import Approve, Hide
from .comments.viewsets import CommentViewSet, NeverAdded, WaitingComments
from .models import Comment, Follow, Like, Watch
from .viewsets import ActivityGroup, CatalogueGroup, LookOnly

for model in (Watch, Like, Follow):
    register_permission_policy(model, LookOnly(model))
register_permission_policy(Comment, NeverAdded(Comment))

register_snippet(CatalogueGroup)
register_snippet(CommentViewSet)
register_snippet(ActivityGroup)

for decision in (Approve, Hide):
    hooks.register("register_bulk_action", decision)


@hooks.register("register_permissions")
def grant_premium() -> QuerySet[Permission]:
    """Let groups be given what concerns premium videos."""
    return Permission.objects.filter(codename__in=["watch_premium", "offer_premium"])


@hooks.register("construct_homepage_summary_items")
def count_waiting_comments(request: HttpRequest, items: list[Any]) -> None:
    """Say on the first page how many comments wait."""
    items.append(WaitingComments(request))
