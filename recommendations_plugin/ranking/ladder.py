"""Logs when feeds climb down the ladder, or back: once, not at every request."""

from __future__ import annotations

import logging

from ..types import Step

logger = logging.getLogger(__name__)

#: The rung that this process's feeds were on last.
_last = Step.MODEL


def note(step: Step) -> None:
    """Note the rung that feeds start from now."""
    global _last
    if step is not _last:
        level = logging.INFO if step is Step.MODEL else logging.WARNING
        logger.log(level, "Feeds come from rung %s now; before, from %s.", step, _last)
        _last = step
