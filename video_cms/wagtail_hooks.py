"""What the site adds to the Wagtail admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from .activity_admin import ActivityGroup, LookOnly
from .comments import moderation
from .comments.bulk_actions import Approve, Hide
from .comments.viewsets import CommentViewSet, NeverAdded, WaitingComments
from .importing import admin as importing
from .models import (
    Comment,
    CreatorProfile,
    Follow,
    ImportRun,
    Like,
    ProcessingStep,
    VideoMedia,
    VideoPage,
    Watch,
)
from .recategorise import Recategorise
from .standing import ACTIONS, Standing
from .standing_admin import DECISIONS, WithAccounts
from .syndication.rich_text import VideoEmbedHandler
from .userbar import StatisticsItem
from .viewsets import CatalogueGroup

for model in (Watch, Like, Follow, ProcessingStep):
    register_permission_policy(model, LookOnly(model))
register_permission_policy(Comment, NeverAdded(Comment))
register_permission_policy(CreatorProfile, WithAccounts(CreatorProfile))
register_permission_policy(ImportRun, importing.ManagersOnly(ImportRun))

register_snippet(CatalogueGroup)
register_snippet(CommentViewSet)
register_snippet(ActivityGroup)

for decision in (Approve, Hide, Recategorise, *DECISIONS):
    hooks.register("register_bulk_action", decision)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Where a catalogue is sent and fetched."""
    return [
        path("catalogue/import/", importing.ImportView.as_view(), name="catalogue_import"),
        path("catalogue/export/", importing.download, name="catalogue_export"),
    ]


@hooks.register("construct_wagtail_userbar")
def userbar_items(request: HttpRequest, items: list[Any], page: Any) -> None:
    """Lead from a video's page to its figures."""
    if isinstance(page, VideoPage):
        items.append(StatisticsItem(page))


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """Name what Wagtail's audit log says of moderators' decisions."""
    for action, label, message in (
        (moderation.APPROVED, _("Approve a comment"), _("The comment was approved")),
        (moderation.HIDDEN, _("Hide a comment"), _("The comment was hidden")),
        ("video_cms.verify", _("Verify a creator"), _("The creator was verified")),
        (ACTIONS[Standing.MUTED], _("Mute a creator"), _("The creator was muted")),
        (ACTIONS[Standing.SUSPENDED], _("Suspend a creator"), _("The creator was suspended")),
        (ACTIONS[Standing.GOOD], _("Reinstate a creator"), _("The creator was reinstated")),
    ):
        actions.register_action(action, label, message)


@hooks.register("register_permissions")
def grant_premium() -> QuerySet[Permission]:
    """Let groups be given what concerns premium videos."""
    return Permission.objects.filter(codename__in=["watch_premium", "offer_premium"])


@hooks.register("register_rich_text_features", order=1)  # after Wagtail's own, which it replaces
def embed_videos(features: Any) -> None:
    """Show embedded videos of the site to those who may see them."""
    features.register_embed_type(VideoEmbedHandler)


@hooks.register("register_page_header_buttons")
def lead_to_statistics(
    page: Any, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[Button]:
    """Lead from a video's page to its figures."""
    if isinstance(page.specific_deferred, VideoPage):
        address = reverse("statistics", args=[page.specific.video_id])
        yield Button(_("Statistics"), address, icon_name="history", priority=66)


@hooks.register("insert_global_admin_js")
def hand_over_selections() -> str:
    """Let bulk actions under “More” have the selection, however fast they are clicked."""
    return format_html(
        '<script src="{}" type="module"></script>', static("video_cms/js/bulk-actions.js")
    )


@hooks.register("insert_global_admin_css")
def keep_titles_whole() -> str:
    """Let titles in lists keep their words on narrow screens."""
    return format_html('<link rel="stylesheet" href="{}">', static("video_cms/lists.css"))


@hooks.register("construct_media_chooser_queryset")
def with_posters(media: QuerySet[VideoMedia], request: HttpRequest) -> QuerySet[VideoMedia]:
    """Read what the chooser shows in a fixed number of queries."""
    return media.select_related("poster").prefetch_related("poster__renditions")


@hooks.register("construct_homepage_summary_items")
def count_waiting_comments(request: HttpRequest, items: list[Any]) -> None:
    """Say on the first page how many comments wait."""
    items.append(WaitingComments(request))
