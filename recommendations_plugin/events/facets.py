"""Keeps ``Facet`` rows: what items share, under the names it has now."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Facet
from ..types import Facet as FacetType
from ..types import FacetKind


def named(keys: Iterable[str]) -> dict[str, FacetType]:
    """Return the facets of these keys that are known."""
    return {
        row.key: FacetType(FacetKind(row.kind), row.key, row.name)
        for row in Facet.objects.filter(key__in=set(keys))
    }


def save_facets(facets: Iterable[FacetType]) -> dict[str, int]:
    """Make or rename facets; return their ids by key."""
    unique = {facet.key: facet for facet in facets}
    known = {row.key: row for row in Facet.objects.filter(key__in=unique)}
    changed = [
        Facet(key=facet.key, kind=facet.kind, name=facet.name[:255])
        for facet in unique.values()
        if facet.key not in known
        or (known[facet.key].kind, known[facet.key].name) != (facet.kind, facet.name[:255])
    ]
    if changed:
        Facet.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["key"], update_fields=["kind", "name"]
        )
        known = {row.key: row for row in Facet.objects.filter(key__in=unique)}
    return {key: row.pk for key, row in known.items()}


def find(key: str) -> FacetType | None:
    """Return the facet of a key, or None."""
    row = Facet.objects.filter(key=key).first()
    return FacetType(FacetKind(row.kind), row.key, row.name) if row else None
