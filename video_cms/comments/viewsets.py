"""The moderators' desk in the Wagtail admin: the list of comments, each of them, what waits."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.forms import RadioSelect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, StatusTagColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import SnippetViewSet

from ..listing import FoundByNames
from ..models import Comment, CommentReport
from . import moderation

State = Comment.State


class NeverAdded(ModelPermissionPolicy):
    """Comments come from visitors, never from a form of the admin."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "add" and super().user_has_permission(user, action)


class ModerationForm(WagtailAdminModelForm):
    """A moderator's decision: the words stay their author's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        if self.instance.state == State.DELETED:
            state.disabled = True
        else:
            state.choices = [choice for choice in State.choices if choice[0] != State.DELETED]

    def save(self, commit: bool = True) -> Comment:
        decide = {State.PUBLISHED: moderation.approve, State.HIDDEN: moderation.hide}
        if decision := decide.get(self.cleaned_data["state"]):
            decision([self.instance])
        return self.instance


# --- the list -----------------------------------------------------------------------------------


class VideoColumn(Column):
    """The video a comment is on, as a link to the comment there."""

    def get_value(self, instance: Comment) -> str:
        return format_html('<a href="{}">{}</a>', instance.get_absolute_url(), instance.video.title)


def reasons(comment: Comment) -> str:
    """Return why a comment is reported, each reason once."""
    return ", ".join(sorted({str(report.get_reason_display()) for report in comment.open}))  # type: ignore[attr-defined]


class CommentFilterSet(WagtailFilterSet):
    """The questions moderators ask of a list of comments."""

    queue = ChoiceFilter(
        label=_("Waits for a decision"),
        choices=[("waiting", _("Held or reported")), ("reported", _("Reported"))],
        method="in_queue",
    )

    class Meta:
        model = Comment
        fields = ["state", "created_at"]

    def in_queue(self, comments: QuerySet[Comment], name: str, value: str) -> QuerySet[Comment]:
        if value == "reported":
            return comments.filter(pk__in=moderation.reported())
        return comments.filter(pk__in=moderation.waiting().values("pk"))


class CommentIndexView(FoundByNames):
    """Comments with their authors, videos and reports, in a fixed number of queries."""

    def get_base_queryset(self) -> QuerySet[Comment]:
        comments = super().get_base_queryset()
        if self.ordering in ("open_reports", "-open_reports"):
            comments = moderation.by_reports(comments)
        open_reports = CommentReport.objects.filter(resolved_at=None)
        return comments.select_related("author", "video").prefetch_related(
            Prefetch("reports", open_reports, to_attr="open")
        )


class CommentViewSet(SnippetViewSet):
    """Comments: hold them against the site's rules, approve or hide them."""

    model = Comment
    icon = "comment"
    menu_label = _("Comments")
    menu_order = 160
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = CommentIndexView
    filterset_class = CommentFilterSet
    list_per_page = 50
    list_display = [
        "__str__",
        VideoColumn("video", label=_("Video"), sort_key="video__title"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor=lambda comment: comment.get_state_display(),
            primary=lambda comment: comment.state == State.PUBLISHED,
            sort_key="state",
        ),
        NumberColumn(
            "open_reports",
            label=_("Reports"),
            accessor=lambda comment: len(comment.open),
            sort_key="open_reports",
        ),
        Column("reasons", label=_("Reasons"), accessor=reasons),
        DateColumn("created_at", label=_("Written"), sort_key="created_at"),
    ]
    search_fields = ["text", "author__username", "video__title"]
    search_backend_name = None  # in the database: there is no index of comments
    ordering = ["-created_at"]
    edit_handler = ObjectList(
        [
            HelpPanel(template="video_cms/moderation/comment.html"),
            FieldPanel("state", widget=RadioSelect),
        ],
        base_form_class=ModerationForm,
    )


# --- what waits ---------------------------------------------------------------------------------


class WaitingComments(SummaryItem):
    """How many comments wait, on the admin's first page."""

    order = 250
    template_name = "video_cms/moderation/summary.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        address = reverse("wagtailsnippets_video_cms_comment:list")
        return {"number": moderation.waiting().count(), "address": f"{address}?queue=waiting"}

    def is_shown(self) -> bool:
        allowed: bool = self.request.user.has_perm("video_cms.change_comment")
        return allowed
