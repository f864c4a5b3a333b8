"""Starts processes, keeps them up and ends them together.

A package such as honcho ends everything when one process ends; here the site has to go on while
the graph is away, so a process that ends is started again.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

#: Seconds a process has to end by itself before it and its children are killed.
GRACE = 10
#: Longest pause before a process that keeps ending is started again, in seconds.
LONGEST_PAUSE = 30


@dataclass
class Service:
    """One process that shall run; its output goes to a file."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_again: float = 0.0
    output: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.output = self.log.open("ab")
        # A session of its own: Ctrl-C reaches the supervisor only, which then tells the parents.
        self.process = subprocess.Popen(  # noqa: S603
            list(self.command),
            stdout=self.output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=dict(self.environment),
            **new_session(),
        )
        self.started = time.monotonic()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self, lines: int = 5) -> str:
        """Return the end of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def new_session() -> dict[str, Any]:
    """Return the arguments that keep a child out of the terminal's process group."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


class Supervisor:
    """Runs services until it is told to stop. Use it as a context manager."""

    def __init__(self, environment: Mapping[str, str], say: Callable[[str], object]) -> None:
        self.environment, self.say = environment, say
        self.services: list[Service] = []
        self.stopping = threading.Event()

    def __enter__(self) -> Supervisor:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the last: the terminal was closed
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def _stop(self, *args: object) -> None:
        if self.stopping.is_set():
            return
        self.stopping.set()
        raise KeyboardInterrupt

    def add(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> Service:
        """Start a service, in the supervisor's environment with additions."""
        service = Service(name, command, log, {**self.environment, **(environment or {})})
        service.start()
        self.services.append(service)
        return service

    def watch(self) -> None:
        """Start again what ends, until stopped."""
        while not self.stopping.wait(0.5):
            for service in self.services:
                if not service.running:
                    self._revive(service)

    def _revive(self, service: Service) -> None:
        now = time.monotonic()
        if not service.start_again:
            code = service.process.returncode if service.process else "?"
            service.failures = 1 if now - service.started > 60 else service.failures + 1
            pause = min(2 ** (service.failures - 1), LONGEST_PAUSE)
            service.start_again = now + pause
            self.say(
                f"{service.name} ended ({code}); starting it again in {pause} s. See {service.log}"
            )
        elif now >= service.start_again:
            service.start_again = 0.0
            service.start()

    def end(self) -> None:
        """End every service: ask each parent, and kill the trees of those that do not go."""
        self.stopping.set()
        trees = [tree(service) for service in self.services]
        for service in reversed(self.services):
            if service.process is not None and service.running:
                service.process.terminate()
        everyone = [process for members in trees for process in members]
        _, alive = psutil.wait_procs(everyone, timeout=GRACE)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=GRACE)
        for service in self.services:
            if service.output:
                service.output.close()


def tree(service: Service) -> list[psutil.Process]:
    """Return a service's process and all below it."""
    if service.process is None:
        return []
    try:
        top = psutil.Process(service.process.pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
