"""Bringing a back catalogue: a ZIP of films and their table, for those who may."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ...importing import runs
from ...importing.forms import ZipForm
from ...models import ImportRun, User
from ...uploads.quota import over_quota

#: Runs that are shown, the latest.
SHOWN = 20


class ImportForm(ZipForm):
    """A creator's ZIP, which must fit into their quota."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_file(self) -> UploadedFile:
        file = super().clean_file()
        if reason := over_quota(self.user, file.size or 0):
            raise forms.ValidationError(reason)
        return file


def may_import_or_404(request: HttpRequest) -> User:
    """Return the visitor, if they may bring a catalogue."""
    user = cast(User, request.user)
    if not user.has_perm("video_cms.import_catalogue"):
        raise Http404
    return user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Take a ZIP, and list what became of earlier ones."""
    user = may_import_or_404(request)
    form = ImportForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        run = runs.begin(user, form.cleaned_data["file"])
        return redirect("studio_import", run_id=run.run_id)
    context: dict[str, Any] = {
        "form": form,
        "runs": user.imports.all()[:SHOWN],
        "limit": settings.IMPORT_LIMIT,
    }
    status = 400 if form.is_bound else 200
    return render(request, "video_cms/studio/imports.html", context, status=status)


@login_required
@require_safe
def one(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show how far an import is, and its report."""
    run = get_object_or_404(ImportRun, run_id=run_id, user=may_import_or_404(request))
    return render(request, "video_cms/studio/import.html", {"run": run})
