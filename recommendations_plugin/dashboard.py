"""What the dashboard shows: how the model is, and how feeds did from day to day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import runs, wording
from .charts import line_chart
from .events.impressions import Result
from .measures import METRICS
from .models import FeedDay, TrainingRun
from .tables import NOTHING, Cell, Table, figure


@dataclass(frozen=True, slots=True)
class Health:
    """The served model, what was measured of it, and a newer one that is not served."""

    run: TrainingRun
    newer: TrainingRun | None
    table: Table

    @property
    def brief(self) -> Table:
        """The first two metrics, which decide about a release."""
        return Table("", self.table.columns, self.table.rows[:2])


def health() -> Health | None:
    """Return how the served model is; None where none is or its run is not known. Three queries."""
    live = runs.active()
    if live is None:
        return None
    latest, before = runs.latest(), runs.previous()
    columns = [_("Metric"), _("Served"), _("Popularity")]
    told = [live.metrics, live.metrics.get("popularity", {})]
    if before is not None:
        columns.append(_("The model before, on its own data"))
        told.append(before.metrics)
    rows = [
        (Cell(name, words), [figure(metrics.get(name)) for metrics in told])
        for name, words in METRICS.items()
        if name in live.metrics
    ]
    newer = latest if latest and latest.pk > live.pk else None
    return Health(live, newer, Table("", columns, rows))


def outcomes(results: list[Result], made_at: datetime | None) -> Table:
    """Return what recommendations led to, by placement and model, as it was summed up."""
    rows = [
        (
            wording.placement(result.placement),
            [
                result.version or NOTHING,
                figure(result.seen, 0),
                Cell(figure(result.followed, 0), _percent(result.followed, result.seen)),
                figure(result.liked, 0),
                figure(result.dismissed, 0),
                Cell(
                    _("%(seconds)s s") % {"seconds": figure(result.seconds, 1)},
                    f"{figure(100 * result.portion, 1)} %",
                ),
            ],
        )
        for result in results
    ]
    columns = [
        _("Placement"),
        _("Model version"),
        _("Seen"),
        _("Followed"),
        _("Liked"),
        _("Dismissed"),
        _("Watched per impression"),
    ]
    age = _("Summed up %(age)s ago.") % {"age": timesince(made_at)} if made_at else ""
    return Table(_("What recommendations led to, in the last 30 days"), columns, rows, age)


def _percent(part: int, whole: int) -> str:
    return f"{figure(100 * part / whole, 1)} %" if whole else ""


#: Days that charts show.
DAYS = 30


@dataclass(frozen=True, slots=True)
class Measure:
    """What a chart shows of each day, and how it is written."""

    name: Any
    help: Any
    of: Callable[[FeedDay], float]
    percent: bool = True

    def written(self, value: float) -> str:
        return f"{figure(100 * value, 1)} %" if self.percent else figure(value, 1)


MEASURES = (
    Measure(
        gettext_lazy("Watched seconds per impression"),
        gettext_lazy("What a recommendation that was seen led to; most lead to nothing."),
        lambda day: day.seconds / day.seen,
        percent=False,
    ),
    Measure(
        gettext_lazy("Coverage of the catalogue"),
        gettext_lazy("Share of all items that somebody saw a recommendation of."),
        lambda day: min(1.0, day.items / day.catalogue) if day.catalogue else 0.0,
    ),
    Measure(
        gettext_lazy("Exposure of new creators"),
        gettext_lazy("Share of impressions of creators whose first item is at most 30 days old."),
        lambda day: day.by_new_creators / day.seen,
    ),
    Measure(
        gettext_lazy("Concentration on creators"),
        gettext_lazy("Share of impressions that the most shown tenth of the creators got."),
        lambda day: day.concentration,
    ),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn measure, and its figures, newest first."""

    name: Any
    help: Any
    svg: str
    table: Table


def charts() -> list[Chart]:
    """Return a chart of each measure over the last days, in one query; none before any day."""
    since = timezone.now().astimezone(UTC).date() - timedelta(days=DAYS - 1)
    days = list(FeedDay.objects.filter(day__gte=since, seen__gt=0).order_by("day"))
    return [_chart(measure, days) for measure in MEASURES] if days else []


def _chart(measure: Measure, days: list[FeedDay]) -> Chart:
    values = [(day, measure.of(day)) for day in days]
    written = [
        (date_format(day.day, "SHORT_DATE_FORMAT"), [measure.written(value), figure(day.seen, 0)])
        for day, value in reversed(values)
    ]
    return Chart(
        measure.name,
        measure.help,
        line_chart(str(measure.name), {day.day: v for day, v in values}, measure.written),
        Table("", [_("Day"), measure.name, _("Impressions")], written),
    )
