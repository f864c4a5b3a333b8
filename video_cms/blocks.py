"""StreamField blocks of the video site."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from recommendations_plugin import api

#: The strategies of ``finding.sections``; named here too, since models are loaded before it.
STRATEGIES = [
    ("continue", _("Continue watching: what the visitor began and did not finish")),
    ("following", _("Because you follow …: the newest of followed creators")),
    ("watched", _("Because you watched …: like what the visitor watched last")),
    ("new", _("New: the newest the visitor has not watched")),
    ("trending", _("Trending: what others watch and like now")),
]


class SectionBlock(blocks.StructBlock):
    """A few videos under a heading that says why they are there; left out where there are none."""

    strategy = blocks.ChoiceBlock(choices=STRATEGIES, default="new", label=_("What to show"))
    heading = blocks.CharBlock(
        required=False,
        max_length=120,
        label=_("Heading"),
        help_text=_("Empty: it says by itself why the videos are there, such as “New in Music”."),
    )
    category = SnippetChooserBlock(
        "video_cms.ParentCategory",
        required=False,
        label=_("Parent category"),
        help_text=_("Keeps the section to one subject. “New” without one follows the visitor's."),
    )
    number = blocks.IntegerBlock(default=8, min_value=1, max_value=24, label=_("Number of videos"))

    class Meta:
        icon = "list-ul"
        label = _("Section")
        description = _("A few videos for a reason: new, trending, from followed creators …")
        template = "video_cms/blocks/section.html"
        preview_template = "video_cms/blocks/section_preview.html"
        preview_value = {"strategy": "trending", "heading": "", "category": None, "number": 4}

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        from .finding import sections

        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        if request is None:
            return context
        asked = sections.Request(
            http=request,
            # A draft's number may be empty.
            number=value["number"] or self.child_blocks["number"].get_default(),
            category=value["category"],
            shown=shown_above(request),
        )
        context["section"] = section = sections.section(value["strategy"], asked)
        api.mark_shown(request, section.videos if section else [])
        return context


def shown_above(request: Any) -> set[int]:
    """Return the ids of the videos that this page shows already."""
    return {int(key.rpartition(":")[2]) for key in api.shown(request)}


class TextBlock(blocks.RichTextBlock):
    """Editors' own words, with videos of the site embedded by their address."""

    class Meta:
        icon = "doc-full"
        label = _("Text")
        description = _("Your own words; a video of the site is embedded by its address.")
        template = "video_cms/blocks/text.html"
        preview_template = "video_cms/blocks/section_preview.html"
        preview_value = _("<h2>Welcome</h2><p>What this page is about, in a few words.</p>")

    def __init__(self, **kwargs: Any) -> None:
        features = ["h2", "h3", "bold", "italic", "ul", "ol", "link", "embed"]
        super().__init__(**{"features": features, **kwargs})
