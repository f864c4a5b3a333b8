"""The form by which a back catalogue is sent."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from .archive import too_large


class ZipForm(forms.Form):
    """A ZIP, looked at before it is kept."""

    file = forms.FileField(
        label=_("ZIP of your films and videos.csv"),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_LIMIT:
            raise forms.ValidationError(str(too_large()))
        head = file.read(4)
        file.seek(0)
        if head != b"PK\x03\x04":
            raise forms.ValidationError(_("This is not a ZIP. Pack your files into one."))
        return file
