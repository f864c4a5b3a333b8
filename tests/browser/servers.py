"""A server in a process of its own, which can be killed, and a line to one, which can break."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
#: Serves the site with the test's database and files.
SERVE = """
import sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.core.wsgi import get_wsgi_application
from waitress.server import create_server
server = create_server(get_wsgi_application(), listen=sys.argv[2], threads=4)
print("ready", flush=True)
server.run()
"""


class Server:
    """A site's process on a port that stays the same when another takes its place."""

    def __init__(self) -> None:
        with socket.create_server(("localhost", 0)) as free:
            self.place = f"localhost:{free.getsockname()[1]}"
        self.start()

    def start(self) -> None:
        """Start the process, and wait until it takes requests."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(connection.settings_dict["NAME"]), self.place],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT / "site"), str(ROOT)]),
                "DJANGO_SETTINGS_MODULE": "videosite.settings.dev",
                "SECRET_KEY": settings.SECRET_KEY,
                "VAR_DIR": str(settings.VAR_DIR),
            },
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        """End the process without a warning, as ``kill -9`` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


class Line:
    """A way to a server that breaks when so many bytes have gone to it, once for each number.

    If it ``stands``, it first stands still until ``end`` is set.
    """

    def __init__(self, server: str, fails_at: tuple[int, ...] = (), stands: bool = False) -> None:
        self.to, self.left, self.stands, self.sent = urlsplit(server), list(fails_at), stands, 0
        self.failed, self.end, self.lock = Event(), Event(), Lock()
        self.door = socket.create_server(("localhost", 0))
        self.url = f"http://localhost:{self.door.getsockname()[1]}"
        Thread(target=self.open, daemon=True).start()

    def open(self) -> None:
        while True:
            try:
                near, _address = self.door.accept()
            except OSError:  # closed
                return
            try:
                far = socket.create_connection((self.to.hostname, self.to.port))
            except OSError:  # no server is there
                near.close()
                continue
            Thread(target=self.carry, args=(near, far, self.breaks), daemon=True).start()
            Thread(target=self.carry, args=(far, near, lambda _count: False), daemon=True).start()

    def breaks(self, count: int) -> bool:
        with self.lock:
            self.sent += count
            if not self.left or self.sent < self.left[0]:
                return False
            del self.left[0]
        self.failed.set()
        if self.stands:
            self.end.wait(60)
        return True

    def carry(
        self, source: socket.socket, target: socket.socket, broken: Callable[[int], bool]
    ) -> None:
        try:
            while piece := source.recv(16_384):
                target.sendall(piece)
                if broken(len(piece)):
                    break
        except OSError:
            pass  # the other direction has ended
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                end.close()

    def close(self) -> None:
        self.end.set()
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
