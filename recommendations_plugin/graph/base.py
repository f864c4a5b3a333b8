"""The graph contract, and how a site's configured graph is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from django.utils.module_loading import import_string

from .. import conf
from ..types import InteractionState, ItemState, Snapshot, ViewerState


class GraphError(Exception):
    """The graph refused something it was asked."""


class GraphUnavailable(GraphError):
    """The graph cannot be reached or does not answer in time; try again later."""


class GraphAuthenticationError(GraphUnavailable):
    """The graph refused the user name or password; somebody has to correct the settings."""


class Graph(ABC):
    """A property graph of viewers, items and facets. Every write is idempotent.

    A state replaces an older one of the same entity and never a newer one (``version``), so
    writes may be repeated and may arrive in any order. Use it as a context manager.
    """

    @abstractmethod
    def prepare(self) -> None:
        """Make the constraints and indexes; harmless when they exist."""

    @abstractmethod
    def write_items(self, states: Sequence[ItemState]) -> None:
        """Upsert items with exactly these facets."""

    @abstractmethod
    def write_viewers(self, states: Sequence[ViewerState]) -> None:
        """Upsert viewers with exactly these interests and follows."""

    @abstractmethod
    def write_interactions(self, states: Sequence[InteractionState]) -> None:
        """Upsert what viewers did with items."""

    @abstractmethod
    def erase_viewers(self, keys: Iterable[str]) -> None:
        """Delete viewers and everything that hangs on them."""

    @abstractmethod
    def clear(self) -> None:
        """Delete everything, in bounded batches."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """Return the whole graph as arrays, live items only, in a stable order of keys."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """Return the number of ``viewers``, ``items`` (live), ``facets`` and ``interactions``."""

    @abstractmethod
    def ping(self) -> str:
        """Return the server's name and version; raise ``GraphUnavailable`` within 5 s if down."""

    @abstractmethod
    def close(self) -> None:
        """Give back connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_graph() -> Graph:
    """Return the graph that the site's settings name; nothing is contacted yet."""
    backend: type[Graph] = import_string(conf.settings.GRAPH["BACKEND"])
    return backend(**conf.graph_options())
