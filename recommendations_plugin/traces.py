"""What a card says of where it stands, signed so that nobody can make it up."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter

from django.core import signing

from .types import Trace

SALT = "recommendations_plugin.trace"
#: Seconds for which a card on an open page may still report.
LIFETIME = 24 * 3600
#: Longest text taken for a trace.
LONGEST = 900

_values = attrgetter(*(field.name for field in fields(Trace)))


def sign(trace: Trace) -> str:
    """Return a trace as a text for a page.

    A page has dozens, so nothing is copied deeply or compressed: that doubled the time.
    """
    return signing.dumps(_values(trace), salt=SALT)


def read(text: str) -> Trace | None:
    """Return the trace that a text stands for; None for a forged or old one."""
    if len(text) > LONGEST:
        return None
    try:
        return Trace(*signing.loads(text, salt=SALT, max_age=LIFETIME))
    except (signing.BadSignature, ValueError, TypeError):
        return None
