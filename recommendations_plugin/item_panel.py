"""What stands on an item's form in the admin: what it would appear beside, and how it does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.panels import Panel

from . import api
from .events import impressions
from .models import Item
from .registry import adapter_for
from .types import FacetKind, key_of

#: How many neighbours are shown.
NEIGHBOURS = 6


class RecommendationPanel(Panel):
    """Says of a saved item what is near it, how far it reached, and gently what it lacks."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "recommendations_plugin/admin/item_panel.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.instance.pk and self.adapter)

        @cached_property
        def adapter(self) -> Any:
            return adapter_for(self.instance)

        @cached_property
        def reach(self) -> impressions.Reach:
            return impressions.reach(key_of(self.instance))

        def warnings(self) -> list[str]:
            """Return what keeps it from being found, in words."""
            found = list(map(str, self.adapter.warnings(self.instance)))
            item = Item.objects.filter(key=key_of(self.instance), live=True).first()
            if item is None:
                return [*found, _("Feeds do not show it: it is not published, or not for all.")]
            if not item.facet_keys.keys() & {FacetKind.CATEGORY, FacetKind.PARENT_CATEGORY}:
                found.append(_("It has no category: feeds of interests do not find it."))
            if not self.reach.impressions:
                found.append(_("It was never seen in a feed up to now."))
            return found

        def neighbours(self) -> list[dict[str, str]]:
            """Return what it would appear beside; nothing of that is recorded."""
            return [
                {
                    "title": str(card.object),
                    "url": adapter.url(card.object),
                    "picture": adapter.picture(card.object),
                }
                for card in api.similar(self.instance, limit=NEIGHBOURS).items
                if (adapter := adapter_for(card.key))
            ]

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            return {
                **context,
                "neighbours": self.neighbours(),
                "reach": self.reach,
                "facts": self.adapter.reach(self.instance),
                "warnings": self.warnings(),
            }
