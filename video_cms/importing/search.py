"""Puts rows into the search index that no signal puts there, or not soon enough."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail.search.backends import get_search_backends


def index_for_search(model: Any, pks: Iterable[int]) -> None:
    """Add rows to every search backend that follows changes."""
    objects = list(model.get_indexed_objects().filter(pk__in=list(pks)))
    for backend in get_search_backends(with_auto_update=True):
        backend.add_bulk(model, objects)
