"""What a card says of where it stands, signed so that nobody can make it up."""

from __future__ import annotations

from dataclasses import astuple

from django.core import signing

from .types import Trace

SALT = "recommendations_plugin.trace"
#: Seconds for which a card on an open page may still report.
LIFETIME = 24 * 3600
#: Longest text taken for a trace.
LONGEST = 600


def sign(trace: Trace) -> str:
    """Return a trace as a text for a page."""
    return signing.dumps(astuple(trace), salt=SALT, compress=True)


def read(text: str) -> Trace | None:
    """Return the trace that a text stands for; None for a forged or old one."""
    if len(text) > LONGEST:
        return None
    try:
        return Trace(*signing.loads(text, salt=SALT, max_age=LIFETIME))
    except (signing.BadSignature, ValueError, TypeError):
        return None
