"""The graph over Bolt with the official driver: Neo4j in production, ArcadeDB embedded.

The only module that imports ``neo4j``; it is itself imported by ``open_graph()`` alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, LiteralString, TypeVar

import neo4j
import numpy as np
from neo4j.exceptions import (
    AuthConfigurationError,
    AuthError,
    ConnectionPoolError,
    ConstraintError,
    DriverError,
    Neo4jError,
    TransientError,
)

from ..types import InteractionState, ItemState, Snapshot, ViewerState
from . import queries
from .base import Graph, GraphAuthenticationError, GraphError, GraphUnavailable

#: Entities in one transaction: enough to be fast, few enough for a 512 MB server.
BATCH = 5_000
#: Items carry their text, viewers and their erasure all that hangs on them.
SMALL_BATCH = 500
#: Nodes or relationships deleted in one transaction of ``clear``.
CLEAR_BATCH = 10_000
#: Seconds to wait before each repeat of a transaction that met another writer.
PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)

Row = dict[str, Any]
State = TypeVar("State", ItemState, ViewerState, InteractionState)

# What the reading queries answer, with the places of keys instead of the first two columns.
INTERACTION_ROW = np.dtype(
    [
        ("from", "i8"),
        ("to", "i8"),
        ("portion", "f4"),
        ("liked", "?"),
        ("dismissed", "?"),
        ("at", "f8"),
    ]
)
PAIR_ROW = np.dtype([("from", "i8"), ("to", "i8")])
SCORED_PAIR_ROW = np.dtype([("from", "i8"), ("to", "i8"), ("score", "f4")])


class BoltGraph(Graph):
    """A graph at a ``bolt://`` or ``neo4j://`` address (``+s`` for TLS).

    ``timeout``: seconds to reach the server and to have it answer a connection's first words;
    it leaves room below the 5 s that ``Graph.ping`` allows. Making one contacts nothing.
    """

    def __init__(
        self,
        uri: str,
        user: str | None = None,
        password: str | None = None,
        database: str | None = None,
        timeout: float = 4.0,
    ) -> None:
        self.uri = uri
        self.database = database
        with self._own_errors():
            self._driver = neo4j.GraphDatabase.driver(
                uri,
                auth=(user, password or "") if user else None,
                connection_timeout=timeout,
                # The one option that also bounds a server which accepts and then says nothing.
                connection_acquisition_timeout=timeout,
                # Ask every pooled connection for a sign of life before using it, so that a
                # restarted or silent server is noticed here and not in the middle of a write.
                liveness_check_timeout=0,
                # Neo4j warns of relationship types that nobody has written yet.
                notifications_min_severity="OFF",
            )

    def prepare(self) -> None:
        for constraint in queries.CONSTRAINTS:
            self._transact(run, constraint)

    def write_items(self, states: Sequence[ItemState]) -> None:
        for batch in batched(newest(states, lambda state: state.key), SMALL_BATCH):
            self._transact(write_items, batch)

    def write_viewers(self, states: Sequence[ViewerState]) -> None:
        for batch in batched(newest(states, lambda state: state.key), SMALL_BATCH):
            self._transact(write_viewers, batch)

    def write_interactions(self, states: Sequence[InteractionState]) -> None:
        for batch in batched(newest(states, lambda state: (state.viewer, state.item)), BATCH):
            self._transact(write_interactions, batch)

    def erase_viewers(self, keys: Iterable[str]) -> None:
        for batch in batched(sorted(set(keys)), SMALL_BATCH):
            self._transact(erase_viewers, batch)

    def clear(self) -> None:
        for text in queries.CLEAR:
            while self._transact(delete_some, text):
                pass

    def snapshot(self) -> Snapshot:
        """Return live items, all viewers and the facets of live items, each sorted by key.

        Interactions are sorted by viewer and item, pairs by both ends. Interests in and follows
        of a facet that no live item has are left out.
        """
        with self._own_errors(), self._session() as session:
            return read_snapshot(lambda text: (record.values() for record in session.run(text)))

    def counts(self) -> dict[str, int]:
        with self._own_errors(), self._session() as session:
            return {
                name: session.run(text).single(strict=True).value()
                for name, text in queries.COUNTS.items()
            }

    def ping(self) -> str:
        with self._own_errors():
            return self._driver.get_server_info().agent

    def close(self) -> None:
        self._driver.close()

    def _session(self) -> neo4j.Session:
        return self._driver.session(database=self.database)

    def _transact(self, work: Callable[[neo4j.Transaction, Any], Any], argument: Any) -> Any:
        """Run ``work(transaction, argument)``, again when another writer was in the way."""
        with self._own_errors():
            for pause in PAUSES:
                try:
                    return self._try(work, argument)
                except (ConstraintError, TransientError):
                    time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            return self._try(work, argument)

    def _try(self, work: Callable[[neo4j.Transaction, Any], Any], argument: Any) -> Any:
        with self._session() as session, session.begin_transaction() as tx:
            result = work(tx, argument)
            tx.commit()
            return result

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        """Turn the driver's errors into the contract's."""
        try:
            yield
        except (AuthError, AuthConfigurationError) as error:
            raise GraphAuthenticationError(
                f"The graph at {self.uri} refused the user name or password. Check "
                'RECOMMENDATIONS["GRAPH"]["OPTIONS"] (in this project NEO4J_URI, NEO4J_USER '
                "and NEO4J_PASSWORD)."
            ) from error
        except (Neo4jError, DriverError) as error:
            if error.is_retryable() or isinstance(error, ConnectionPoolError):
                raise GraphUnavailable(
                    f"The graph at {self.uri} does not answer: {error}"
                ) from error
            raise GraphError(f"The graph at {self.uri} refused: {error}") from error


# --- writing ----------------------------------------------------------------------------------


def newest(states: Iterable[State], key: Callable[[State], Hashable]) -> list[State]:
    """Return the newest state of each entity, in order of keys so that writers rarely deadlock."""
    latest: dict[Any, State] = {}
    for state in states:
        known = latest.get(key(state))
        if known is None or known.version < state.version:
            latest[key(state)] = state
    return [latest[name] for name in sorted(latest)]


def batched(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield lists of at most ``size`` values."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch


def write_items(tx: neo4j.Transaction, states: Sequence[ItemState]) -> None:
    """Upsert items and replace the facets of those that changed."""
    rows = [
        {
            "key": state.key,
            "version": state.version,
            "live": state.live,
            "title": state.title,
            "text": state.text,
            "published_at": state.published_at,
        }
        for state in states
    ]
    changed = run_for_keys(tx, queries.MERGE_ITEMS, rows)
    facets = [
        {"key": state.key, "facet": facet.key, "kind": str(facet.kind), "name": facet.name}
        for state in states
        if state.key in changed
        for facet in state.facets
    ]
    tx.run(queries.DETACH_FACETS, keys=sorted(changed)).consume()
    run_batches(tx, queries.MERGE_FACETS, list({row["facet"]: row for row in facets}.values()))
    for kind, text in queries.ATTACH_FACETS.items():
        run_batches(tx, text, [row for row in facets if row["kind"] == kind])


def write_viewers(tx: neo4j.Transaction, states: Sequence[ViewerState]) -> None:
    """Upsert viewers and replace the interests and follows of those that changed."""
    rows = [{"key": state.key, "version": state.version} for state in states]
    changed = run_for_keys(tx, queries.MERGE_VIEWERS, rows)
    kept = [state for state in states if state.key in changed]
    interests = [
        {"key": state.key, "facet": facet, "score": score}
        for state in kept
        for facet, score in state.interests.items()
    ]
    follows = [{"key": state.key, "facet": facet} for state in kept for facet in state.follows]
    tx.run(queries.DETACH_CHOICES, keys=sorted(changed)).consume()
    run_batches(tx, queries.ATTACH_INTERESTS, interests)
    run_batches(tx, queries.ATTACH_FOLLOWS, follows)


def write_interactions(tx: neo4j.Transaction, states: Sequence[InteractionState]) -> None:
    """Upsert interactions, with stubs for viewers and items not seen before."""
    rows = [
        {
            "viewer": state.viewer,
            "item": state.item,
            "version": state.version,
            "portion": state.portion,
            "liked": state.liked,
            "dismissed": state.dismissed,
            "at": state.at,
        }
        for state in states
    ]
    tx.run(queries.MERGE_INTERACTIONS, rows=rows).consume()


def erase_viewers(tx: neo4j.Transaction, keys: Sequence[str]) -> None:
    """Delete viewers and everything that hangs on them."""
    tx.run(queries.ERASE_VIEWERS, keys=keys).consume()


def run(tx: neo4j.Transaction, text: LiteralString) -> None:
    """Run a query that takes and returns nothing."""
    tx.run(text).consume()


def run_for_keys(tx: neo4j.Transaction, text: LiteralString, rows: Sequence[Row]) -> set[str]:
    """Run a query that returns one column of keys."""
    return {record.value() for record in tx.run(text, rows=rows)}


def run_batches(tx: neo4j.Transaction, text: LiteralString, rows: Sequence[Row]) -> None:
    """Run a query over rows, some at a time, in the same transaction."""
    for batch in batched(rows, BATCH):
        tx.run(text, rows=batch).consume()


def delete_some(tx: neo4j.Transaction, text: LiteralString) -> int:
    """Delete at most ``CLEAR_BATCH`` things and return how many they were."""
    return int(tx.run(text, limit=CLEAR_BATCH).single(strict=True).value())


# --- reading ----------------------------------------------------------------------------------


def read_snapshot(read: Callable[[LiteralString], Iterator[list[Any]]]) -> Snapshot:
    """Build the snapshot from ``read(query)``, which yields the rows of a query's answer.

    What one query saw and an earlier one did not, because somebody writes meanwhile, is left out.
    """
    viewers = sorted(key for (key,) in read(queries.READ_VIEWERS))
    items = sorted(read(queries.READ_ITEMS))
    item_facets = list(read(queries.READ_ITEM_FACETS))
    kinds = {facet: kind for _, facet, kind in item_facets}
    viewer_at = positions(viewers)
    item_at = positions(row[0] for row in items)
    facet_at = positions(sorted(kinds))
    interactions = table(read(queries.READ_INTERACTIONS), viewer_at, item_at, INTERACTION_ROW)
    belongs = table((row[:2] for row in item_facets), item_at, facet_at, PAIR_ROW)
    interests = table(read(queries.READ_INTERESTS), viewer_at, facet_at, SCORED_PAIR_ROW)
    follows = table(read(queries.READ_FOLLOWS), viewer_at, facet_at, PAIR_ROW)
    return Snapshot(
        viewer_keys=viewers,
        item_keys=list(item_at),
        facet_keys=list(facet_at),
        facet_kinds=[kinds[key] for key in facet_at],
        item_titles=[row[1] for row in items],
        item_texts=[row[2] for row in items],
        published_at=np.array([row[3] for row in items], dtype=np.float64),
        viewer=np.ascontiguousarray(interactions["from"]),
        item=np.ascontiguousarray(interactions["to"]),
        portion=np.ascontiguousarray(interactions["portion"]),
        liked=np.ascontiguousarray(interactions["liked"]),
        dismissed=np.ascontiguousarray(interactions["dismissed"]),
        at=np.ascontiguousarray(interactions["at"]),
        item_facet=ends(belongs),
        interest=ends(interests),
        interest_score=np.ascontiguousarray(interests["score"]),
        follow=ends(follows),
    )


def positions(keys: Iterable[str]) -> dict[str, int]:
    """Return the place of each key, in the order given."""
    return {key: place for place, key in enumerate(keys)}


def table(
    rows: Iterable[Sequence[Any]], first: dict[str, int], second: dict[str, int], dtype: np.dtype
) -> np.ndarray:
    """Return rows ``(key, key, …)`` as a sorted record array ``[n]``, keys replaced by places.

    Rows that mention an unknown key are left out.
    """
    known = (
        (first[row[0]], second[row[1]], *row[2:])
        for row in rows
        if row[0] in first and row[1] in second
    )
    found = np.fromiter(known, dtype=dtype)
    return found[np.lexsort((found["to"], found["from"]))]


def ends(pairs: np.ndarray) -> np.ndarray:
    """Return pairs ``[n]`` of a record array as ``int64 [2, n]``."""
    return np.stack([pairs["from"], pairs["to"]])
