"""StreamField blocks that show feeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .placements import NAME


class FeedBlock(blocks.StructBlock):
    """A personal feed: the page's visitor sees what is ranked for them."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    placement = blocks.RegexBlock(
        NAME,
        default="home",
        label=_("Placement"),
        help_text=_("A name for where the feed stands, such as “home”."),
        error_messages={"invalid": _("Use lower-case letters, digits, “-” and “_”.")},
    )
    number = blocks.IntegerBlock(default=12, min_value=1, max_value=60, label=_("Number of items"))

    class Meta:
        icon = "media"
        label = _("Personal feed")
        description = _("Items ranked for whoever visits the page.")
        template = "recommendations_plugin/blocks/feed.html"
        preview_template = "recommendations_plugin/blocks/feed_preview.html"
        preview_value = {"heading": _("For you"), "placement": "home", "number": 6}

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        from . import api

        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        context["feed"] = api.recommend(
            api.viewer(request),
            placement=value["placement"],
            # A draft's number may be empty.
            limit=value["number"] or self.child_blocks["number"].get_default(),
            exclude=self.exclude(request) if request else (),
            request=request,
        )
        return context

    def exclude(self, request: HttpRequest) -> Iterable[Model]:
        """Return what stands elsewhere on the page; for hosts to override."""
        return ()
