"""What runs in workers. The dotted names here are stable: queues and schedules hold them."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext_noop
from wagtail.models import Revision

from . import __version__, conf, releases, runs
from .events import catalogue, drift, experiments, impressions, outbox, summaries
from .graph.base import Graph, GraphError, GraphUnavailable, open_graph
from .index import artifacts
from .jobs.base import jobs
from .models import EditorialRule, Event, TrainingRun

logger = logging.getLogger(__name__)

SYNC = "recommendations_plugin.tasks.sync"
TRAIN = "recommendations_plugin.tasks.train"
RETRAIN = "recommendations_plugin.tasks.retrain"
DRIFT = "recommendations_plugin.tasks.retrain_if_drifted"
PRUNE = "recommendations_plugin.tasks.prune"
RECONCILE = "recommendations_plugin.tasks.reconcile"
EXPERIMENTS = "recommendations_plugin.tasks.stop_experiments"
PINS = "recommendations_plugin.tasks.publish_pins"
SUMMARISE = "recommendations_plugin.tasks.summarise"

#: Folder, beside the artifacts, of what an unfinished training keeps for the next one.
KEPT = ".training"
#: What of a model's parameters was chosen.
RECIPE = ("parts", "half_life", "facet_weight")
#: Exit status of a training that somebody stopped.
STOPPED = 130


def schedule() -> None:
    """Make or change the plugin's schedules; run it at each deploy."""
    queue, training = jobs(), conf.settings.TRAINING_CLUSTER
    queue.schedule("recommendations: sync", SYNC, minutes=1)
    queue.schedule("recommendations: reconcile", RECONCILE, minutes=60)
    queue.schedule("recommendations: pins", PINS, minutes=1)
    queue.schedule("recommendations: experiments", EXPERIMENTS, minutes=15)
    queue.schedule("recommendations: summarise", SUMMARISE, minutes=30)
    queue.schedule("recommendations: prune", PRUNE, minutes=24 * 60)
    queue.schedule(
        "recommendations: retrain",
        RETRAIN,
        minutes=conf.settings.TRAIN_EVERY,
        cluster=training,
    )
    queue.schedule(
        "recommendations: drift",
        DRIFT,
        minutes=conf.settings.RETRAIN["CHECK_EVERY"],
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


def retrain_if_drifted() -> None:
    """Train now if what people do has moved on from the model (``RETRAIN``), in this worker."""
    trained = runs.latest()
    if trained is not None and drift.of(trained).reasons:
        retrain()


def train(run_id: int) -> None:
    """Carry out a training run in a process of its own.

    A forked worker that has already used torch or faiss hangs, and memory goes back for sure only
    when a process ends.
    """
    command = [*_manage(), "recommendations_train", "--run", str(run_id), "--quiet"]
    result = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=not _in_terminal(),  # one that can stand back; Ctrl-C reaches only ours
    )
    if result.returncode not in (0, STOPPED):
        logger.error("Training run %s failed: %s", run_id, result.stderr.strip()[-2000:])


def _in_terminal() -> bool:
    """Return whether Ctrl-C may be pressed for this process."""
    try:
        with open("/dev/tty"):
            return True
    except OSError:
        return False


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
    """Train and publish in this process, serve what is not worse; return the version.

    Raises ``runs.RunCancelled`` when somebody cancels it, ``runs.RunTaken`` when another process
    trains. Any other error is written down in the run before it is raised again. What takes long to
    compute is kept until a run ends well, so the next one on the same data goes on from there.
    """
    run = runs.start(run_id)

    def alive(what: str, part: float) -> None:
        runs.keep_alive(run, what, part)
        progress(what, part)

    try:
        version, metrics, data = _published(run, alive)
        runs.finish(run, version=version, metrics=metrics, data=data)
        shutil.rmtree(artifacts.root_folder() / KEPT, ignore_errors=True)
    except runs.RunTaken:
        raise
    except KeyboardInterrupt:  # a lease must not outlive its holder
        runs.cancel(run.pk, gettext_noop("Stopped from the terminal."))
        raise
    except BaseException as error:
        runs.fail(run, f"{type(error).__name__}: {error}")
        raise
    run.refresh_from_db()
    releases.release_trained(run)
    return version


