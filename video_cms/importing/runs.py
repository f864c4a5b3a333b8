"""Back catalogues that were sent: kept in a private folder, imported by the queue, cleared away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from ..models import CreatorProfile, ImportRun, User
from .archive import unpack
from .catalogue import VIDEOS, CatalogueImport
from .report import ImportFailed, Report

#: How often progress is written, in seconds.
EVERY = timedelta(seconds=2)
State = ImportRun.State


def folder(run: ImportRun) -> Path:
    """Return where a run's files lie; nobody else reads them."""
    return Path(settings.VAR_DIR) / "imports" / run.run_id.hex


@transaction.atomic
def begin(user: User, upload: UploadedFile) -> ImportRun:
    """Keep what was sent; the queue imports it after the commit."""
    run = ImportRun.objects.create(user=user, name=(upload.name or "")[:120])
    place = folder(run)
    place.mkdir(mode=0o700, parents=True)
    with (place / "sent.zip").open("xb") as file:
        for piece in upload.chunks():
            file.write(piece)

    def queue() -> None:
        from django_q.tasks import async_task

        async_task("video_cms.tasks.import_catalogue", run.pk, cluster="processing")

    transaction.on_commit(queue)
    return run


def carry_out(run: ImportRun) -> None:
    """Import what was sent; may come twice: what is there already stays as it is."""
    ImportRun.objects.filter(pk=run.pk).update(state=State.RUNNING)
    report, place = Report(), folder(run)
    outcome = {"state": State.DONE, "failure": ""}
    try:
        shutil.rmtree(place / "unpacked", ignore_errors=True)  # of a worker that was killed
        unpack(place / "sent.zip", place / "unpacked")
        owner = CreatorProfile.objects.select_related("user").get(user=run.user_id)
        CatalogueImport(place / "unpacked", report, track=progress_of(run), owner=owner).run()
    except ImportFailed as error:
        outcome = {"state": State.FAILED, "failure": str(error)}
    shutil.rmtree(place, ignore_errors=True)
    ImportRun.objects.filter(pk=run.pk).update(
        **outcome,
        read=1,
        made=report.made[VIDEOS],
        left=report.left[VIDEOS],
        refused=report.rejected,
        reasons=[list(reject) for reject in report.rejects],
        ended_at=timezone.now(),
    )


def progress_of(run: ImportRun) -> Callable[[Path], Callable[[int], object]]:
    """Return what notes how much of a table has been read."""

    def track(path: Path) -> Callable[[int], object]:
        size, done, written = max(1, path.stat().st_size), 0, timezone.now()

        def update(bytes_read: int) -> None:
            nonlocal done, written
            done += bytes_read
            if timezone.now() - written > EVERY:
                written = timezone.now()
                ImportRun.objects.filter(pk=run.pk).update(read=min(1.0, done / size))

        return update

    return track


def forget(user: User) -> None:
    """Delete the files of an account's imports; the rows go with the account."""
    for run in ImportRun.objects.filter(user=user):
        shutil.rmtree(folder(run), ignore_errors=True)
