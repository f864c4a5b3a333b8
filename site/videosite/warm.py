"""Readies a web process before its first request."""

import gc

from django.urls import get_resolver


def warm() -> None:
    """Load what the first request would, and have the garbage collector pass it over from then on.

    A full collection looks at all that was ever loaded: some 100 ms in the middle of a request.
    """
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
