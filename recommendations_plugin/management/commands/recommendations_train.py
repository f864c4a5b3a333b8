"""Trains a model, builds its index and serves it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ... import runs, status, tasks

#: How far a training stands behind web processes for the processor (``os.nice``): the farthest.
BEHIND = 19


class Command(BaseCommand):
    help = "Trains from the graph in this process, then builds and activates the index."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run", type=int, help="a queued training run (default: a new one)")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def run_from_argv(self, argv: list[str]) -> None:
        """Train in a process that is there for nothing else, behind those that answer visitors."""
        stand_back()
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        run_id = options["run"] or runs.request().pk
        with tqdm(total=100, unit="%", desc="Training", disable=options["quiet"]) as bar:

            def show(what: str, part: float) -> None:
                bar.set_postfix_str(what)
                bar.update(max(0, round(100 * part) - bar.n))

            try:
                with _stopped_by_terminate():
                    version = tasks.run_training(run_id, progress=show)
            except (KeyboardInterrupt, runs.RunCancelled) as error:
                raise CommandError(
                    "Training was stopped. What is served stays served; the next training goes on "
                    "from what this one computed.",
                    returncode=tasks.STOPPED,
                ) from error
            except Exception as error:
                raise CommandError(f"{type(error).__name__}: {error}") from error
        trained = runs.latest()
        figures = status.figures(trained.metrics) if trained else ""
        if runs.active_version() == version:
            self.stdout.write(f"Serving {version}. {figures}")
        else:
            self.stdout.write(
                f"Trained {version}, which is not served because it is worse than what is. "
                f"{figures} Its page in the admin says in what."
            )


def stand_back() -> None:
    """Let every other process go first: pages do not wait for a training that has a processor."""
    if hasattr(os, "nice"):
        os.nice(BEHIND)
    if hasattr(os, "SCHED_IDLE"):  # Linux: whoever wakes up takes over at once
        with suppress(PermissionError):  # some containers allow no such call
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Linux shares processors among sessions before it looks at processes: sched(7), "autogroup".
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with suppress(OSError), open("/proc/self/autogroup", "w") as autogroup:
            autogroup.write(str(BEHIND))


@contextmanager
def _stopped_by_terminate() -> Iterator[None]:
    """Let a service manager's SIGTERM end a training as cleanly as Ctrl-C does."""

    def stop(*args: Any) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
