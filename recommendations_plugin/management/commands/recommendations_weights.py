"""Says what weights of the score the placements' impressions speak for; changes nothing."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import conf
from ...events import weights
from ...placements import placement


class Command(BaseCommand):
    help = (
        "Learns the weights of a placement's score from what came of its impressions, judges them "
        "beside the present ones on the newest, and prints both. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("placement", nargs="?", default="home")
        parser.add_argument("--days", type=int, default=30, help="of impressions (default: 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["placement"]
        present = {**conf.settings.WEIGHTS, **placement(name).weights}
        try:
            found = weights.learn(name, present, options["days"])
        except weights.TooFew as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.impressions} impressions at {name!r}")
        self.stdout.write(f"{'part':12} {'present':>8} {'learned':>8}")
        for part, weight in found.weights.items():
            self.stdout.write(f"{part:12} {present[part]:8.2f} {weight:8.2f}")
        low, high = found.interval
        self.stdout.write(
            f"The better of two cards of a feed stands first: {found.present:.1%} by the present "
            f"weights, {found.learned:.1%} by the learned ones, on the newest impressions "
            f"(difference, 95 %: {low:+.1%} to {high:+.1%})."
        )
        if not found.better:
            self.stdout.write("They are not surely better: keep the present ones.")
            return
        learned = {part: round(weight, 3) for part, weight in found.weights.items()}
        self.stdout.write(
            "Compare them in an experiment, as options of an arm, before they go into the settings:"
        )
        self.stdout.write(json.dumps({"WEIGHTS": learned}))
