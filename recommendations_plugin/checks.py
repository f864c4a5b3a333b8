"""System checks: a wrong setting is explained at start, with an id and a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning, register

from . import conf, placements


@register("recommendations")
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check the ``RECOMMENDATIONS`` setting."""
    return [
        *_unknown_names(),
        *_dotted_paths(),
        *_numbers(),
        *_placements(),
        *_rates(),
        *_queue(),
    ]


def _unknown_names() -> Iterator[CheckMessage]:
    given = getattr(django_settings, "RECOMMENDATIONS", {})
    for name in sorted(given.keys() - conf.DEFAULTS.keys()):
        yield Error(
            f"RECOMMENDATIONS has no setting {name!r}.",
            hint=f"The settings are: {', '.join(sorted(conf.DEFAULTS))}.",
            id="recommendations.E001",
        )


def _dotted_paths() -> Iterator[CheckMessage]:
    """Look for the modules without importing them: web processes must not load faiss at start."""
    paths = {
        "JOBS": conf.settings.JOBS,
        "INDEX": conf.settings.INDEX,
        "GRAPH": conf.settings.GRAPH["BACKEND"],
    }
    for name, path in paths.items():
        module = path.rpartition(".")[0]
        try:
            found = bool(module) and find_spec(module) is not None
        except ImportError:
            found = False
        if not found:
            yield Error(
                f"RECOMMENDATIONS[{name!r}] names {path!r}, which cannot be found.",
                hint=f"The default is {conf.DEFAULTS[name]!r}.",
                id="recommendations.E002",
            )


def _numbers() -> Iterator[CheckMessage]:
    for name in ("SYNC_BATCH", "SYNC_LEASE", "SYNC_ATTEMPTS", "HISTORY"):
        value = getattr(conf.settings, name)
        if not isinstance(value, int) or value < 1:
            yield Error(
                f"RECOMMENDATIONS[{name!r}] is {value!r}.",
                hint="It has to be a whole number, 1 or more.",
                id="recommendations.E003",
            )
    for name, value in conf.settings.RETRAIN.items():
        right = isinstance(value, int | float) and value >= 0
        if name not in conf.DEFAULTS["RETRAIN"] or not right:
            yield Error(
                f"RECOMMENDATIONS['RETRAIN'][{name!r}] is {value!r}.",
                hint=f"It may set, each to a number of 0 or more: "
                f"{', '.join(conf.DEFAULTS['RETRAIN'])}.",
                id="recommendations.E006",
            )
    if not 0 < conf.settings.VIEW_THRESHOLD <= 1:
        yield Error(
            f"RECOMMENDATIONS['VIEW_THRESHOLD'] is {conf.settings.VIEW_THRESHOLD!r}.",
            hint="It is a watched portion, above 0 and up to 1.",
            id="recommendations.E004",
        )


def _placements() -> Iterator[CheckMessage]:
    given = getattr(django_settings, "RECOMMENDATIONS", {}).get("PLACEMENTS", {})
    for name, settings in given.items():
        for what, hint in placements.mistakes(settings):
            yield Error(
                f"RECOMMENDATIONS['PLACEMENTS'][{name!r}]{what}.",
                hint=hint,
                id="recommendations.E005",
            )


def _rates() -> Iterator[CheckMessage]:
    for name, rate in conf.settings.API.items():
        if name not in conf.DEFAULTS["API"] or not re.fullmatch(
            r"[1-9]\d*/(s|m|h|d)[a-z]*", str(rate)
        ):
            yield Error(
                f"RECOMMENDATIONS['API'][{name!r}] is {rate!r}.",
                hint='It may set READ and WRITE, to rates such as "60/min".',
                id="recommendations.E007",
            )


def _queue() -> Iterator[CheckMessage]:
    """A task redelivered while it still runs is done twice: retry must be far above timeout."""
    cluster = getattr(django_settings, "Q_CLUSTER", {})
    for name, queue in {"default": cluster, **cluster.get("ALT_CLUSTERS", {})}.items():
        timeout, retry = queue.get("timeout"), queue.get("retry")
        if timeout and retry and retry < 3 * timeout:
            yield Warning(
                f"Q_CLUSTER {name!r}: retry ({retry} s) is below 3 × timeout ({timeout} s).",
                hint="Raise retry, or a task may run twice at once.",
                id="recommendations.W001",
            )
