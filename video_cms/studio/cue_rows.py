"""Captions as rows: a line's start, end and words each; some rows of a long track at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .. import captions
from ..captions import Cue
from ..templatetags.videos import clock

#: Rows of a page, and most that one may grow to before it is saved.
PER_PAGE, MOST = 50, 150
#: Seconds that a new row lasts, and the least that one does.
NEW, LEAST = 4.0, 0.1
#: Longest words of a row, in characters.
LONGEST = 2000

MOMENT = re.compile(r"(?:(?:(\d{1,3}):)?([0-5]?\d):)?([0-5]?\d)(?:[.,](\d{1,3}))?", re.ASCII)
#: What WebVTT reads as markup (https://www.w3.org/TR/webvtt1/#cue-text); all else means itself.
MARKUP = r"/?(?:c|i|b|u|v|ruby|rt|lang)(?:[.\s][^<>]*)?>|\d[\d:.]*>"
ENTITY = r"(?:amp|lt|gt|nbsp|lrm|rlm|#\d{1,7}|#x[0-9a-fA-F]{1,6});"

Row = dict[str, Any]


# --- how times and words are shown, and kept ----------------------------------------------------


def moment(seconds: float) -> str:
    """Return a time as a row shows it: 1:23.500."""
    return re.sub(r"^(?:00:0?|0)", "", captions.moment(seconds))


def shown(text: str) -> str:
    """Return WebVTT's words without the escapes that nobody wants to type."""
    text = re.sub(rf"&lt;(?!{MARKUP})", "<", re.sub(r"(?<!--)&gt;", ">", text))
    return re.sub(rf"&amp;(?!{ENTITY})", "&", text)


