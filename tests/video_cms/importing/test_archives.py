"""A back catalogue sent as a ZIP: what is taken, what is refused, whose videos they become."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from video_cms import erasure, tasks
from video_cms.importing import runs
from video_cms.importing.archive import unpack
from video_cms.importing.catalogue import CatalogueImport
from video_cms.importing.report import ImportFailed
from video_cms.models import Category, ImportRun, User, VideoMedia, VideoPage
from video_cms.uploads import quota

pytestmark = pytest.mark.django_db

TABLE = (
    "video_id,title,categories,published_at,file\n"
    "mine-1,Owls,Birds,2025-01-01,film.mp4\n"
    "mine-2,Lost,Birds,2025-01-01,missing.mp4\n"
    "theirs,Taken,Birds,2025-01-01,film.mp4\n"
)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def packed(**files: bytes | str) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def trusted(ada: User) -> User:
    ada.user_permissions.add(Permission.objects.get(codename="import_catalogue"))
    return User.objects.get(pk=ada.pk)


def send(browser: Client, content: bytes) -> Any:
    return browser.post("/studio/import/", {"file": SimpleUploadedFile("old.zip", content)})


def test_a_zip_becomes_the_creators_videos_and_a_report(
    member: Client, trusted: User, make_video: Any, parent_categories: Any
) -> None:
    make_video("Theirs", video_id="theirs")
    content = packed(**{"videos.csv": TABLE, "film.mp4": b"no film", "../x.txt".strip("./"): "x"})

    for made, left in ((1, 0), (0, 1)):
        answer = send(member, content)
        run = ImportRun.objects.latest("pk")
        assert answer["Location"] == f"/studio/import/{run.run_id}/"
        assert "Waiting" in member.get(answer["Location"]).content.decode()
        tasks.import_catalogue(run.pk)
        run.refresh_from_db()
        assert (run.state, run.made) == ("done", made), run.failure
        assert run.left >= left
        reasons = [reason for _file, _line, reason in run.reasons]
        assert any("missing.mp4" in reason for reason in reasons)
        assert "This id is taken." in reasons
        assert "missing.mp4" in member.get(answer["Location"]).content.decode()

    assert VideoPage.objects.get(video_id="mine-1").creator.user == trusted
    assert VideoPage.objects.get(video_id="theirs").title == "Theirs"
    assert Category.objects.count() == 6
    assert not list(runs.all_folders().iterdir())


def test_an_import_whose_worker_died_goes_on(
    member: Client, trusted: User, parent_categories: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies when the videos are written, before anybody has looked at their files."""
    send(member, packed(**{"videos.csv": TABLE, "film.mp4": b"no film"}))
    run = ImportRun.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr(CatalogueImport, "process_files", killed)
        with pytest.raises(SystemExit):
            tasks.import_catalogue(run.pk)
    assert VideoMedia.objects.get().state == "new"
    ImportRun.objects.update(made=2)  # as it noted on its way

    assert runs.tend() == (1, 0)
    assert runs.tend() == (0, 0), "it waits for its turn"
    tasks.import_catalogue(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made, run.left, run.attempts) == ("done", 2, 0, 2)
    assert VideoMedia.objects.get().state == "failed", "somebody has looked at it"
    assert not list(runs.all_folders().iterdir())


def killed(_self: CatalogueImport) -> None:
    raise SystemExit


def test_an_import_is_carried_out_by_one_worker_at_a_time(member: Client, trusted: User) -> None:
    send(member, packed(**{"videos.csv": TABLE}))
    run = ImportRun.objects.get()
    with runs.held(run) as mine:
        assert mine
        tasks.import_catalogue(run.pk)
        os.utime(runs.sent(run), (0, 0))
        assert runs.tend() == (0, 0)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("waiting", 0)
    assert runs.tend() == (1, 0), "its place in the queue was lost"


