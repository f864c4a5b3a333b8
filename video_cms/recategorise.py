"""Sorting many videos into categories at once, in the Wagtail admin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.models import Page

from .models import Category, VideoPage


class CategoriesForm(forms.Form):
    """Which categories the chosen videos get, and which they lose."""

    add = forms.ModelMultipleChoiceField(
        Category.objects.none(),
        label=gettext_lazy("Add categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    remove = forms.ModelMultipleChoiceField(
        Category.objects.none(),
        label=gettext_lazy("Remove categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.queryset = Category.objects.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        add, remove = (set(cleaned.get(name, ())) for name in ("add", "remove"))
        if add & remove:
            raise ValidationError(_("A category can be added or removed, not both."))
        if not add | remove:
            raise ValidationError(_("Choose at least one category."))
        return cleaned


def recategorise(
    video: VideoPage, add: Iterable[Category], remove: Iterable[Category], user: Any
) -> None:
    """Change a video's categories in its latest words; what is live without drafts stays so."""
    as_live = video.live and not video.has_unpublished_changes
    draft: VideoPage = video.get_latest_revision_as_object()
    kept = (set(draft.categories.all()) | set(add)) - set(remove)
    draft.categories.set(sorted(kept, key=lambda category: category.pk))
    revision = draft.save_revision(user=user, log_action=True)
    if as_live:
        revision.publish(user=user)


class Recategorise(PageBulkAction):
    """Adds and removes categories of the chosen videos, after asking which."""

    models = [Page]
    display_name = gettext_lazy("Categories")
    action_type = "recategorise"
    aria_label = gettext_lazy("Change the categories of the chosen videos")
    template_name = "video_cms/admin/recategorise.html"
    form_class = CategoriesForm
    action_priority = 5  # among the first four: those under “More” get no selection from Wagtail

    def check_perm(self, page: Page) -> bool:
        if not issubclass(page.specific_class, VideoPage):
            return False
        may = page.permissions_for_user(self.request.user)
        return bool(may.can_publish() if page.live else may.can_edit())

    def get_execution_context(self) -> dict[str, Any]:
        return {**super().get_execution_context(), **self.cleaned_form.cleaned_data}

    @classmethod
    def execute_action(
        cls, objects: Sequence[Page], user: Any = None, add: Any = (), remove: Any = (), **kw: Any
    ) -> tuple[int, int]:
        for page in objects:
            recategorise(page.specific, add, remove, user)
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "The categories of %(number)d video are changed.",
            "The categories of %(number)d videos are changed.",
            num_parent_objects,
        ) % {"number": num_parent_objects}
