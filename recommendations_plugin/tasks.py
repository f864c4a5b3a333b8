"""What runs in workers. The dotted names here are stable: queues and schedules hold them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

from . import conf, runs
from .events import catalogue, experiments, impressions, outbox, steering
from .graph.base import Graph, GraphError, GraphUnavailable, open_graph
from .index import artifacts
from .jobs.base import jobs
from .models import Event

logger = logging.getLogger(__name__)

SYNC = "recommendations_plugin.tasks.sync"
TRAIN = "recommendations_plugin.tasks.train"
RETRAIN = "recommendations_plugin.tasks.retrain"
PRUNE = "recommendations_plugin.tasks.prune"
RECONCILE = "recommendations_plugin.tasks.reconcile"
EXPERIMENTS = "recommendations_plugin.tasks.stop_experiments"


def schedule() -> None:
    """Make or change the plugin's schedules; run it at each deploy."""
    queue, training = jobs(), conf.settings.TRAINING_CLUSTER
    queue.schedule("recommendations: sync", SYNC, minutes=1)
    queue.schedule("recommendations: reconcile", RECONCILE, minutes=60)
    queue.schedule("recommendations: experiments", EXPERIMENTS, minutes=15)
    queue.schedule("recommendations: prune", PRUNE, minutes=24 * 60)
    queue.schedule(
        "recommendations: retrain",
        RETRAIN,
        minutes=conf.settings.TRAIN_EVERY,
        cluster=training,
    )


# --- sync -------------------------------------------------------------------------------------


def sync(progress: Callable[[int], Any] = lambda n: None) -> int:
    """Drain the outbox into the graph; return how many events went in.

    When the graph is away the events stay where they are and the next run continues.
    """
    total = 0
    try:
        with open_graph() as graph:
            if outbox.pending().exists():
                graph.prepare()  # before any claim: what fails here is no event's fault
            while events := outbox.claim():
                try:
                    total += _write(graph, events)
                except GraphUnavailable:
                    outbox.release(events)
                    raise
                progress(len(events))
    except GraphError as error:
        waiting = outbox.pending().count()
        logger.warning("The graph cannot be written, %s event(s) wait: %s", waiting, error)
    return total


def _write(graph: Graph, events: Sequence[Event]) -> int:
    """Write a batch; where the graph refuses it, halve it until the culprit stands alone."""
    changes = outbox.changes(events)
    try:
        graph.erase_viewers(changes.forgotten)
        graph.write_items(changes.items)
        graph.write_viewers(changes.viewers)
        graph.write_interactions(changes.interactions)
    except GraphUnavailable:
        raise
    except GraphError as error:
        if len(events) == 1:
            outbox.fail(events, str(error))
            return 0
        half = len(events) // 2
        return _write(graph, events[:half]) + _write(graph, events[half:])
    outbox.complete(events)
    return len(events)


def resync(progress: Callable[[int], Any] = lambda n: None) -> dict[str, int]:
    """Empty the graph and fill it again from SQL; return the graph's counts."""
    with open_graph() as graph:
        graph.prepare()
        graph.clear()
        for changes in outbox.everything():
            graph.write_items(changes.items)
            graph.write_viewers(changes.viewers)
            graph.write_interactions(changes.interactions)
            progress(len(changes.items) + len(changes.viewers) + len(changes.interactions))
        return graph.counts()


# --- training ---------------------------------------------------------------------------------


def retrain() -> None:
    """Train now: the scheduled form of ``train``, in this worker."""
    train(runs.request().pk)


def train(run_id: int) -> None:
    """Carry out a training run in a process of its own.

    A forked worker that has already used torch or faiss hangs, and memory goes back for sure only
    when a process ends.
    """
    command = [*_manage(), "recommendations_train", "--run", str(run_id), "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        logger.error("Training run %s failed: %s", run_id, result.stderr.strip()[-2000:])


def _manage() -> list[str]:
    """Return the command line of this site's Django, with its settings in the environment."""
    script = Path(sys.argv[0])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", django_settings.SETTINGS_MODULE)
    if script.name == "manage.py":
        return [sys.executable, str(script.resolve())]
    return [sys.executable, "-m", "django"]


def run_training(
    run_id: int, progress: Callable[[str, float], Any] = lambda what, part: None
) -> str:
    """Train, publish and activate, in this process; return the version.

    Raises ``runs.RunTaken`` when another process trains. Any other error is written down in the
    run before it is raised again.
    """
    run = runs.start(run_id)

    def alive(what: str, part: float) -> None:
        runs.keep_alive(run)
        progress(what, part)

    try:
        alive("reading the graph", 0)
        with open_graph() as graph:
            snapshot = graph.snapshot()
        from .training.train import train as fit

        parameters = {"HISTORY": conf.settings.HISTORY, **conf.settings.MODEL, **run.parameters}
        embeddings, metrics = fit(snapshot, parameters, progress=alive)
        runs.keep_alive(run)
        version = artifacts.publish(embeddings, metrics=metrics)
        data = {
            "viewers": len(snapshot.viewer_keys),
            "items": len(snapshot.item_keys),
            "interactions": len(snapshot.viewer),
        }
        runs.finish(run, version=version, metrics=metrics, data=data)
    except runs.RunTaken:
        raise
    except BaseException as error:  # Ctrl-C too: a lease must not outlive its holder
        runs.fail(run, f"{type(error).__name__}: {error}")
        raise
    activate(version)
    return version


def activate(version: str) -> None:
    """Verify an artifact and serve it; older ones beyond ``ARTIFACTS_KEPT`` are removed, but for
    those that experiments need.

    Raises ``artifacts.BrokenArtifact``; what was served stays served then.
    """
    artifacts.verify(version)
    runs.activate(version)
    artifacts.prune(
        keep=conf.settings.ARTIFACTS_KEPT, active=version, needed=steering.versions_in_use()
    )


# --- housekeeping -----------------------------------------------------------------------------


def reconcile() -> dict[str, int]:
    """Repair drift between the host's tables and the catalogue, then sync."""
    repaired = catalogue.reconcile()
    sync()
    return repaired


def stop_experiments() -> int:
    """Stop the experiments that are decided; return how many."""
    return experiments.stop_decided()


def prune() -> int:
    """Delete old synced events and old impressions; return how many."""
    return outbox.prune() + impressions.prune()
