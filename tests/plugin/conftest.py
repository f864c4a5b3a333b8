"""Two real servers: every contract test runs on the embedded graph and on Neo4j.

``TEST_NEO4J_URI`` (with ``TEST_NEO4J_USER`` and ``TEST_NEO4J_PASSWORD``) names a Neo4j to use
instead of starting one; the tests empty it.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from recommendations_plugin import conf
from recommendations_plugin.graph.bolt import BoltGraph

ROOT = Path(__file__).resolve().parents[2]
EMBEDDED = [sys.executable, str(ROOT / "manage.py"), "recommendations_graph"]
NEO4J = [sys.executable, str(ROOT / "tests" / "neo4j" / "start.py")]
ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "videosite.settings.test"}


class Server:
    """A graph server in a process of its own."""

    def __init__(self, command: list[str], directory: Path, **options: Any) -> None:
        self.command, self.directory = command, directory
        self.port = free_port()
        self.options = {"uri": f"bolt://127.0.0.1:{self.port}", **options}
        self.log = directory.with_suffix(".log")

    def start(self) -> None:
        arguments = ["--port", str(self.port), "--dir", str(self.directory)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*self.command, *arguments],
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for line in self.process.stdout:
            if line.startswith("Graph ready at "):
                return
        self.stop()
        pytest.fail(f"{self.command} did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def graph(self, **options: Any) -> BoltGraph:
        return BoltGraph(**{**self.options, **options})


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def make_embedded(directory: Path) -> Server:
    login = {"user": "root", "password": conf.embedded_password(), "database": "recommendations"}
    return Server(EMBEDDED, directory, **login)


@pytest.fixture(params=["embedded", "neo4j"], scope="session")
def options(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """How to reach a running server: what ``BoltGraph`` is made with."""
    directory = tmp_path_factory.mktemp("graph") / request.param
    if request.param == "embedded":
        server = make_embedded(directory)
    elif uri := os.environ.get("TEST_NEO4J_URI"):
        yield {
            "uri": uri,
            "user": os.environ.get("TEST_NEO4J_USER"),
            "password": os.environ.get("TEST_NEO4J_PASSWORD"),
        }
        return
    else:
        need("java", "mvn")
        server = Server(NEO4J, directory)
    with running(server):
        yield server.options


def need(*programs: str) -> None:
    """Skip without these programs; in continuous integration they have to be there."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        reason = f"A real Neo4j needs {' and '.join(missing)}, or TEST_NEO4J_URI."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture
def graph(options: dict[str, Any]) -> Iterator[BoltGraph]:
    """An empty graph."""
    with BoltGraph(**options) as graph:
        graph.clear()
        graph.prepare()
        yield graph


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An embedded server that a test may stop, kill and start again."""
    with running(make_embedded(tmp_path_factory.mktemp("embedded") / "graph")) as server:
        yield server