def _published(
    run: TrainingRun, alive: Callable[[str, float], Any]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Train on the graph and publish; return the version, its metrics and what it was made of."""
    alive("reading the graph", 0)
    newest_event, as_of = outbox.newest(), outbox.synced_until()
    with open_graph() as graph:
        snapshot = graph.snapshot()
    from .training.train import train as fit

    live = runs.active()
    choice = _choice(live or runs.latest(), len(snapshot.viewer))
    parameters = {
        "HISTORY": conf.settings.HISTORY,
        "KEPT": artifacts.root_folder() / KEPT,
        "RECIPE": choice.get("recipe"),
        "LIVE": _recipe_of(live),
        **conf.settings.MODEL,
        **run.parameters,
    }
    embeddings, metrics = fit(snapshot, parameters, progress=alive)
    alive("building the index", 1)
    embeddings = replace(embeddings, parameters={**embeddings.parameters, "as_of": as_of})
    if live is not None and "live" in metrics:
        metrics["live"]["version"] = live.version
    version = artifacts.publish(embeddings, metrics=metrics)
    chosen = {
        "recipe": {name: embeddings.parameters[name] for name in RECIPE},
        "interactions": len(snapshot.viewer),
        "plugin": __version__,
    }
    data = {
        "viewers": len(snapshot.viewer_keys),
        "items": len(snapshot.item_keys),
        "interactions": len(snapshot.viewer),
        "newest_event": newest_event,
        "choice": choice or chosen,
    }
    return version, metrics, data


def _choice(trained: TrainingRun | None, interactions: int) -> dict[str, Any]:
    """Return what an earlier training chose, while it is of nearly as much data as there is now."""
    choice: dict[str, Any] = trained.data.get("choice", {}) if trained else {}
    grown = 1 + conf.settings.RETRAIN["CHOOSE_AGAIN"]
    still = choice.get("plugin") == __version__ and interactions < grown * choice["interactions"]
    return choice if still else {}


def _recipe_of(live: TrainingRun | None) -> dict[str, Any] | None:
    """Return what the live model was made by, where this version of the plugin can make it."""
    choice = live.data.get("choice", {}) if live else {}
    return choice.get("recipe") if choice.get("plugin") == __version__ else None


class CannotEvaluate(Exception):
    """There is nothing to measure, or the graph is away; the message says what to do."""


def evaluate(
    again: bool = False, progress: Callable[[str, float], Any] = lambda what, part: None
) -> dict[str, dict[str, Any]]:
    """Return how good the live model is beside popularity, by what was measured.

    ``again``: encoders are chosen anew for that too. Takes about as long as a training without
    choosing; changes nothing. Raises ``CannotEvaluate``.
    """
    try:
        with open_graph() as graph:
            snapshot = graph.snapshot()
    except GraphError as error:
        raise CannotEvaluate(str(error)) from error
    from .training.beside import FEWEST, beside

    live, version = None, runs.active_version()
    if version:
        try:
            artifact = artifacts.load(version)
        except artifacts.BrokenArtifact as error:
            raise CannotEvaluate(f"The active model is broken: {error}") from error
        made = datetime.fromisoformat(artifact.manifest["created_at"]).timestamp()
        live = artifact.embeddings, made
    parameters = {"HISTORY": conf.settings.HISTORY, **conf.settings.MODEL}
    reports = beside(snapshot, parameters, live, progress, again)
    if not reports:
        raise CannotEvaluate(
            f"Fewer than {FEWEST} interactions can be held out. Come back when more was watched, "
            "or run `manage.py recommendations_sync` if events wait."
        )
    return reports


# --- housekeeping -----------------------------------------------------------------------------


def reconcile() -> dict[str, int]:
    """Repair drift between the host's tables and the catalogue, then sync."""
    repaired = catalogue.reconcile()
    sync()
    return repaired


def publish_pins() -> int:
    """Publish the pins whose time has come, as ``publish_scheduled`` would; return how many."""
    pins = ContentType.objects.get_for_model(EditorialRule)
    due = Revision.objects.filter(content_type=pins, approved_go_live_at__lt=timezone.now())
    revisions = list(due.order_by("approved_go_live_at"))
    for revision in revisions:
        revision.publish(log_action="wagtail.publish.scheduled")
    return len(revisions)


def stop_experiments() -> int:
    """Stop the experiments that are decided; return how many."""
    return experiments.stop_decided()


def summarise() -> int:
    """Sum up what the dashboard and the reports show; return how many days were."""
    days = summaries.summarise()
    if (trained := runs.latest()) is not None:
        summaries.keep("drift", {"run": trained.pk, **asdict(drift.of(trained))})
    return days


def prune() -> int:
    """Delete old synced events and old impressions; return how many."""
    return outbox.prune() + impressions.prune()