def test_an_import_that_always_breaks_off_or_lost_its_file_ends_with_a_reason(
    member: Client, trusted: User
) -> None:
    for attempts in (runs.MOST_ATTEMPTS, 0):
        send(member, packed(**{"videos.csv": TABLE}))
        run = ImportRun.objects.latest("pk")
        ImportRun.objects.filter(pk=run.pk).update(attempts=attempts)
        if not attempts:
            runs.sent(run).unlink()
        tasks.import_catalogue(run.pk) if attempts else tasks.tend_imports()
    said = ImportRun.objects.order_by("pk").values_list("state", "failure")
    assert said[0] == ("failed", "This import broke off again and again. Try it in smaller parts.")
    assert said[1] == ("failed", "What was sent is no longer here. Send it again.")
    assert not list(runs.all_folders().iterdir())


def test_files_of_no_import_are_swept_when_they_are_old(member: Client, trusted: User) -> None:
    send(member, packed(**{"videos.csv": TABLE}))
    stray = runs.all_folders() / "never-begun"
    stray.mkdir()
    assert runs.tend() == (0, 0), "its row may still be written"
    os.utime(stray, (0, 0))
    assert runs.tend() == (0, 1)
    assert [path.name for path in runs.all_folders().iterdir()] == [
        ImportRun.objects.get().run_id.hex
    ]


def test_what_was_sent_goes_with_the_account(
    member: Client, trusted: User, django_capture_on_commit_callbacks: Any
) -> None:
    send(member, packed(**{"videos.csv": TABLE}))
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(trusted)
        assert list(runs.all_folders().iterdir()), "it may still be taken back"
    assert not list(runs.all_folders().iterdir())


def test_37_only_those_who_may_bring_a_catalogue(member: Client, make_user: Any) -> None:
    assert member.get("/studio/import/").status_code == 404
    assert send(member, packed(**{"videos.csv": TABLE})).status_code == 404
    run = ImportRun.objects.create(user=make_user("bruno"), name="x")
    assert member.get(f"/studio/import/{run.run_id}/").status_code == 404


def test_what_is_no_zip_is_said_at_once(member: Client, trusted: User) -> None:
    answer = send(member, b"GIF89a")
    assert (answer.status_code, "not a ZIP" in answer.content.decode()) == (400, True)
    assert not ImportRun.objects.exists()


def test_what_comes_counts_as_the_creators_and_is_premium_only_by_right(
    member: Client, trusted: User, parent_categories: Any, settings: Any
) -> None:
    table = "video_id,title,categories,published_at,file,is_premium\n"
    table += "mine-1,Owls,Birds,2025-01-01,film.mp4,yes\n"
    content = packed(**{"videos.csv": table, "film.mp4": b"no film"})
    send(member, content)
    tasks.import_catalogue(ImportRun.objects.get().pk)
    assert not VideoPage.objects.get(video_id="mine-1").is_premium
    assert quota.used(trusted) == len(b"no film")

    settings.UPLOAD_QUOTA = len(content)
    answer = send(member, content)
    assert (answer.status_code, ImportRun.objects.count()) == (400, 1)
    assert "Delete a video you no longer need" in answer.content.decode()


def linked() -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        entry = ZipInfo("film.mp4")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed(**{"../../x.mp4": "x"}), "leads out"),
        (packed(**{"/tmp/x.mp4": "x"}), "leads out"),  # noqa: S108
        (packed(**{"a\\..\\x.mp4": "x"}), "leads out"),
        (linked(), "leads out"),
        (packed(**{"bomb.mp4": b"\0" * 8_000_000}), "too tightly"),
        (packed(**{f"{n}.mp4": "" for n in range(5001)}), "more than"),
        (packed(**{"a.mp4": b"\0" * 900_000, "b.mp4": b"\0" * 900_000}), "larger than"),
        (b"PK\x03\x04 and nothing more", "cannot be read|can be read"),
    ],
)
def test_hostile_archives_are_refused(
    tmp_path: Path, settings: Any, content: bytes, message: str
) -> None:
    settings.IMPORT_LIMIT = 1_500_000 if "larger" in message else 10**9
    (tmp_path / "sent.zip").write_bytes(content)
    with pytest.raises(ImportFailed, match=message):
        unpack(tmp_path / "sent.zip", tmp_path / "into")
    assert not any(path.is_file() for path in (tmp_path / "into").rglob("*"))
