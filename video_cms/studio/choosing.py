"""The list of a creator's videos: searched, filtered, ordered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import WorkflowState

from ..models import Category, VideoMedia, VideoPage
from ..models.pages import VideoPageQuerySet
from .forms import grouped

ORDERS = {
    "": _("Newest first"),
    "old": _("Oldest first"),
    "views": _("Most viewed"),
    "likes": _("Most liked"),
    "title": _("By title"),
}
BY = {
    "": ("-created_at", "-pk"),
    "old": ("created_at", "pk"),
    "views": ("-views", "-pk"),
    "likes": ("-likes", "-pk"),
    "title": ("title", "pk"),
}

State = VideoMedia.State
LOOKING = Q(new_media__state=State.NEW) | Q(live=False, new_media=None, media__state=State.NEW)
FAILED = Q(new_media__state=State.FAILED) | Q(live=False, new_media=None, media__state=State.FAILED)
SCHEDULED = Q(live=False, go_live_at__isnull=False, _approved_schedule=True)
#: What ``videos.state_of`` calls them.
STATES: dict[str, Q] = {
    "live": Q(live=True) & ~LOOKING & ~FAILED,
    "draft": Q(live=False, in_review=False) & ~LOOKING & ~FAILED & ~SCHEDULED,
    "review": Q(live=False, in_review=True) & ~LOOKING & ~FAILED & ~SCHEDULED,
    "scheduled": SCHEDULED & ~LOOKING & ~FAILED,
    "looking": LOOKING,
    "failed": FAILED,
}
STATE_NAMES = {
    "": _("Any state"),
    "live": _("Published"),
    "draft": _("Drafts"),
    "scheduled": _("Scheduled"),
    "review": _("Waiting for review"),
    "looking": _("Being looked at"),
    "failed": _("Failed"),
}


class ChoosingForm(forms.Form):
    """What a creator looks for among their videos."""

    q = forms.CharField(label=_("Search your videos"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATE_NAMES)
    visibility = forms.ChoiceField(
        label=_("Visibility"),
        required=False,
        choices=[("", _("Any visibility")), *VideoPage.Visibility.choices],
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("Any category")), *categories()]  # type: ignore[attr-defined]

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields but for the words."""
        return [self[name] for name in self.fields if name != "q"]

    @property
    def narrows(self) -> bool:
        """Whether anything but the order was asked for."""
        return any(value for name, value in self.cleaned_data.items() if name != "order")

    def choose(self, videos: VideoPageQuerySet) -> VideoPageQuerySet:
        """Return the videos that are asked for; a field filled in wrongly asks for nothing."""
        asked = self.cleaned_data
        running = WorkflowState.objects.active().filter(
            content_type=ContentType.objects.get_for_model(VideoPage),
            object_id=Cast(OuterRef("pk"), CharField()),
        )
        chosen: VideoPageQuerySet = videos.annotate_approved_schedule().alias(
            in_review=Exists(running)
        )
        if words := asked.get("q"):
            tagged = VideoPage.tags.through.objects.filter(tag__name__icontains=words)
            tagged_pages = tagged.values("content_object_id")
            chosen = chosen.filter(Q(title__icontains=words) | Q(pk__in=tagged_pages))
        if state := asked.get("state"):
            chosen = chosen.filter(STATES[state])
        if visibility := asked.get("visibility"):
            chosen = chosen.filter(visibility=visibility)
        if category := asked.get("category"):
            chosen = chosen.filter(categories__slug=category)
        return chosen.order_by(*BY[asked.get("order") or ""])


def categories() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all categories below the names of their parents."""
    found = Category.objects.select_related("parent").order_by("parent__name", "name")
    return grouped(found)
