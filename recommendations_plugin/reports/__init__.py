"""Reports on what feeds show and what becomes of it, with filters, as lists and spreadsheets."""

from __future__ import annotations

from django.urls import URLPattern, path

from .items import DismissedReport, OrphansReport, OverExposedReport, TopicsReport
from .outcomes import DeadLettersReport, ExperimentsReport

REPORTS = (
    OrphansReport,
    TopicsReport,
    OverExposedReport,
    DismissedReport,
    DeadLettersReport,
    ExperimentsReport,
)


def urls() -> list[URLPattern]:
    """Return the addresses of the reports."""
    return [
        path(
            f"reports/recommendations/{report.slug}/{'results/' if results else ''}",
            report.as_view(results_only=results),
            name=f"recommendations_{report.slug}{'_results' if results else ''}",
        )
        for report in REPORTS
        for results in (False, True)
    ]
