"""The CMS has the last word: what this viewer may be shown, asked at this moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import CharField, IntegerField, QuerySet, Value

from ..events import shelf, state
from ..registry import adapter_for
from ..types import key_of
from .candidates import admission
from .context import Context


def eligible(context: Context, keys: Sequence[str]) -> set[str]:
    """Return those keys whose objects may be shown. One query for each kind of content.

    It asks too which of them the viewer saw longer ago than what is known of them goes back.
    """
    found: set[str] = set()
    seen: set[str] = set()
    for label, objects in _objects(context, keys):
        rows = objects.order_by().values_list("pk", Value("", CharField()))
        if context.known.saw_more:
            saw = state.seen_among(context.known.viewer, keys)
            rows = rows.union(saw.values_list(Value(None, IntegerField()), "item_key"), all=True)
        for pk, key in rows:
            (seen if key else found).add(key or f"{label}:{pk}")
    return found - seen


def unseen(context: Context, keys: Sequence[str]) -> set[str]:
    """Return those keys that feeds may show as far as the viewer goes; the CMS is not asked."""
    may_enter = admission(context)
    rows = shelf.read(context.known.newest, (), keys).rows
    found = {key for key, row in rows.items() if may_enter(row)}
    if found and context.known.saw_more:
        saw = state.seen_among(context.known.viewer, found)
        found.difference_update(saw.values_list("item_key", flat=True))
    return found


def cards(context: Context, keys: Sequence[str]) -> dict[str, Any]:
    """Return the host's objects, ready for cards, of those keys that may be shown."""
    found: dict[str, Any] = {}
    for label, objects in _objects(context, keys):
        if adapter := adapter_for(f"{label}:"):
            found.update((key_of(obj), obj) for obj in adapter.for_cards(objects))
    return found


def _objects(context: Context, keys: Iterable[str]) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Yield the eligible objects of these keys, by the label of their model."""
    pks: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        label, _, pk = key.rpartition(":")
        pks[label].append(pk)
    for label, group in pks.items():
        if adapter := adapter_for(f"{label}:"):
            if label not in context.eligible:  # asked once: the CMS may query for it already
                context.eligible[label] = adapter.eligible(context.viewer, context.request)
            yield label, context.eligible[label].filter(pk__in=group)
