"""Words for machines: what XML can carry, short descriptions, durations."""

from __future__ import annotations

import math
import re

from django.utils.text import Truncator

#: Characters that XML 1.0 cannot hold, however they are escaped.
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    """Return a text without the characters that XML cannot hold."""
    return ILLEGAL.sub("", str(text))


def summary(text: str, length: int = 160) -> str:
    """Return the beginning of a text, on one line."""
    return Truncator(" ".join(clean(text).split())).chars(length)


def whole_seconds(seconds: float) -> int:
    """Return a duration in whole seconds, at least one; 0 while it is unknown."""
    if not math.isfinite(seconds) or seconds <= 0:
        return 0
    return max(1, math.floor(seconds + 0.5))


def iso_duration(seconds: float) -> str:
    """Write a duration as ISO 8601 does: PT4S, PT1H2M3S; empty while it is unknown."""
    whole = whole_seconds(seconds)
    parts = {"H": whole // 3600, "M": whole // 60 % 60, "S": whole % 60}
    written = "".join(f"{number}{unit}" for unit, number in parts.items() if number)
    return f"PT{written}" if written else ""
