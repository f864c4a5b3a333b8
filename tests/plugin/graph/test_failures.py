"""Servers that are down, silent, killed or strangers."""

import os
import signal
import socket
import time

import pytest

from recommendations_plugin.graph.base import (
    GraphAuthenticationError,
    GraphError,
    GraphUnavailable,
)
from recommendations_plugin.graph.bolt import BoltGraph
from recommendations_plugin.types import InteractionState, ItemState

ITEMS = [ItemState(f"i{n}", 1, True) for n in range(50)]
INTERACTIONS = [InteractionState("v", f"i{n}", 1, 1.0, True, False, 1.0) for n in range(50)]


@pytest.fixture
def listener():
    """A socket that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def address(listener: socket.socket) -> str:
    return f"bolt://127.0.0.1:{listener.getsockname()[1]}"


CALLS = {
    "ping": lambda graph: graph.ping(),
    "prepare": lambda graph: graph.prepare(),
    "write": lambda graph: graph.write_items(ITEMS),
    "snapshot": lambda graph: graph.snapshot(),
    "counts": lambda graph: graph.counts(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_dead_server_is_noticed_at_once(listener, call):
    uri = address(listener)
    listener.close()
    begun = time.monotonic()
    with BoltGraph(uri) as graph, pytest.raises(GraphUnavailable):
        call(graph)
    assert time.monotonic() - begun < 1


def test_a_silent_server_is_given_up_within_five_seconds(listener):
    begun = time.monotonic()
    with BoltGraph(address(listener)) as graph, pytest.raises(GraphUnavailable):
        graph.ping()
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_every_call_gives_a_silent_server_up(listener, call):
    begun = time.monotonic()
    with BoltGraph(address(listener), timeout=0.5) as graph, pytest.raises(GraphUnavailable):
        call(graph)
    assert time.monotonic() - begun < 2


def test_a_wrong_address_is_a_graph_error():
    with pytest.raises(GraphError, match="nonsense"):
        BoltGraph("nonsense://127.0.0.1")


def test_a_wrong_password_names_the_settings_and_not_the_password(embedded):
    with embedded.graph(password="not-the-password") as graph:
        with pytest.raises(GraphAuthenticationError) as caught:
            graph.ping()
        with pytest.raises(GraphAuthenticationError):
            graph.write_items(ITEMS)
    message = str(caught.value)
    for name in ("OPTIONS", "NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD"):
        assert name in message
    assert "not-the-password" not in message


def test_a_server_that_falls_silent_on_an_open_connection_is_given_up(embedded):
    with embedded.graph(timeout=1) as graph:
        graph.prepare()
        os.kill(embedded.process.pid, signal.SIGSTOP)
        time.sleep(0.5)  # Its threads stop one by one.
        try:
            for call in CALLS.values():
                with pytest.raises(GraphUnavailable):
                    call(graph)
        finally:
            os.kill(embedded.process.pid, signal.SIGCONT)
        assert graph.ping()


def test_an_open_connection_survives_a_restart_and_a_kill_loses_no_acknowledged_write(embedded):
    with embedded.graph() as graph:
        graph.clear()
        graph.write_items(ITEMS)
        graph.write_interactions(INTERACTIONS)
        counts = graph.counts()
        embedded.process.kill()
        embedded.process.wait()
        with pytest.raises(GraphUnavailable):
            graph.ping()
        embedded.start()
        assert (
            graph.counts()
            == counts
            == {
                "viewers": 1,
                "items": 50,
                "facets": 0,
                "interactions": 50,
            }
        )
