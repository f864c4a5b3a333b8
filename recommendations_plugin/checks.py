"""System checks: a wrong setting is explained at start, with an id and a hint."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator
from importlib.util import find_spec
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning, register

from . import conf, placements


@register("recommendations")
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check the ``RECOMMENDATIONS`` setting."""
    return [*_unknown_names(), *_dotted_paths(), *_numbers(), *_placements(), *_queue()]


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
    if not 0 < conf.settings.VIEW_THRESHOLD <= 1:
        yield Error(
            f"RECOMMENDATIONS['VIEW_THRESHOLD'] is {conf.settings.VIEW_THRESHOLD!r}.",
            hint="It is a watched portion, above 0 and up to 1.",
            id="recommendations.E004",
        )


def _placements() -> Iterator[CheckMessage]:
    given = getattr(django_settings, "RECOMMENDATIONS", {}).get("PLACEMENTS", {})
    for name, settings in given.items():
        for what, hint in _wrong(settings):
            yield Error(
                f"RECOMMENDATIONS['PLACEMENTS'][{name!r}]{what}.",
                hint=hint,
                id="recommendations.E005",
            )


def _wrong(settings: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a placement's settings, and what would be right."""
    if not isinstance(settings, dict):
        yield f" is {settings!r}", "It has to be a dict of settings."
        return
    for key, value in settings.items():
        what = f"[{key!r}] is {value!r}"
        if key not in placements.NAMES:
            yield f" has no setting {key!r}", f"It may set: {', '.join(placements.NAMES)}."
        elif key == "SOURCES" and not _are(value, placements.SOURCES, _is_count):
            names = ", ".join(placements.SOURCES)
            yield what, f"It has to be a dict of whole numbers, 0 or more, for any of: {names}."
        elif key == "WEIGHTS" and not _are(value, conf.settings.WEIGHTS, _is_number):
            names = ", ".join(conf.settings.WEIGHTS)
            yield what, f"It has to be a dict of numbers for any of: {names}."
        elif key in ("DIVERSITY", "EXPLORE") and not (_is_number(value) and 0 <= value <= 1):
            yield what, "It has to be a number from 0 to 1."
        elif key in ("PER_CREATOR", "PER_CATEGORY") and not _is_count(value):
            yield what, "It has to be a whole number, or 0 for any number."
        elif key == "KEEP_TO_INTERESTS" and not isinstance(value, bool):
            yield what, "It has to be True or False."


def _are(values: Any, names: Container[str], is_right: Callable[[Any], bool]) -> bool:
    return isinstance(values, dict) and all(
        name in names and is_right(value) for name, value in values.items()
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


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
