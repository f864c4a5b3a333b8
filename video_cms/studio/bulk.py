"""Changing many of one's videos at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ..models import Category, User, VideoPage
from . import deleting, videos
from .choosing import categories

#: Most videos changed at once: a page of the list.
MOST = 100

Change = Callable[[VideoPage, User, Category | None], None]


def setting(**values: Any) -> Change:
    """Return what gives a video's fields these values."""

    def change(page: VideoPage, user: User, category: Category | None) -> None:
        for name, value in values.items():
            setattr(page, name, value)
        videos.keep(page, user)

    return change


def add_category(page: VideoPage, user: User, category: Category | None) -> None:
    page.categories.add(category)
    videos.keep(page, user)


def remove_category(page: VideoPage, user: User, category: Category | None) -> None:
    page.categories.remove(category)
    videos.keep(page, user)


ACTIONS: dict[str, tuple[Any, Change]] = {
    "publish": (_("Publish now"), lambda page, user, category: videos.publish(page, user)),
    "unpublish": (_("Unpublish"), lambda page, user, category: videos.unpublish(page, user)),
    "public": (_("Make public"), setting(visibility=VideoPage.Visibility.PUBLIC)),
    "unlisted": (_("Make unlisted"), setting(visibility=VideoPage.Visibility.UNLISTED)),
    "private": (_("Make private"), setting(visibility=VideoPage.Visibility.PRIVATE)),
    "comments": (_("Turn comments on"), setting(comments_enabled=True)),
    "no_comments": (_("Turn comments off"), setting(comments_enabled=False)),
    "add": (_("Add the category"), add_category),
    "remove": (_("Remove the category"), remove_category),
    "delete": (_("Delete"), lambda page, user, category: deleting.delete(page, user)),
}
NEED_CATEGORY = {"add", "remove"}


class BulkForm(forms.Form):
    """Which videos, and what to do with them."""

    action = forms.ChoiceField(
        label=_("What to do"),
        choices=[("", _("What to do …")), *((key, name) for key, (name, _do) in ACTIONS.items())],
        error_messages={"required": _("Choose what to do.")},
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, to_field_name="slug"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("Which category …")), *categories()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("action") in NEED_CATEGORY and not cleaned.get("category"):
            self.add_error("category", _("Choose a category."))
        return cleaned

    def carry_out(self, pages: Iterable[VideoPage], user: User) -> int:
        """Change the videos, each in a transaction of its own; return how many."""
        _name, change = ACTIONS[self.cleaned_data["action"]]
        changed = 0
        for page in pages:
            with transaction.atomic():
                change(page, user, self.cleaned_data["category"])
            changed += 1
        return changed
