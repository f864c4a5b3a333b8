"""What all blocks that show items have: their options, their form, what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from ..placements import NAME
from ..registry import adapter_for
from ..types import Facet, FacetKind, Feed, Viewer

LAYOUTS = [("grid", _("Grid")), ("row", _("Row")), ("list", _("List"))]
FALLBACKS = [
    ("hide", _("Nothing: the block is left out")),
    ("say", _("A sentence that says so")),
    ("popular", _("What is popular")),
    ("latest", _("What is new")),
]


class ItemChooserBlock(SnippetChooserBlock):
    """Chooses something that feeds may show."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("recommendations_plugin.Item", **kwargs)

    class Meta:
        icon = "list-ul"


class FacetChooserBlock(SnippetChooserBlock):
    """Chooses what items have in common; ``kind``: the end of the kinds that may be chosen."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__("recommendations_plugin.Facet", **kwargs)
        self.kind = kind

    @cached_property
    def widget(self) -> Any:
        widget = super().widget
        address = widget.get_chooser_modal_url
        widget.get_chooser_modal_url = lambda: (
            f"{address()}?{urlencode({'kind__endswith': self.kind})}"
        )
        return widget

    def clean(self, value: Any) -> Any:
        facet = super().clean(value)
        if facet is not None and not facet.kind.endswith(self.kind):
            raise ValidationError(
                gettext("“%(name)s” is no %(kind)s. Choose another one.")
                % {"name": facet, "kind": gettext(self.kind)}
            )
        return facet

    class Meta:
        icon = "tag"


def placement_block(default: str) -> blocks.RegexBlock:
    return blocks.RegexBlock(
        NAME,
        default=default,
        label=_("Placement"),
        help_text=_("The name by which rules, experiments and reports know this place."),
        error_messages={"invalid": _("Use lower-case letters, digits, “-” and “_”.")},
    )


def form_of(*first: str, which: tuple[str, ...] = ("category", "creator", "exclude")) -> Any:
    """Return a form with these fields at once, and the rest among the settings."""
    return blocks.BlockGroup(
        children=[*first, "number", "layout"],
        settings=[
            blocks.BlockGroup(children=[*which], heading=_("Which items"), icon="list-ul"),
            blocks.BlockGroup(
                children=["placement", "fallback"], heading=_("Placement"), icon="crosshairs"
            ),
        ],
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a block asks for, and for whom."""

    who: Viewer
    request: HttpRequest | None
    placement: str
    number: int
    facets: list[Facet]
    exclude: set[str]
    #: What the block stands on, where that is an item.
    page: Model | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What every kind of feed is asked with."""
        return {
            "placement": self.placement,
            "limit": self.number,
            "exclude": self.exclude,
            "request": self.request,
        }

    @property
    def within(self) -> dict[str, Any]:
        """The facets as a feed takes them: the last is the narrowest."""
        return {"within": self.facets[-1], "having": self.facets[:-1]} if self.facets else {}


class ItemsBlock(blocks.StructBlock):
    """Some items under a heading; what all of these blocks have."""

    #: The built-in placement whose way of ranking it has, whatever it is called.
    like = "home"

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    number = blocks.IntegerBlock(default=12, min_value=1, max_value=60, label=_("Number of items"))
    layout = blocks.ChoiceBlock(choices=LAYOUTS, default="grid", label=_("Layout"))
    category = FacetChooserBlock("category", required=False, label=_("Category"))
    creator = FacetChooserBlock("creator", required=False, label=_("Creator"))
    exclude = blocks.ListBlock(
        ItemChooserBlock(), default=[], label=_("Not these"), collapsed=True, max_num=50
    )
    fallback = blocks.ChoiceBlock(
        choices=FALLBACKS, default="hide", label=_("When there is nothing to show")
    )
    placement = placement_block("home")

    class Meta:
        template = "recommendations_plugin/blocks/items.html"
        preview_template = "recommendations_plugin/blocks/preview.html"
        form_layout = form_of("heading")

    def get_feed(self, value: Any, asked: Asked) -> Feed:
        """Return what the block shows."""
        from .. import api

        return api.recommend(
            asked.who, **asked.options, **asked.within, like=self.like, shared=True
        )

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        asked = self._asked(value, context)
        feed = self.get_feed(value, asked)
        fallback = value.get("fallback")
        if not feed.items and fallback in ("popular", "latest"):
            from .. import api

            feed = api.recommend(
                asked.who, **asked.options, **asked.within, like=fallback, shared=True
            )
        return {
            **context,
            "feed": feed,
            "heading": value.get("heading") or "",
            "label": value.get("heading") or self.label,
            "layout": value.get("layout") or "grid",
            "placement": asked.placement,
            "fallback": fallback,
        }

    def _asked(self, value: Any, context: Mapping[str, Any]) -> Asked:
        """Return what is asked for; of a draft, where much may be empty."""
        from .. import api

        request, page = context.get("request"), context.get("page")
        is_item = isinstance(page, Model) and page.pk is not None and adapter_for(page)
        shown = api.shown(request) if request is not None else set()
        chosen = [value.get(name) for name in ("category", "creator")]
        return Asked(
            who=api.viewer(request),
            request=request,
            placement=value.get("placement") or self.child_blocks["placement"].get_default(),
            number=value.get("number") or self.child_blocks["number"].get_default(),
            facets=[Facet(FacetKind(row.kind), row.key, row.name) for row in chosen if row],
            exclude=shown | {row.key for row in value.get("exclude") or () if row},
            page=page if is_item else None,
        )
