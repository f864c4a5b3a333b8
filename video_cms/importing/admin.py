"""Import and export of the catalogue in the Wagtail admin: for any creator, with a report."""

from __future__ import annotations

import tempfile
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import FormView
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, StatusTagColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, InspectView, SnippetViewSet

from ..models import ImportRun, User
from . import export, runs
from .forms import ZipForm

MAY_MANAGE = "video_cms.manage_catalogue"
State = ImportRun.State


class ManagersOnly(ModelPermissionPolicy):
    """Imports are looked at by those who may send a whole catalogue, and never edited."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and bool(user.has_perm(MAY_MANAGE))


class ImportIndexView(IndexView):
    """What was sent, by editors here and by creators in their studio."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        address = reverse("catalogue_import")
        return [HeaderButton(label=_("Import"), url=address, icon_name="upload")]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        address = reverse("catalogue_export")
        export = Button(_("Export the catalogue"), address, icon_name="download", priority=10)
        return [*super().header_more_buttons, export]

    def get_base_queryset(self) -> QuerySet[ImportRun]:
        return super().get_base_queryset().select_related("user")


class ImportInspectView(InspectView):
    """How far an import is, and what became of each line."""

    page_title = gettext_lazy("Import")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        percent = round(100 * self.object.read)
        return super().get_context_data(percent=percent, hidden=self.hidden, **kwargs)

    @property
    def hidden(self) -> int:
        """How many refused lines are not listed."""
        return max(0, self.object.refused - len(self.object.reasons))


class ImportRunViewSet(SnippetViewSet):
    """The list of imports, and the report of each."""

    model = ImportRun
    icon = "resubmit"
    menu_label = gettext_lazy("Import and export")
    index_view_class = ImportIndexView
    inspect_view_class = ImportInspectView
    inspect_view_enabled = True
    inspect_template_name = "video_cms/admin/import.html"
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50
    list_display = [
        "__str__",
        Column("user", label=gettext_lazy("Account"), accessor="user", sort_key="user__username"),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor="get_state_display",
            primary=lambda run: run.state == State.DONE,
            sort_key="state",
        ),
        NumberColumn("made", label=gettext_lazy("New"), sort_key="made"),
        NumberColumn("refused", label=gettext_lazy("Refused"), sort_key="refused"),
        DateColumn("created_at", label=gettext_lazy("Sent"), sort_key="created_at"),
    ]
    list_filter = ["state", "whole"]
    search_fields = ["name", "user__username"]
    search_backend_name = None
    ordering = ["-created_at"]


class ImportView(WagtailAdminTemplateMixin, FormView):
    """Takes a ZIP of tables and films; the queue imports it."""

    page_title = gettext_lazy("Import")
    page_subtitle = gettext_lazy("Import a catalogue")
    header_icon = "upload"
    template_name = "video_cms/admin/import_form.html"
    form_class = ZipForm
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check(request)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = reverse("wagtailsnippets_video_cms_importrun:list")
        return [
            *super().get_breadcrumbs_items(),
            {"url": listing, "label": _("Import and export")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            most=filesizeformat(settings.IMPORT_LIMIT),
            form_is_multipart=True,
            submit_button_label=_("Import"),
            submit_button_active_label=_("Sending…"),
            **kwargs,
        )

    def form_valid(self, form: ZipForm) -> HttpResponse:
        user = cast(User, self.request.user)
        run = runs.begin(user, form.cleaned_data["file"], whole=True)
        messages.success(self.request, _("“%(name)s” waits to be imported.") % {"name": run})
        return redirect("wagtailsnippets_video_cms_importrun:inspect", run.pk)


@require_safe
def download(request: HttpRequest) -> FileResponse:
    """Give the catalogue as a ZIP of tables that an import reads back."""
    check(request)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    export.write(file)
    file.seek(0)
    name = f"catalogue-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name)


def check(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_MANAGE):
        raise PermissionDenied
