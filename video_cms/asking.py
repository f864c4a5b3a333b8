"""Bulk actions of the Wagtail admin that ask before they do the same with all that was chosen."""

from __future__ import annotations

from typing import Any

from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction


class AskedAction(SnippetBulkAction):
    """Asks its ``question`` above the list of what was chosen; the button is its name."""

    template_name = "video_cms/moderation/confirm.html"
    question: Any = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, question=self.question, action_button_text=self.display_name
        )
