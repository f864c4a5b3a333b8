"""Training runs and the active model, in SQL: one lease at a time, one version served."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from . import conf
from .models import ActiveModel, TrainingRun
from .signals import model_activated

Status = TrainingRun.Status
MAX_ATTEMPTS = 3


class RunTaken(Exception):
    """Another process is training, or this run is over."""


class RunCancelled(RunTaken):
    """Somebody cancelled this run."""


def request(parameters: Mapping[str, Any] | None = None) -> TrainingRun:
    """Return a run to start: one that waits or whose worker died, or a new one."""
    open_runs = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lt=Now())
    waiting = TrainingRun.objects.filter(open_runs).order_by("id").first()
    return waiting or TrainingRun.objects.create(parameters=dict(parameters or {}))


def start(run_id: int) -> TrainingRun:
    """Take the training lease for a run, by the database's clock.

    Raises ``RunTaken`` when another run holds the lease or this one is over. The try is counted
    before the work, so that a run that kills its worker ends as failed.
    """
    with transaction.atomic():
        TrainingRun.objects.filter(
            status=Status.RUNNING, lease_until__lt=Now(), attempts__gte=MAX_ATTEMPTS
        ).update(
            status=Status.FAILED,
            finished_at=Now(),
            error=gettext_noop("Its worker died at every attempt."),
        )
        # All open runs are locked, so that two machines cannot each start one at the same moment.
        open_runs = TrainingRun.objects.filter(status__in=[Status.QUEUED, Status.RUNNING])
        list(open_runs.select_for_update().order_by("pk"))
        run = TrainingRun.objects.get(pk=run_id)
        held = TrainingRun.objects.filter(status=Status.RUNNING, lease_until__gte=Now())
        free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lt=Now())
        taken = not held.exists() and TrainingRun.objects.filter(free, pk=run_id).update(
            status=Status.RUNNING,
            started_at=Now(),
            lease_until=Now() + timedelta(seconds=conf.settings.TRAINING_LEASE),
            attempts=F("attempts") + 1,
            step="",
            progress=0,
            log=[],
        )
    if not taken:
        if run.status == Status.CANCELLED:
            raise RunCancelled(f"Training run {run.pk} was cancelled.")
        raise RunTaken(f"Training run {run.pk} is {run.get_status_display()} or another one runs.")
    run.refresh_from_db()
    return run


def keep_alive(run: TrainingRun, step: str, progress: float) -> None:
    """Say how far a run is and extend its lease.

    Raises ``RunCancelled``, or ``RunTaken`` when the lease was lost, so that a late writer stops.
    """
    lease = Now() + timedelta(seconds=conf.settings.TRAINING_LEASE)
    if step != run.step and run.elapsed is not None:
        run.step, run.log = step, [*run.log, [round(run.elapsed.total_seconds(), 1), step]]
    if not _held(run).update(lease_until=lease, step=step[:100], progress=progress, log=run.log):
        raise _lost(run)


def finish(
    run: TrainingRun, *, version: str, metrics: Mapping[str, Any], data: Mapping[str, Any]
) -> None:
    """Record a result; raise ``RunTaken`` when the lease was lost meanwhile."""
    done = _held(run).update(
        status=Status.DONE,
        finished_at=Now(),
        lease_until=None,
        step="",
        progress=1,
        version=version,
        metrics=dict(metrics),
        data=dict(data),
    )
    if not done:
        raise _lost(run)


def fail(run: TrainingRun, error: str) -> None:
    """Record why a run failed."""
    _held(run).update(status=Status.FAILED, finished_at=Now(), lease_until=None, error=error[:5000])


def cancel(run_id: int, why: str = "") -> bool:
    """Cancel a run that waits or runs; return whether it did.

    Its process notices at its next sign of life and stops; what is served stays served.
    """
    return bool(
        TrainingRun.objects.filter(pk=run_id, status__in=[Status.QUEUED, Status.RUNNING]).update(
            status=Status.CANCELLED, finished_at=Now(), lease_until=None, error=why
        )
    )


def latest() -> TrainingRun | None:
    """Return the newest run that ended well."""
    return TrainingRun.objects.filter(status=Status.DONE).order_by("-finished_at").first()


def active() -> TrainingRun | None:
    """Return the run whose model is served, if it is known."""
    served = ActiveModel.objects.values("version")[:1]
    return TrainingRun.objects.filter(version=served).exclude(version="").first()


def previous() -> TrainingRun | None:
    """Return the run whose model was served before, if it is known."""
    before = ActiveModel.objects.values("previous")[:1]
    return TrainingRun.objects.filter(version=before).exclude(version="").first()


def rebuilt(version: str, new: str) -> None:
    """Say that a run's model has a new artifact of the same vectors."""
    TrainingRun.objects.filter(version=version).update(version=new)


def _lost(run: TrainingRun) -> RunTaken:
    if TrainingRun.objects.filter(pk=run.pk, status=Status.CANCELLED).exists():
        return RunCancelled(f"Training run {run.pk} was cancelled.")
    return RunTaken(f"Training run {run.pk} lost its lease.")


def _held(run: TrainingRun) -> Any:
    return TrainingRun.objects.filter(pk=run.pk, status=Status.RUNNING, attempts=run.attempts)


def active_version() -> str:
    """Return the served version, or an empty string."""
    return ActiveModel.objects.values_list("version", flat=True).first() or ""


def activate(version: str) -> None:
    """Serve this version from the next request on. The caller has verified the artifact."""
    with transaction.atomic():
        row = ActiveModel.objects.select_for_update().first()
        if row is None:
            ActiveModel.objects.create(pk=1, version=version)
        elif row.version != version:
            row.previous, row.version = row.version, version
            row.save()
        model_activated.send(sender=ActiveModel, version=version)
