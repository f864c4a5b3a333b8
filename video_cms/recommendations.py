"""The only glue between the video site and the recommendations plugin."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Avg, Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommendations_plugin import registry
from recommendations_plugin.api import InvalidSignal, Viewer

from . import engagement
from .models import Preferences, VideoPage
from .viewers import FINISHED, begun_by
from .watching import BadReport, check_report, keep_report


@registry.register
class VideoAdapter(registry.PageAdapter):
    """Videos: listed ones only, described by their words, categories, creator and tags."""

    model = VideoPage
    card_template = "video_cms/card.html"

    def queryset(self) -> QuerySet[VideoPage]:
        return VideoPage.objects.listed().playable()

    def eligible(self, viewer: Viewer, request: HttpRequest | None = None) -> QuerySet[VideoPage]:
        videos = super().eligible(viewer, request)
        if viewer.user is not None:
            videos = videos.exclude(creator__user=viewer.user)
        return videos

    def for_cards(self, queryset: QuerySet[VideoPage]) -> QuerySet[VideoPage]:
        return queryset.for_cards()  # type: ignore[attr-defined]

    def for_describe(self, queryset: QuerySet[VideoPage]) -> QuerySet[VideoPage]:
        return queryset.select_related("creator__user").prefetch_related(
            "categories__parent", "additional_parent_categories", "tagged_items__tag"
        )

    def picture(self, obj: Any) -> str:
        return obj.poster.get_rendition("fill-320x180|format-webp").url if obj.poster else ""

    def warnings(self, obj: Any) -> list[str]:
        return [] if obj.captions.exists() else [_("It has no captions: many watch without sound.")]

    def reach(self, obj: Any) -> list[tuple[str, str]]:
        """Return how far into the video people get, which is how well it holds them."""
        whole = Count("pk", filter=Q(watch_time__gte=FINISHED))
        found = obj.watches.aggregate(viewers=Count("pk"), portion=Avg("watch_time"), whole=whole)
        if not found["viewers"]:
            return []
        finished = found["whole"] / found["viewers"]
        return [
            (_("Watched on average"), f"{found['portion']:.0%}"),
            (_("Watched to the end by"), f"{finished:.0%}"),
        ]

    def data(self, obj: Any, request: HttpRequest | None = None) -> dict[str, Any]:
        poster = obj.poster
        return {
            "title": obj.title,
            "url": obj.get_url(request),
            "thumbnail": poster.get_rendition("fill-640x360").url if poster else "",
            "duration": obj.duration,
            "views": obj.views,
            "creator": {
                "name": str(obj.creator),
                "url": obj.creator.get_absolute_url(),
            },
        }

    def unfinished(self, viewer: Viewer, request: HttpRequest | None = None) -> Any:
        """Return what the viewer's own history says."""
        return begun_by(viewer, VideoPage.objects.listed().playable())

    def keeps_seen(self, request: HttpRequest) -> bool:
        return Preferences.of(request.user).keep_history

    def perform(self, request: HttpRequest, kind: str, obj: Any, **measured: float) -> bool:
        """Watching and liking keep their rows and counters, whoever asks for it."""
        if kind in ("like", "unlike"):
            if not request.user.is_authenticated:
                raise PermissionDenied(_("Sign in to like a video."))
            (engagement.like if kind == "like" else engagement.unlike)(request.user, obj)
        elif kind == "watch":
            if not obj.playable_by(request.user):
                raise PermissionDenied(_("You may not play this video."))
            names = {"value": "watch_time", "seconds": "watched_duration"}
            fields = {names[name]: value for name, value in measured.items()}
            try:
                keep_report(request, obj, check_report(fields, obj.duration))
            except BadReport as error:
                raise InvalidSignal(str(error)) from error
        else:
            return False
        return True

    def describe(self, obj: Any) -> registry.Description:
        return registry.Description(
            title=obj.title,
            text=obj.description,
            published_at=obj.first_published_at,
            facets=(
                registry.creator(obj.creator),
                *map(registry.category, obj.categories.all()),
                *map(registry.parent_category, obj.parent_categories()),
                *(registry.tag(link.tag.name) for link in obj.tagged_items.all()),
            ),
        )
