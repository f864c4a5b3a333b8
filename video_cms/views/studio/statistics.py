"""A creator's figures as charts, tables and CSV: for the creator, and for editors of the pages."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import formats
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from ...models import CreatorProfile, VideoPage
from ...studio import charts, statistics
from ...studio.statistics import Figures, Retention, Statistics
from ...templatetags.videos import clock, compact

BY = "day"
#: About how many rows the table of a curve has.
ROWS = 20

Row = Sequence[Any]


# --- how figures are written --------------------------------------------------------------------


def number(value: float) -> str:
    return compact(round(value))


def percent(value: float) -> str:
    return f"{value:.0%}"


def hours(seconds: float) -> str:
    """Write a time that was watched: 40 seconds, 12 minutes, 3.5 hours."""
    if seconds < 60:
        return _("%(number)d s") % {"number": round(seconds)}
    if seconds < 3600:
        return _("%(number)d min") % {"number": round(seconds / 60)}
    whole = seconds / 3600
    told = formats.number_format(whole, 1 if whole < 100 else 0, force_grouping=True)
    return _("%(number)s h") % {"number": told}


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the figures: its name in ``Figures`` and on the page, and how it is written."""

    key: str
    name: Any
    shown: Callable[[float], str]
    most: float | None = None


MEASURES = (
    Measure("views", gettext_lazy("Views"), number),
    Measure("seconds", gettext_lazy("Watch time"), hours),
    Measure("portion", gettext_lazy("Average portion watched"), percent, most=1),
    Measure("likes", gettext_lazy("Likes"), number),
    Measure("followers", gettext_lazy("New followers"), number),
)


# --- whose --------------------------------------------------------------------------------------


def video_or_404(request: HttpRequest, video_id: str) -> VideoPage:
    """Return a video whose figures the visitor may see: their own, or one they may edit."""
    videos = VideoPage.objects.select_related("creator__user", "media__poster", "thumbnail")
    video: VideoPage = get_object_or_404(videos, video_id=video_id, deleted_at=None)
    if not (video.owned_by(request.user) or video.permissions_for_user(request.user).can_edit()):
        raise Http404
    return video


def creator_or_404(request: HttpRequest, username: str) -> CreatorProfile:
    """Return a creator whose figures the visitor may see: themselves, or one they may edit."""
    creators = CreatorProfile.objects.select_related("user")
    creator: CreatorProfile = get_object_or_404(creators, user__username=username)
    own = creator.user_id == request.user.pk
    if not own and not request.user.has_perm("video_cms.change_creatorprofile"):
        raise Http404
    return creator


def period(request: HttpRequest) -> str:
    by = request.GET.get("by", BY)
    return by if by in statistics.LENGTHS else BY


# --- pages --------------------------------------------------------------------------------------


@login_required
@require_safe
def of_video(request: HttpRequest, video_id: str) -> HttpResponse:
    """Show the figures of a video."""
    video = video_or_404(request, video_id)
    found = statistics.of(video, period(request))
    stayed = statistics.retention(video, found.total.start)
    context = {
        **shown(found),
        "video": video,
        "stayed": stayed,
        **(shown_stay(stayed) if stayed.viewers else {}),
    }
    return render(request, "video_cms/studio/statistics.html", context)


@login_required
@require_safe
def of_channel(request: HttpRequest, username: str) -> HttpResponse:
    """Show the figures of all of a creator's videos together."""
    creator = creator_or_404(request, username)
    found, top = statistics.of_channel(creator, period(request))
    for row in top:
        row["watched"] = hours(row["seconds"])
    context = {**shown(found), "creator": creator, "top": top}
    return render(request, "video_cms/studio/statistics.html", context)


