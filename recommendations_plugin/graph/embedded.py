"""The embedded graph server: ArcadeDB with its Bolt plugin, on this machine only.

``manage.py recommendations_graph`` runs it as a process of its own. What it holds can always be
rebuilt from the database.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .base import GraphAuthenticationError
from .bolt import BoltGraph

DATABASE = "recommendations"
HEAP = "512m"
BOLT_PLUGIN = "Bolt:com.arcadedb.bolt.BoltProtocolPlugin"

LOGGING = """\
handlers = java.util.logging.FileHandler
.level = WARNING
java.util.logging.FileHandler.pattern = {directory}/log/server.log
java.util.logging.FileHandler.limit = 1000000
java.util.logging.FileHandler.formatter = java.util.logging.SimpleFormatter
"""


class EmbeddedGraphError(Exception):
    """The server cannot run here; the message says what to do."""


def serve(
    directory: Path, host: str, port: int, password: str, ready: Callable[[str], None]
) -> None:
    """Run the server until SIGINT or SIGTERM; call ``ready(uri)`` once it answers.

    The data are in ``directory``. Only the main thread can call this, once in a process.
    """
    check_port(host, port)
    server = make_server(directory, host, port, password)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    start(server, directory)
    try:
        uri = f"bolt://{host}:{port}"
        prepare(uri, password, directory)
        ready(uri)
        stop.wait()
    finally:
        server.stop()


def check_port(host: str, port: int) -> None:
    """Raise when another process listens on the port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise EmbeddedGraphError(
                f"The embedded graph cannot listen on {host}:{port} ({error.strerror}). Choose "
                'another port with RECOMMENDATIONS["EMBEDDED_GRAPH"]["PORT"] (in the video site '
                "the environment variable GRAPH_PORT) or stop what uses this one."
            ) from error


def make_server(directory: Path, host: str, port: int, password: str) -> Any:
    """Return the configured server, not started; the Java machine starts here."""
    try:
        import jpype.config
        from arcadedb_embedded.server import ArcadeDBServer
    except ImportError as error:
        raise EmbeddedGraphError(
            "The embedded graph needs the package arcadedb-embedded: "
            "pip install 'wagtail-recommendations-plugin[embedded]', "
            "or set up Neo4j and its address."
        ) from error
    # Do not wait for the threads of clients that are still connected when all is stopped.
    jpype.config.destroy_jvm = False
    directory = directory.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / "log").mkdir(exist_ok=True)
    logging = directory / "logging.properties"
    pattern = directory.as_posix().replace("%", "%%")
    logging.write_text(LOGGING.format(directory=pattern), encoding="utf-8")
    config = {
        "host": host,
        "http_port": 0,  # It cannot be switched off: any free port, on the same host.
        "server_plugins": BOLT_PLUGIN,
        "bolt_port": port,
        "server_logsDirectory": f"{directory}/log",
        "mode": "production",
    }
    options = [
        "-Xrs",  # Leave SIGTERM to Python, which stops the server in order.
        f"-Djava.util.logging.config.file={logging}",
        f"-XX:ErrorFile={directory}/log/crash.log",
    ]
    java = {"heap_size": HEAP, "jvm_args": options}
    return ArcadeDBServer(str(directory), password, config, java)


def start(server: Any, directory: Path) -> None:
    """Start the server and make its database if it is not there."""
    try:
        server.start()
        server.create_database(DATABASE)
    except Exception as error:
        server.stop()
        raise EmbeddedGraphError(
            f"The embedded graph did not start on the data in {directory} ({error}). "
            "Make sure that no other process uses that folder."
        ) from error


def prepare(uri: str, password: str, directory: Path) -> None:
    """Make sure that the server answers this site, and that its constraints exist."""
    try:
        with BoltGraph(uri, "root", password, DATABASE) as graph:
            graph.prepare()
    except GraphAuthenticationError as error:
        raise EmbeddedGraphError(
            f"The graph in {directory} was made with another SECRET_KEY, from which its password "
            "comes. Set that key again, or delete the folder: all it holds is rebuilt from the "
            "database."
        ) from error
