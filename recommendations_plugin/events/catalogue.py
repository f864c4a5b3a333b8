"""Keeps ``Item`` rows equal to what the host publishes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from ..models import Event, Facet, Item
from ..registry import ItemAdapter, adapter_for, adapters
from ..types import Description, FacetKind, Kind, key_of
from ..types import Facet as FacetType
from . import shelf
from .batches import in_batches
from .deltas import recount_items
from .facets import save_facets

logger = logging.getLogger(__name__)

BATCH = 500


def index_items(objects: Iterable[models.Model]) -> int:
    """Take host objects into the catalogue, or out of it when they are no longer published.

    Returns how many were taken in. Idempotent; joins the caller's transaction.
    """
    return sum(_index_batch(batch) for batch in in_batches(objects, BATCH))


def is_live(key: str) -> bool:
    """Return whether an item is in the catalogue and published."""
    return Item.objects.filter(key=key, live=True).exists()


def remove_items(keys: Iterable[str]) -> None:
    """Take items out of the catalogue: unpublished or deleted."""
    shelf.clear_after_commit()
    with transaction.atomic():
        live = Item.objects.filter(key__in=list(keys), live=True)
        keys = list(live.order_by("key").values_list("key", flat=True))
        for event in _item_events(keys):
            Item.objects.filter(key=event.target_key).update(live=False, version=event.pk)


def reconcile(progress: Callable[[int], Any] = lambda n: None) -> dict[str, int]:
    """Repair drift that no signal announced (``queryset.update`` and the like).

    Returns the number of items ``indexed`` and ``removed``.
    """
    indexed = 0
    published: set[str] = set()
    for adapter in adapters():
        for batch in in_batches(adapter.queryset().iterator(BATCH), BATCH):
            published.update(map(key_of, batch))
            indexed += _index_batch(batch)
            progress(len(batch))
    gone = set(Item.objects.filter(live=True).values_list("key", flat=True)) - published
    gone -= _published_now(gone)
    remove_items(sorted(gone))
    return {"indexed": indexed, "removed": len(gone)}


def _published_now(keys: set[str]) -> set[str]:
    """Return which of these are published after all: made so while others were looked at."""
    found: set[str] = set()
    for adapter in adapters():
        prefix = f"{adapter.model._meta.label_lower}:"
        pks = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
        for start in range(0, len(pks), BATCH):
            found.update(map(key_of, adapter.queryset().filter(pk__in=pks[start : start + BATCH])))
    return found


def _index_batch(objects: Sequence[models.Model]) -> int:
    live: dict[str, Description | None] = {}
    for adapter, group in _by_adapter(objects):
        pks = [obj.pk for obj in group]
        for obj in adapter.for_describe(adapter.queryset().filter(pk__in=pks)):
            live[key_of(obj)] = _described(adapter, obj)
    descriptions = {key: found for key, found in live.items() if found is not None}
    with transaction.atomic():
        _save_items(descriptions)
        recount_items(descriptions)
        remove_items(key for key in map(key_of, objects) if key not in live)
    return len(descriptions)


def _described(adapter: ItemAdapter, obj: models.Model) -> Description | None:
    """Return what an adapter says of an object, cut to what rows hold.

    None where it fails: that is logged, and keeps nobody from publishing.
    """
    try:
        said = adapter.describe(obj)
        return replace(
            said,
            title=said.title[:255],
            text=said.text[:5000],
            facets=tuple(replace(facet, name=facet.name[:255]) for facet in said.facets),
        )
    except Exception:
        logger.exception("%s cannot describe %s.", type(adapter).__name__, key_of(obj))
        return None


def _by_adapter(
    objects: Sequence[models.Model],
) -> Iterator[tuple[ItemAdapter, list[models.Model]]]:
    groups: dict[ItemAdapter, list[models.Model]] = {}
    for obj in objects:
        if adapter := adapter_for(obj):
            groups.setdefault(adapter, []).append(obj)
    yield from groups.items()


def _item_events(keys: Sequence[str]) -> list[Event]:
    now = timezone.now()
    return Event.objects.bulk_create(
        Event(kind=Kind.ITEM, target_key=key, occurred_at=now) for key in keys
    )


def _unchanged(descriptions: dict[str, Description]) -> set[str]:
    """Return the keys whose rows say this already, so that repeating an import costs nothing."""
    rows = Item.objects.filter(key__in=descriptions, live=True).prefetch_related("facets")
    return {
        row.key
        for row in rows
        for wanted in [descriptions[row.key]]
        if (row.title, row.text, row.published_at)
        == (wanted.title, wanted.text, wanted.published_at)
        and row.facet_keys == keys_by_kind(wanted.facets)
        and _names(row.facets.all()) == _names(wanted.facets)
    }


def keys_by_kind(facets: Iterable[FacetType]) -> dict[str, list[str]]:
    """Return facets as ``Item.facet_keys`` holds them."""
    found: dict[str, list[str]] = {}
    for kind, key in sorted({(facet.kind, facet.key) for facet in facets}):
        found.setdefault(FacetKind(kind).value, []).append(key)
    return found


def _names(facets: Iterable[Facet | FacetType]) -> set[tuple[str, str]]:
    """Return keys and names. A tag is its key: items may differ in how they capitalise it."""
    return {(facet.key, "" if facet.kind == FacetKind.TAG else facet.name) for facet in facets}


def _save_items(descriptions: dict[str, Description]) -> None:
    unchanged = _unchanged(descriptions)
    descriptions = {key: d for key, d in descriptions.items() if key not in unchanged}
    if not descriptions:
        return
    facet_ids = save_facets(chain.from_iterable(d.facets for d in descriptions.values()))
    events = _item_events(list(descriptions))
    Item.objects.bulk_create(
        [
            Item(
                key=event.target_key,
                version=event.pk,
                live=True,
                title=description.title,
                text=description.text,
                published_at=description.published_at,
                facet_keys=keys_by_kind(description.facets),
            )
            for event in events
            for description in [descriptions[event.target_key]]
        ],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["version", "live", "title", "text", "published_at", "facet_keys"],
    )
    _save_links(
        {
            key: {facet_ids[facet.key] for facet in description.facets}
            for key, description in descriptions.items()
        }
    )


def _save_links(wanted: dict[str, set[int]]) -> None:
    """Make each item's facets exactly these."""
    through = Item.facets.through
    item_ids = dict(Item.objects.filter(key__in=wanted).values_list("key", "id"))
    existing = through.objects.filter(item_id__in=item_ids.values())
    have = {(link.item_id, link.facet_id): link.pk for link in existing}
    want = {(item_ids[key], facet) for key, facets in wanted.items() for facet in facets}
    through.objects.filter(pk__in=[have[pair] for pair in have.keys() - want]).delete()
    through.objects.bulk_create(
        [through(item_id=item, facet_id=facet) for item, facet in sorted(want - have.keys())],
        ignore_conflicts=True,
    )
