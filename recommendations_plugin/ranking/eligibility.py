"""The CMS has the last word: what this viewer may be shown, asked at this moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from ..registry import adapter_for
from ..types import key_of
from .context import Context


def eligible(context: Context, keys: Sequence[str]) -> dict[str, Any]:
    """Return the host's objects, ready for cards, of those keys that may be shown."""
    pks: dict[Any, list[str]] = defaultdict(list)
    for key in keys:
        if adapter := adapter_for(key):
            pks[adapter].append(key.rpartition(":")[2])
    return {
        key_of(obj): obj
        for adapter, group in pks.items()
        for obj in adapter.for_cards(
            adapter.eligible(context.viewer, context.request).filter(pk__in=group)
        )
    }
