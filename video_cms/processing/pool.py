"""Worker processes that look at files one after the other, and are replaced when they fail."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from .probe import LIMITS, Findings, Probe, UnusableVideo
from .sniff import HEAD, sniff

#: What the child runs: isolated, it finds our package by nothing but this.
CODE = "import sys; sys.path.append(sys.argv[1]); from video_cms.processing.child import main; "
CODE += "main.main(int(sys.argv[2]))"
ROOT = Path(__file__).parents[2]
#: What a child may know of our environment: enough to start, no secret.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
#: Seconds without a word after which a child is given up.
PATIENCE = 60.0
#: How a process ends that others killed: the system short of memory, or people.
KILLED = -9

Job = TypeVar("Job")
Tell = Callable[[float], object]


class Worker:
    """One child process. A file that makes it hang or die costs that file only.

    One that shall write files gets the right to at most ``bytes_at_most`` each.
    """

    def __init__(self, patience: float = PATIENCE, bytes_at_most: int = 0) -> None:
        self.patience, self.bytes_at_most = patience, bytes_at_most
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def look(self, path: str | os.PathLike[str], tell: Tell | None = None) -> Findings:
        """Return what is in a file and a poster. Raises ``UnusableVideo``."""
        found = self.ask("look", path, tell)
        poster = base64.b64decode(found.pop("poster"))
        return Findings(Probe(**found), poster)

    def ask(
        self, task: str, path: str | os.PathLike[str], tell: Tell | None = None, **more: Any
    ) -> dict[str, Any]:
        """Have something done with a file; see ``child.main``. Raises ``UnusableVideo``.

        ``tell`` hears at least every few seconds how far it is, from 0 to 1.
        """
        limits = {**LIMITS, "seconds": more.pop("seconds", LIMITS["seconds"])}
        request = {"task": task, "path": os.fspath(path), "demuxer": demuxer_of(path)}
        answer = self._send({**request, "limits": limits, **more}, tell)
        if "error" in answer:
            raise UnusableVideo(answer["error"])
        done: dict[str, Any] = answer["done"]
        return done

    def stop(self) -> int | None:
        """End the child process, whatever it is doing; returns how it ended, if there was one."""
        if self._process is None:
            return None
        self._process.kill()
        self._process.communicate()
        code, self._process = self._process.returncode, None
        return code

    def _send(self, request: dict[str, Any], tell: Tell | None) -> dict[str, Any]:
        process = self._running()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        except OSError:
            return self._ended()
        while True:
            answer = self._line(process)
            if "progress" not in answer:
                return answer
            if tell is not None:
                tell(answer["progress"])

    def _line(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        too_late = threading.Timer(self.patience, process.kill)
        too_late.start()
        try:
            line = process.stdout.readline()  # type: ignore[union-attr]
        finally:
            waiting = too_late.is_alive()
            too_late.cancel()
        if line.endswith(b"\n"):
            found: dict[str, Any] = json.loads(line)
            return found
        ended = self._ended()
        return ended if waiting else {"error": "too_slow"}

    def _ended(self) -> dict[str, Any]:
        return {"error": "killed" if self.stop() == KILLED else "too_heavy"}

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            arguments = [os.fspath(ROOT), str(self.bytes_at_most)]
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-c", CODE, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        return self._process


def demuxer_of(path: str | os.PathLike[str]) -> str:
    """Return the one demuxer that may read a file. Raises ``UnusableVideo``."""
    if not os.path.isfile(path):  # neither a folder nor a pipe that never answers
        raise UnusableVideo("missing")
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head:
        raise UnusableVideo("empty")
    demuxer = sniff(head)
    if demuxer is None:
        raise UnusableVideo("not_a_video")
    return demuxer


def look_at_all(
    jobs: Iterable[tuple[Job, str]], processes: int = 2, patience: float = PATIENCE
) -> Iterator[tuple[Job, Findings | UnusableVideo]]:
    """Look at many files at once; yields each job with what was found, as it is found."""
    workers = threading.local()
    started: list[Worker] = []

    def look(path: str) -> Findings | UnusableVideo:
        if not hasattr(workers, "own"):
            workers.own = Worker(patience)
            started.append(workers.own)
        try:
            findings: Findings = workers.own.look(path)
        except UnusableVideo as unusable:
            return unusable
        return findings

    todo = iter(jobs)
    running: dict[Future[Findings | UnusableVideo], Job] = {}
    with ThreadPoolExecutor(processes) as threads:
        try:
            while True:
                for job, path in islice(todo, 2 * processes - len(running)):
                    running[threads.submit(look, path)] = job
                if not running:
                    return
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(done), done.result()
        finally:
            for worker in started:
                worker.stop()
