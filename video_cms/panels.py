"""What stands beside the fields of a video's form in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from wagtail.admin.panels import FieldPanel, Panel

from recommendations_plugin import api

from .models.taxonomy import Category

if TYPE_CHECKING:
    from .studio.statistics import Retention


class SuggestedCategoriesPanel(Panel):
    """Categories that a video probably belongs to, as its viewers, creator, tags and words tell.

    Each says how often such a suggestion is right. With JavaScript a click ticks its box above.
    """

    class BoundPanel(Panel.BoundPanel):
        template_name = "video_cms/admin/suggested_categories.html"

        class Media:
            js = ["video_cms/js/suggested-categories.js"]

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.suggestions)

        @cached_property
        def suggestions(self) -> list[dict[str, Any]]:
            """Suggested categories that exist, each with its percentage."""
            if self.instance.pk is None or self.instance.creator_id is None:
                return []
            found = {
                suggestion.facet.key: suggestion
                for suggestion in api.suggested_facets(self.instance)
            }
            categories = {api.key_of(category): category for category in Category.objects.all()}
            return [
                {"category": categories[key], "percent": round(100 * suggestion.confidence)}
                for key, suggestion in found.items()
                if key in categories
            ]

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            return {**context, "suggestions": self.suggestions}


class YesOrNoPanel(FieldPanel):
    """A yes or no that is only looked at, in words."""

    def format_value_for_display(self, value: Any) -> str:
        return _("yes") if value else _("no")


class RetentionPanel(Panel):
    """How long viewers stay with a video: a curve, and the same as a table."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "video_cms/admin/retention.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.stayed.viewers)

        @cached_property
        def stayed(self) -> Retention:
            from .studio import statistics

            since = self.instance.first_published_at
            if self.instance.pk is None or since is None:
                return statistics.Retention()
            return statistics.retention(self.instance, since.date())

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            from .views.studio.statistics import shown_stay

            context = super().get_context_data(parent_context)
            return {**context, "stayed": self.stayed, **shown_stay(self.stayed)}
