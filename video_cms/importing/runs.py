"""Back catalogues that were sent: kept in a private folder, imported by the queue, cleared away.

Who imports one holds a lock on its ZIP, which the system frees when they die; ``tend`` has another
worker go on then. What was imported already stays as it is.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import locks
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..models import CreatorProfile, ImportRun, User
from .archive import unpack
from .catalogue import VIDEOS, CatalogueImport
from .report import ImportFailed, Report

#: How often progress is written, in seconds.
EVERY = timedelta(seconds=2)
#: How often an import is begun: one that breaks off so often never ends well.
MOST_ATTEMPTS = 3
#: Seconds until one that waits is queued again, and that files without a run may lie here.
PATIENCE, GRACE = 3600.0, 3600.0
State = ImportRun.State


def all_folders() -> Path:
    return Path(settings.VAR_DIR) / "imports"


def folder(run: ImportRun) -> Path:
    """Return where a run's files lie; nobody else reads them."""
    return all_folders() / run.run_id.hex


def sent(run: ImportRun) -> Path:
    """Return the ZIP; when it was changed says when the run was last queued."""
    return folder(run) / "sent.zip"


@transaction.atomic
def begin(user: User, upload: UploadedFile, whole: bool = False) -> ImportRun:
    """Keep what was sent; the queue imports it after the commit.

    ``whole``: a catalogue of everybody's, as its tables say; else the videos become the account's.
    """
    run = ImportRun.objects.create(
        user=user,
        name=(upload.name or "")[:120],
        whole=whole,
        language=translation.get_language() or "",
    )
    place = folder(run)
    place.mkdir(mode=0o700, parents=True)
    with (place / "sent.zip").open("xb") as file:
        for piece in upload.chunks():
            file.write(piece)

    transaction.on_commit(lambda: queue(run))
    return run


def queue(run: ImportRun) -> None:
    """Have a worker import what was sent."""
    from django_q.tasks import async_task

    os.utime(sent(run))
    async_task("video_cms.tasks.import_catalogue", run.pk, cluster="processing")


@contextmanager
def held(run: ImportRun) -> Iterator[bool]:
    """Hold a run as long as this process lives; false where another does. ``FileNotFoundError``."""
    with sent(run).open("rb+") as file:
        taken = locks.lock(file, locks.LOCK_EX | locks.LOCK_NB)
        try:
            yield taken
        finally:
            if taken:
                locks.unlock(file)


def carry_out(run: ImportRun) -> None:
    """Import what was sent, or go on with it; nothing where another worker does.

    What it says is in the language of whoever sent it.
    """
    with translation.override(run.language or settings.LANGUAGE_CODE):
        try:
            with held(run) as mine:
                run.refresh_from_db()
                if mine and run.ended_at is None:
                    attempt(run)
        except FileNotFoundError:
            end(run, failure=_("What was sent is no longer here. Send it again."))


def attempt(run: ImportRun) -> None:
    """Import what was sent; the attempt is counted first."""
    runs = ImportRun.objects.filter(pk=run.pk)
    if run.attempts >= MOST_ATTEMPTS:
        end(run, failure=_("This import broke off again and again. Try it in smaller parts."))
        return
    runs.update(state=State.RUNNING, attempts=F("attempts") + 1)
    report, place, failure = Report(), folder(run), ""
    try:
        shutil.rmtree(place / "unpacked", ignore_errors=True)  # of a worker that was killed
        unpack(sent(run), place / "unpacked")
        importer(run, place / "unpacked", report).run()
    except ImportFailed as error:
        failure = str(error)
    end(
        run,
        failure=failure,
        read=1,
        made=run.made + report.made[VIDEOS],
        left=max(0, report.left[VIDEOS] - run.made),  # those of an attempt that broke off
        refused=report.rejected,
        reasons=[list(reject) for reject in report.rejects],
    )


def importer(run: ImportRun, unpacked: Path, report: Report) -> CatalogueImport:
    """Return what imports a run; for a whole catalogue, films may be in the site's storage too."""
    track = progress_of(run, report)
    if run.whole:
        return CatalogueImport(unpacked, report, Path(settings.MEDIA_ROOT), track=track)
    owner = CreatorProfile.objects.select_related("user").get(user=run.user_id)
    return CatalogueImport(unpacked, report, track=track, owner=owner)


def end(run: ImportRun, failure: str, **outcome: object) -> None:
    """Note how a run ended, and clear its files away."""
    state = State.FAILED if failure else State.DONE
    unended().filter(pk=run.pk).update(
        **outcome, state=state, failure=failure, ended_at=timezone.now()
    )
    shutil.rmtree(folder(run), ignore_errors=True)


def tend() -> tuple[int, int]:
    """Queue the runs whose worker or whose place in the queue was lost; delete stray files.

    Returns how many of each.
    """
    queued = 0
    for run in unended():
        try:
            waits = run.state == State.WAITING and age(sent(run)) < PATIENCE
            with held(run) as lost:
                again = lost and not waits
            if again:
                unended().filter(pk=run.pk).update(state=State.WAITING)
                queue(run)
        except FileNotFoundError:
            carry_out(run)  # which says so
        else:
            queued += again
    known = {one.hex for one in unended().values_list("run_id", flat=True)}
    strays = [
        path
        for path in (all_folders().iterdir() if all_folders().is_dir() else ())
        if path.name not in known and age(path) > GRACE
    ]
    for path in strays:
        shutil.rmtree(path, ignore_errors=True)
    return queued, len(strays)


def unended() -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(ended_at=None)


def age(path: Path) -> float:
    """Return how many seconds ago a file was changed."""
    return time.time() - path.stat().st_mtime


def progress_of(run: ImportRun, report: Report) -> Callable[[Path], Callable[[int], object]]:
    """Return what notes how much of a table has been read, and made of it."""

    def track(path: Path) -> Callable[[int], object]:
        size, done, written = max(1, path.stat().st_size), 0, timezone.now()

        def update(bytes_read: int) -> None:
            nonlocal done, written
            done += bytes_read
            if timezone.now() - written > EVERY:
                written = timezone.now()
                ImportRun.objects.filter(pk=run.pk).update(
                    read=min(1.0, done / size), made=run.made + report.made[VIDEOS]
                )

        return update

    return track


def forget(user: User) -> None:
    """Delete the files of an account's imports on commit; the rows go with the account."""
    folders = [folder(run) for run in ImportRun.objects.filter(user=user)]

    def delete() -> None:
        for path in folders:
            shutil.rmtree(path, ignore_errors=True)

    transaction.on_commit(delete)
