"""Measures the live model beside popularity, in tables and charts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ... import charts, tasks

#: Metrics in the order of the table, and those that a chart can hold side by side.
METRICS = ("recall", "ndcg", "mrr", "coverage", "novelty", "diversity", "miscalibration")
CHARTED = ("recall", "ndcg", "mrr")
K = 20

Report = Mapping[str, Any]


class Command(BaseCommand):
    help = (
        "Fits the live model's recipe without each viewer's newest fifth and measures it on that, "
        "beside popularity; and the live model on what came after it. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plots", type=Path, metavar="DIR", help="save charts there, as SVG")
        parser.add_argument(
            "--choose", action="store_true", help="also choose encoders anew: takes longest"
        )
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(total=100, unit="%", desc="Evaluating", disable=options["json"]) as bar:

            def show(what: str, part: float) -> None:
                bar.set_postfix_str(what)
                bar.update(max(0, round(100 * part) - bar.n))

            try:
                reports = tasks.evaluate(again=options["choose"], progress=show)
            except tasks.CannotEvaluate as error:
                raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(reports, indent=2))
        else:
            for name, report in reports.items():
                self._tell(name, report)
        if options["plots"]:
            for path in _draw(reports, options["plots"]):
                self.stderr.write(f"Saved {path}")

    def _tell(self, name: str, report: Report) -> None:
        popular = report["popularity"]
        self.stdout.write(
            f"\n{name}: {report['viewers']} viewers, {report['interactions']} interactions"
        )
        self.stdout.write(f"{f'at {K}':22}{'model':>10}{'popularity':>12}   95 % of the model")
        for metric in METRICS:
            key = f"{metric}@{K}"
            low, high = report["intervals"].get(key, (None, None))
            interval = "" if low is None else f"   {low:.4f} to {high:.4f}"
            self.stdout.write(f"{metric:22}{report[key]:10.4f}{popular[key]:12.4f}{interval}")
        for segment, figures in _segments(report).items():
            model, popularity = figures.values()
            self.stdout.write(f"{segment:22}{model:10.4f}{popularity:12.4f}")


def _segments(report: Report) -> dict[str, dict[str, float]]:
    """Return the recall for each kind of viewers and items, of the model and of popularity."""
    return {
        f"recall, {name} {what}": {
            "model": figures["recall"],
            "popularity": figures["popularity"],
        }
        for kind, what in (("segments", "viewers"), ("item_segments", "items"))
        for name, figures in report[kind].items()
    }


def _draw(reports: Mapping[str, Report], folder: Path) -> list[Path]:
    """Save a chart of each report's metrics and one of its segments; return where."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (name, report) in enumerate(reports.items(), 1):
        metrics = {
            f"{metric}@{K}": {
                "model": report[f"{metric}@{K}"],
                "popularity": report["popularity"][f"{metric}@{K}"],
            }
            for metric in CHARTED
        }
        for kind, groups in (("metrics", metrics), ("segments", _segments(report))):
            path = folder / f"{number}-{kind}.svg"
            path.write_text(charts.bar_chart(name.capitalize(), groups), encoding="utf-8")
            paths.append(path)
    return paths
