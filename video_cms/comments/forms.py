"""The forms with which viewers speak."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..models import CommentReport
from ..models.comments import COMMENT_LENGTH

REPORT_LENGTH = 1000
EMPTY_LINES = re.compile(r"\n\s*\n\s*\n")


class WordsField(forms.CharField):
    """A visitor's words; too many get a message and stay in the form, none are cut off."""

    def __init__(self, *, longest: int, rows: int, **kwargs: Any) -> None:
        too_long = MaxLengthValidator(
            longest,
            ngettext_lazy(
                "Write at most %(limit_value)d character; you have %(show_value)d.",
                "Write at most %(limit_value)d characters; you have %(show_value)d.",
                "limit_value",
            ),
        )
        super().__init__(
            validators=[too_long],
            widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
            error_messages={"required": _("Write something first.")},
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        if all(unicodedata.category(sign)[0] in "CZM" for sign in text):
            return ""
        return EMPTY_LINES.sub("\n\n", text)


class CommentForm(forms.Form):
    """A comment, or an answer to one."""

    text = WordsField(label=_("Your comment"), longest=COMMENT_LENGTH, rows=3)

    def begun(self) -> CommentForm:
        """Return the form with the cursor in it, for a visitor who asked for it."""
        self.fields["text"].widget.attrs["autofocus"] = True
        return self


class ReportForm(forms.Form):
    """Why a moderator should look at a comment."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=CommentReport.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    text = WordsField(
        label=_("What should the moderators know?"),
        longest=REPORT_LENGTH,
        rows=3,
        required=False,
    )