def shown(found: Statistics) -> dict[str, Any]:
    """Return what both pages show: a chart and a table of each measure, and of the sources."""
    names = [named(one.start, found.by) for one in found.periods]
    cards = []
    for measure in MEASURES:
        values = [getattr(one, measure.key) for one in found.periods]
        pairs = list(zip(names, values, strict=True))
        cards.append(
            {
                "key": measure.key,
                "total": measure.shown(getattr(found.total, measure.key)),
                "change": change(measure, found),
                "chart": charts.columns(str(measure.name), pairs, measure.shown, measure.most),
                "rows": [(name, measure.shown(value)) for name, value in reversed(pairs)],
            }
        )
    return {
        "by": found.by,
        "periods": statistics.NAMES,
        "since": found.total.start,
        "empty": not (found.total.viewers or found.total.likes or found.total.followers),
        "cards": cards,
        "sources": [
            {
                "name": one.source.label,
                "viewers": one.viewers,
                "views": one.views,
                "watched": hours(one.seconds),
                "share": percent(one.share),
                "bar": charts.portion_bar(one.share),
            }
            for one in found.sources
        ],
    }


def shown_stay(stayed: Retention) -> dict[str, Any]:
    """Return the chart and the table of how long viewers stayed."""

    def moment(place: float) -> str:
        return clock(place * stayed.step) if stayed.step == 1 else f"{place * stayed.step:.1f} s"

    chart = charts.curve(_("Viewers still watching"), stayed.portions, moment, percent)
    every = max(1, len(stayed.portions) // ROWS)
    places = range(0, len(stayed.portions), every)
    rows = [(moment(place), percent(stayed.portions[place])) for place in places]
    return {"stayed_chart": chart, "stayed_rows": rows}


def change(measure: Measure, found: Statistics) -> str:
    """Return how a figure differs from that of as long before; nothing where there was none."""
    before, now = (getattr(one, measure.key) for one in (found.before, found.total))
    if not before:
        return ""
    if measure.key == "portion":
        points = round(100 * (now - before))
        return ngettext("%(points)+d point", "%(points)+d points", abs(points)) % {"points": points}
    return f"{now / before - 1:+.0%}"


def named(start: date, by: str) -> str:
    """Return what a period is called: 3 Nov, or Nov 2026."""
    return formats.date_format(start, "M Y" if by == "month" else "j M")


# --- CSV ----------------------------------------------------------------------------------------


@login_required
@require_safe
def video_csv(request: HttpRequest, video_id: str, table: str) -> HttpResponse:
    """Give a table of a video's figures as a file."""
    video = video_or_404(request, video_id)
    found = statistics.of(video, period(request))
    if table == "retention":
        stayed = statistics.retention(video, found.total.start)
        rows = (
            (round(place * stayed.step, 3), f"{portion:.4f}")
            for place, portion in enumerate(stayed.portions)
        )
        return as_csv(f"{video_id}-{table}", ["second", "portion"], rows)
    return table_csv(video_id, found, table)


@login_required
@require_safe
def channel_csv(request: HttpRequest, username: str, table: str) -> HttpResponse:
    """Give a table of a channel's figures as a file."""
    creator = creator_or_404(request, username)
    found, _top = statistics.of_channel(creator, period(request))
    return table_csv(slugify(username), found, table)


def table_csv(name: str, found: Statistics, table: str) -> HttpResponse:
    """Return the periods or the sources as a file."""
    if table == "sources":
        columns = ["source", "viewers", "views", "seconds"]
        came = ((one.source, one.viewers, one.views, f"{one.seconds:.1f}") for one in found.sources)
        return as_csv(f"{name}-sources", columns, came)
    if table != "figures":
        raise Http404
    columns = ["start", "viewers", "views", "seconds", "portion", "likes", "followers"]
    return as_csv(f"{name}-{found.by}s", columns, map(figures_row, found.periods))


def figures_row(one: Figures) -> Row:
    seconds, portion = f"{one.seconds:.1f}", f"{one.portion:.4f}"
    return (one.start, one.viewers, one.views, seconds, portion, one.likes, one.followers)


def as_csv(name: str, columns: Sequence[str], rows: Iterator[Row] | Any) -> HttpResponse:
    """Return a file of numbers, dates and the site's own words: nothing that a sheet would run."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(rows)
    return response
