"""StreamField blocks that show items: personal feeds, and rows for a reason.

All have the same options (``base.ItemsBlock``); a block says in ``get_feed`` what it shows. What
stands further up the page is not repeated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from ..types import Feed
from .base import (
    FALLBACKS,
    LAYOUTS,
    Asked,
    FacetChooserBlock,
    ItemChooserBlock,
    ItemsBlock,
    form_of,
    placement_block,
)

__all__ = [
    "CategoryBlock",
    "ContinueBlock",
    "FacetChooserBlock",
    "FeedBlock",
    "FollowedBlock",
    "ItemChooserBlock",
    "ItemsBlock",
    "PickedBlock",
    "SimilarBlock",
    "TrendingBlock",
    "recommendation_blocks",
]


class FeedBlock(ItemsBlock):
    """A personal feed: the page's visitor sees what is ranked for them."""

    like = ""

    fallback = blocks.ChoiceBlock(
        choices=FALLBACKS, default="say", label=_("When there is nothing to show")
    )

    class Meta:
        icon = "media"
        label = _("Personal feed")
        description = _("Items ranked for whoever visits the page.")
        template = "recommendations_plugin/blocks/feed.html"
        preview_template = "recommendations_plugin/blocks/feed_preview.html"
        preview_value = {"heading": _("For you"), "placement": "home", "number": 6}


class TrendingBlock(ItemsBlock):
    """What others watch and like these days."""

    like = "trending"
    placement = placement_block("trending")

    class Meta:
        icon = "arrow-up"
        label = _("Trending")
        description = _("What others watch and like these days.")
        preview_value = {"heading": _("Trending"), "number": 6, "fallback": "latest"}


class FollowedBlock(ItemsBlock):
    """The newest of whom the visitor follows."""

    like = "following"
    placement = placement_block("following")

    class Meta:
        icon = "user"
        label = _("New from followed")
        description = _("The newest of creators whom the visitor follows.")
        preview_value = {"heading": _("From those you follow"), "number": 6, "fallback": "latest"}


class CategoryBlock(ItemsBlock):
    """A category's items, ranked for the visitor."""

    like = "category"
    category = FacetChooserBlock("category", label=_("Category"))
    layout = blocks.ChoiceBlock(choices=LAYOUTS, default="row", label=_("Layout"))
    placement = placement_block("category")

    class Meta:
        icon = "tag"
        label = _("Category")
        description = _("Items of a category, ranked for the visitor.")
        preview_value = {"number": 6, "layout": "row"}
        form_layout = form_of("category", "heading", which=("creator", "exclude"))

    def get_preview_value(self) -> Any:
        facets = self.child_blocks["category"].model_class.objects
        return self.normalize(
            {
                **self.meta.preview_value,
                "category": facets.filter(kind__endswith="category").first(),
            }
        )

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        heading = value.get("heading") or (value.get("category") and value["category"].name)
        return {**context, "heading": heading or "", "label": heading or self.label}


class SimilarBlock(ItemsBlock):
    """What goes well beside an item."""

    item = ItemChooserBlock(
        required=False,
        label=_("Beside which item"),
        help_text=_("Empty: the page it stands on; elsewhere what the visitor watched last."),
    )
    placement = placement_block("sidebar")

    class Meta:
        icon = "link"
        label = _("Similar items")
        description = _("What goes well beside an item.")
        preview_value = {"heading": _("Similar"), "number": 6, "fallback": "latest"}
        form_layout = form_of("item", "heading")

    def get_feed(self, value: Any, asked: Asked) -> Feed:
        from .. import api

        beside = value["item"].key if value.get("item") else asked.page
        return api.similar(beside, asked.who, **asked.options, having=asked.facets)


class PickedBlock(ItemsBlock):
    """What editors picked, then what a feed adds."""

    chosen = blocks.ListBlock(ItemChooserBlock(), label=_("Picked"), min_num=1, max_num=60)

    class Meta:
        icon = "pick"
        label = _("Picked, then filled")
        description = _("What editors picked, filled up from the visitor's feed.")
        preview_value = {"heading": _("Our choice"), "number": 6}
        form_layout = form_of("heading", "chosen")

    def get_feed(self, value: Any, asked: Asked) -> Feed:
        from .. import api

        keys = [row.key for row in value.get("chosen") or () if row]
        options = {**asked.options, "exclude": asked.exclude | set(keys)}
        picked = api.picked(
            [key for key in keys if key not in asked.exclude],
            asked.who,
            limit=asked.number,
            placement=asked.placement,
            request=asked.request,
        )
        left = asked.number - len(picked.items)
        if not left:
            return picked
        more = api.recommend(asked.who, **{**options, "limit": left}, **asked.within, shared=True)
        return replace(more, items=[*picked.items, *more.items])

    def get_preview_value(self) -> Any:
        items = self.child_blocks["chosen"].child_block.model_class.objects.filter(live=True)
        return self.normalize(
            {**self.meta.preview_value, "chosen": list(items.order_by("-pk")[:2])}
        )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if len(cleaned["chosen"]) > cleaned["number"]:
            message = gettext("More is picked than the block shows. Raise this, or pick less.")
            raise StructBlockValidationError({"number": ValidationError(message)})
        return cleaned


class ContinueBlock(ItemsBlock):
    """What the visitor began and did not finish."""

    category = creator = None  # type: ignore[assignment]
    placement = placement_block("continue")
    layout = blocks.ChoiceBlock(choices=LAYOUTS, default="row", label=_("Layout"))

    class Meta:
        icon = "history"
        label = _("Continue watching")
        description = _("What the visitor began and did not finish.")
        preview_value = {"heading": _("Continue watching"), "number": 6, "fallback": "latest"}
        form_layout = form_of("heading", which=("exclude",))

    def get_feed(self, value: Any, asked: Asked) -> Feed:
        from .. import api

        return api.unfinished(asked.who, **asked.options)


def recommendation_blocks() -> list[tuple[str, blocks.Block]]:
    """Return all of them, by the names under which a StreamField keeps them."""
    return [
        ("feed", FeedBlock()),
        ("trending", TrendingBlock()),
        ("followed", FollowedBlock()),
        ("category", CategoryBlock()),
        ("similar", SimilarBlock()),
        ("picked", PickedBlock()),
        ("continue", ContinueBlock()),
    ]
