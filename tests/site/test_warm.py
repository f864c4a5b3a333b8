"""What a web process has done before its first request."""

from __future__ import annotations

import gc

from videosite.warm import warm


def test_what_a_process_starts_with_is_no_longer_looked_through():
    try:
        warm()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
