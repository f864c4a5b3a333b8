"""Takes requests, one after the other, within the limits that the parent sets."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

import av

from . import NO_SPACE, cuts, looking, mp4, rungs, stills
from .opening import Unusable

with contextlib.suppress(ImportError):  # not on Windows, where the time limit has to do
    import resource

MEMORY = 3 * 1024**3
#: How far those who write stand behind all others for the processor.
BEHIND = 15
#: Seconds between two lines that say how far it is.
EVERY = 1.0

#: What can be asked for. Each is given the open file, the request and a function to say how far
#: it is, from 0 to 1; each returns what JSON can hold.
TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "look": looking.examine,
    "frames": stills.candidates,
    "mp4": mp4.make,
    "cuts": cuts.choose,
    "rung": rungs.make,
    "storyboard": stills.storyboard,
}


def main(bytes_at_most: int) -> None:
    """Answer requests until the parent goes away."""
    limit_process(bytes_at_most)
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=listen, args=[requests], daemon=True).start()
    while True:
        request = json.loads(requests.get())
        limit_processor_time(request["limits"]["seconds"])
        with Teller() as tell:
            answered = answer(request, tell)
        say(answered)


def listen(requests: queue.Queue[str]) -> None:
    """Pass requests on; end at once when the parent is gone, whatever is being done."""
    for line in sys.stdin:
        requests.put(line)
    os._exit(1)


def limit_process(bytes_at_most: int) -> None:
    """Give up the right to much memory and to write larger files; those who write step back."""
    if bytes_at_most:
        step_back()
    if "resource" in globals():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def step_back() -> None:
    """Let those who answer visitors go first."""
    if hasattr(os, "nice"):
        os.nice(BEHIND)
    # Linux shares processors among sessions first, and this one has a session of its own: without
    # this the niceness would count within it only. See sched(7), "The autogroup feature".
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as autogroup:
        autogroup.write(str(BEHIND))


def limit_processor_time(seconds: int) -> None:
    """Allow this much processor time from now on: the system's limit counts from the start."""
    if "resource" in globals():
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = int(used.ru_utime + used.ru_stime) + seconds + 1
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def answer(request: dict[str, Any], tell: Teller) -> dict[str, Any]:
    """Return what came of a request, or why the file cannot be used."""
    try:
        with open(request["path"], "rb") as file:
            return {"done": TASKS[request["task"]](file, request, tell)}
    except Unusable as unusable:
        return {"error": str(unusable)}
    except MemoryError:
        return {"error": "too_heavy"}
    except (av.FFmpegError, OSError, ValueError) as error:
        return {"error": "no_space" if getattr(error, "errno", 0) in NO_SPACE else "damaged"}


class Teller:
    """Says how far a request is, each ``EVERY`` seconds while it goes on."""

    def __init__(self) -> None:
        self.portion = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.tell, daemon=True)

    def __call__(self, portion: float) -> None:
        self.portion = portion

    def __enter__(self) -> Teller:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.thread.join()

    def tell(self) -> None:
        while not self.done.wait(EVERY):
            say({"progress": round(min(max(self.portion, 0.0), 1.0), 4)})