def kept(text: str) -> str:
    """Return words of a row as WebVTT writes them: no empty line, no markup by chance."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    text = re.sub(r"(?<!--)&gt;", ">", "\n".join(lines).replace("-->", "→"))
    text = re.sub(rf"&(?!{ENTITY})", "&amp;", text)
    return re.sub(rf"<(?!{MARKUP})", "&lt;", text)


class MomentField(forms.CharField):
    """A time such as 1:23.5; becomes seconds."""

    widget = forms.TextInput(
        attrs={"inputmode": "decimal", "autocomplete": "off", "size": 10, "maxlength": 13}
    )

    def prepare_value(self, value: Any) -> Any:
        return moment(value) if isinstance(value, float) else value

    def clean(self, value: Any) -> float:
        match = MOMENT.fullmatch(super().clean(value))
        if match is None:
            raise forms.ValidationError(_("Write the time as 1:23.5: minutes, then seconds."))
        hours, minutes, seconds, rest = match.groups()
        whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
        return whole + float(f"0.{rest or 0}")


class CueForm(forms.Form):
    """A row. ``settings``: where it stands on the screen, as WebVTT says it; kept unseen."""

    start = MomentField(label=_("Starts at"))
    end = MomentField(label=_("Ends at"))
    text = forms.CharField(
        label=_("Words"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "spellcheck": "true"}),
        error_messages={"required": _("Write what is said here, or remove this line.")},
    )
    settings = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean(self) -> Row:
        cleaned: Row = super().clean() or {}
        if {"start", "end"} <= cleaned.keys() and cleaned["end"] <= cleaned["start"]:
            self.add_error("end", _("The end must come after the start."))
        return cleaned

    @property
    def cue(self) -> Cue:
        values = self.cleaned_data
        places = filter(captions.SETTING.fullmatch, values["settings"].split())
        return Cue(values["start"], values["end"], kept(values["text"]), " ".join(places))


class BaseCueForms(forms.BaseFormSet):
    """The rows of a page, between the lines ``before`` and ``after`` them.

    ``duration``: of the film in seconds, 0 while it is not known.
    """

    def __init__(
        self, data: Any = None, *, duration: float, before: Cue | None, after: Cue | None, **kw: Any
    ) -> None:
        super().__init__(data, prefix="line", **kw)
        self.duration, self.before, self.after = duration, before, after

    def clean(self) -> None:
        """Compare each row with the one before it in time, wherever that stands."""
        above = self.before
        ordered = [(form, form.cue) for form in self.in_order()]
        for form, cue in ordered:
            for name in ("start", "end"):
                if self.duration and getattr(cue, name) > math.ceil(self.duration):
                    over = {"end": clock(self.duration)}
                    form.add_error(name, _t("The video is over at %(end)s.") % over)
            if above is not None and overlap(above, cue):
                end = {"end": moment(above.end)}
                form.add_error("start", _t("The line above ends at %(end)s, after this.") % end)
            above = cue
        if ordered and self.after is not None and overlap(ordered[-1][1], self.after):
            start = {"start": moment(self.after.start)}
            problem = _t("The next line starts at %(start)s, before this ends.") % start
            ordered[-1][0].add_error("end", problem)

    def in_order(self) -> list[CueForm]:
        """Return the rows that are right so far, by their time."""
        right = [form for form in self.forms if form.has_changed() and not form.errors]
        return sorted(right, key=lambda form: form.cleaned_data["start"])

    @property
    def cues(self) -> list[Cue]:
        return [form.cue for form in self.in_order()]

    @property
    def rows(self) -> list[Row]:
        """What stands in the rows, right or wrong."""
        return [{name: form[name].value() for name in form.fields} for form in self.forms]


CueForms = forms.formset_factory(
    CueForm, formset=BaseCueForms, extra=0, max_num=MOST, absolute_max=MOST
)


def overlap(first: Cue, second: Cue) -> bool:
    """Return whether two lines would cover each other; those at different places do not."""
    return second.start < first.end and first.settings == second.settings


def rows_of(cues: Sequence[Cue]) -> list[Row]:
    """Return the rows of lines."""
    return [
        {"start": cue.start, "end": cue.end, "text": shown(cue.text), "settings": cue.settings}
        for cue in cues
    ]


# --- what the buttons of a row do ---------------------------------------------------------------


def change(
    rows: list[Row], what: str, at: int, time: float | None = None, caret: float | None = None
) -> int:
    """Do what a row's button says, unless it makes no sense there; return the row to go on with.

    ``time``: of the player, ``caret``: its place in the words, if they are known.
    """
    if not rows and what == "add":
        rows.append({"start": 0.0, "end": NEW, "text": "", "settings": ""})
    if not 0 <= at < len(rows):
        return 0
    if what == "remove":
        del rows[at]
        return max(0, at - 1)
    if what == "merge" and at + 1 < len(rows):
        below = rows.pop(at + 1)
        rows[at] = {
            **rows[at],
            "end": below["end"],
            "text": f"{rows[at]['text'] or ''}\n{below['text'] or ''}".strip(),
        }
    elif what == "split" and len(rows) < MOST:
        rows[at : at + 1] = split(rows[at], time, caret)
    elif what == "add" and len(rows) < MOST:
        start = seconds(rows[at]["end"]) or 0.0
        limit = seconds(rows[at + 1]["start"]) if at + 1 < len(rows) else None
        end = start + NEW
        if limit is not None and limit >= start + LEAST:
            end = min(end, limit)
        rows.insert(at + 1, {"start": start, "end": end, "text": "", "settings": ""})
        return at + 1
    return at


def split(row: Row, time: float | None = None, caret: float | None = None) -> list[Row]:
    """Return two rows for one: parted where the player and the caret are, else in the middle."""
    words = row["text"] or ""
    if caret is None or not 0 < caret < len(words):
        middle = len(words) / 2
        gaps = [match.start() for match in re.finditer(r"\s+", words)]
        caret = min(gaps, key=lambda gap: abs(gap - middle), default=len(words))
    start, end = seconds(row["start"]), seconds(row["end"])
    if start is None or end is None:
        parted: Any = row["end"]
    elif time is not None and start + LEAST <= time <= end - LEAST:
        parted = time
    else:
        parted = round((start + end) / 2, 3)
    first = {**row, "end": parted, "text": words[: int(caret)].strip()}
    return [first, {**row, "start": parted, "text": words[int(caret) :].strip()}]


def seconds(value: Any) -> float | None:
    """Return a time as it stands in a row in seconds; None where it is none."""
    try:
        return float(value) if isinstance(value, float) else MomentField().clean(value)
    except forms.ValidationError:
        return None


def number(text: str) -> float | None:
    """Return what a page tells of the player or the caret; None where it is no number."""
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,9})?", text, re.ASCII) else None
