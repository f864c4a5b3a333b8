"""Importing a catalogue: complete, repeatable, resumable, and strict row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page, ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.signals import page_published

from recommendations_plugin.models import Item
from video_cms.importing import catalogue
from video_cms.models import (
    Category,
    CreatorProfile,
    ParentCategory,
    User,
    VideoIndexPage,
    VideoMedia,
    VideoPage,
)

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def unprobed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files here are no videos: do not look (``test_catalogue_files`` does)."""
    monkeypatch.setattr(catalogue, "process_pending", lambda queryset: 0)


def add_videos(folder: Path, *rows: str) -> None:
    with (folder / "videos.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


def everything() -> dict[str, Any]:
    """Return what an import makes, to be compared."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Page, VideoPage, VideoMedia, User, CreatorProfile, Category, ParentCategory)
    }


def test_a_catalogue_becomes_pages_with_all_that_belongs_to_them(folder: Path, run: Run) -> None:
    code, said = run("import_catalogue", folder)
    assert (code, "videos: 3 new, 0 as they were" in said) == (0, True)
    owls = VideoPage.objects.get(video_id="owls")
    assert (owls.title, owls.draft_title, owls.slug, owls.description) == (
        "Owls",
        "Owls",
        "owls",
        "At night",
    )
    assert owls.live
    assert not owls.has_unpublished_changes
    assert owls.first_published_at == owls.last_published_at == datetime(2025, 6, 2, 7, tzinfo=UTC)
    assert owls.get_parent().specific == VideoIndexPage.objects.get()
    assert owls.url_path == "/home/video/owls/"
    assert {category.name for category in owls.categories.all()} == {"Birds", "Forests"}
    assert {tag.name for tag in owls.tags.all()} == {"night", "Owl"}
    assert str(owls.creator) == "Ines Caldeira"
    assert VideoPage.objects.get(video_id="owls-2").is_premium
    assert VideoPage.find_problems() == ([], [], [], [], [])
    assert VideoIndexPage.objects.get().numchild == 3


def test_creators_get_accounts_nobody_can_sign_in_to(folder: Path, run: Run) -> None:
    run("import_catalogue", folder)
    ines, baker = User.objects.get(username="Ines"), User.objects.get(username="baker")
    assert (ines.email, baker.email) == ("Ines@import.invalid", "baker@import.invalid")
    assert not ines.has_usable_password()
    assert not baker.has_usable_password()
    assert ines.profile.verified
    assert {parent.name for parent in ines.profile.parent_categories.all()} == {"Nature", "Cooking"}
    assert baker.profile.name == ""


def test_equal_files_are_stored_once(folder: Path, run: Run) -> None:
    run("import_catalogue", folder)
    assert VideoMedia.objects.count() == 2
    owls = VideoPage.objects.filter(video_id__startswith="owls")
    assert len({video.media_id for video in owls}) == 1
    with VideoMedia.objects.get(pages__video_id="rye").file.open() as file:
        assert file.read().endswith(b"r" * 90)


def test_importing_twice_changes_nothing(folder: Path, run: Run) -> None:
    run("import_catalogue", folder)
    before = everything()
    code, said = run("import_catalogue", folder)
    assert code == 0
    assert "videos: 0 new, 3 as they were" in said
    assert everything() == before


def test_what_editors_changed_stays(folder: Path, run: Run) -> None:
    run("import_catalogue", folder)
    video = VideoPage.objects.get(video_id="owls")
    video.title = "Better"
    video.save_revision().publish()
    run("import_catalogue", folder)
    assert VideoPage.objects.get(video_id="owls").title == "Better"


def test_a_dry_run_writes_nothing_and_finds_the_same_faults(folder: Path, run: Run) -> None:
    add_videos(folder, "bad id,Title,Birds,Ines,2025-06-02,owl.mp4,,,")
    before = everything()
    code, said = run("import_catalogue", folder, dry_run=True)
    assert code == 1
    assert "videos: 3 new" in said
    assert "videos.csv:5" in said
    assert everything() == before


def test_an_interrupted_import_goes_on(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "BATCH", 1)
    write = catalogue.write
    calls = iter([True, True])

    def cut(*args: Any) -> None:
        if not next(calls, False):
            raise KeyboardInterrupt
        write(*args)

    monkeypatch.setattr(catalogue, "write", cut)
    with pytest.raises(KeyboardInterrupt):
        run("import_catalogue", folder)
    assert set(VideoPage.objects.values_list("video_id", flat=True)) == {"owls", "owls-2"}
    monkeypatch.setattr(catalogue, "write", write)
    code, said = run("import_catalogue", folder)
    assert (code, "videos: 1 new, 2 as they were" in said) == (0, True)
    assert VideoPage.find_problems() == ([], [], [], [], [])


def test_a_file_half_copied_by_an_interrupted_import_is_copied_again(
    folder: Path, run: Run
) -> None:
    run("import_catalogue", folder)
    media = VideoMedia.objects.get(pages__video_id="rye")
    name, storage = media.file.name, media.file.storage
    VideoPage.objects.get(video_id="rye").delete()
    VideoMedia.objects.filter(pk=media.pk).delete()
    Path(storage.path(name)).parent.mkdir(parents=True, exist_ok=True)
    Path(storage.path(name)).write_bytes(b"half")
    run("import_catalogue", folder)
    assert storage.size(VideoPage.objects.get(video_id="rye").media.file.name) > 4


BAD = {
    ",Title,Birds,Ines,2025-06-02,owl.mp4,,,": "video_id",
    "a,,Birds,Ines,2025-06-02,owl.mp4,,,": "title",
    "a,Title,Nope,Ines,2025-06-02,owl.mp4,,,": "no category 'Nope'",
    "a,Title,Birds,Ines,yesterday,owl.mp4,,,": "'yesterday' is no date",
    "a,Title,Birds,Ines,,owl.mp4,,,": "'' is no date",
    "a,Title,Birds,Ines,2999-01-01,owl.mp4,,,": "in the future",
    "owls,Title,Birds,Ines,2025-06-02,owl.mp4,,,": "'owls' is in the file already",
    "a,Title,Birds,Ines,2025-06-02,none.mp4,,,": "no file 'none.mp4'",
    "a,Title,Birds,Ines,2025-06-02,,,,": "No file is named",
    "a,Title,Birds,Ines,2025-06-02,../../../../etc/passwd,,,": "no file",
    "a,Title,Birds,Ines,2025-06-02,/etc/passwd,,,": "no file",
    "a/b,Title,Birds,Ines,2025-06-02,owl.mp4,,,": "letters, digits",
    f"{'x' * 41},Title,Birds,Ines,2025-06-02,owl.mp4,,,": "video_id",
    f"a,{'x' * 256},Birds,Ines,2025-06-02,owl.mp4,,,": "title",
    f"a,Title,Birds,Ines,2025-06-02,owl.mp4,{'x' * 5001},,": "description",
    f"a,Title,Birds,Ines,2025-06-02,owl.mp4,,{'x' * 101},": "name",
    "a,Title,Birds,Ines,2025-06-02,owl.mp4,,,maybe": "neither true nor false",
    "a,Title,Birds,in es,2025-06-02,owl.mp4,,,": "in es",
    "a,Title,Birds,,2025-06-02,owl.mp4,,,": "blank",
    "a,Ti\0tle,Birds,Ines,2025-06-02,owl.mp4,,,": "NUL",
    "a,Title,Birds,Ines,2025-06-02,owl.mp4,,": "8 columns instead of 9",
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_row_is_refused_with_line_and_reason_and_costs_no_other(
    folder: Path, run: Run, tmp_path: Path, bad: str
) -> None:
    add_videos(folder, bad, "after,After,Birds,Ines,2025-06-02,owl.mp4,,,")
    rejects = tmp_path / "rejects.csv"
    code, said = run("import_catalogue", folder, rejects=rejects)
    assert code == 1
    assert "videos.csv:5: " in said
    assert BAD[bad] in said
    assert set(VideoPage.objects.values_list("video_id", flat=True)) == {
        "owls",
        "owls-2",
        "rye",
        "after",
    }
    assert rejects.read_text(encoding="utf-8").count("videos.csv,5,") == 1


def test_a_row_the_database_refuses_costs_no_other(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import IntegrityError

    write = catalogue.write

    def refuse(index: Any, videos: Any) -> None:
        if any(video.page.video_id == "owls-2" for video in videos):
            raise IntegrityError("no owls twice")
        write(index, videos)

    monkeypatch.setattr(catalogue, "write", refuse)
    code, said = run("import_catalogue", folder)
    assert (code, "videos.csv:3: no owls twice" in said) == (1, True)
    assert set(VideoPage.objects.values_list("video_id", flat=True)) == {"owls", "rye"}


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("categories.csv", "Cooking,Birds,", "under 'Nature' already"),
        ("categories.csv", "Nature,,", "name"),
        ("categories.csv", f"Nature,{'x' * 81},", "name"),
        ("creators.csv", "INES,,,,,,", "in the file already"),
        ("creators.csv", "x,,,javascript:alert(1),,,", "website"),
        ("creators.csv", f"x,,{'b' * 2001},,,,", "bio"),
        ("creators.csv", "x,,,,,,Nope", "no category 'Nope'"),
    ],
)
def test_bad_categories_and_creators_are_refused(
    folder: Path, run: Run, name: str, row: str, reason: str
) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    code, said = run("import_catalogue", folder)
    assert code == 1
    assert reason in said
    assert VideoPage.objects.count() == 3


def test_parent_categories_bring_their_own_words(folder: Path, run: Run) -> None:
    (folder / "parent_categories.csv").write_text(
        "name,slug,icon,description\nNature,wild,leaf,Moss and more\n", encoding="utf-8"
    )
    run("import_catalogue", folder)
    nature = ParentCategory.objects.get(name="Nature")
    assert (nature.slug, nature.icon, nature.description) == ("wild", "leaf", "Moss and more")


def test_a_folder_that_is_no_catalogue_says_so(tmp_path: Path, run: Run) -> None:
    with pytest.raises(CommandError, match=r"categories\.csv"):
        run("import_catalogue", tmp_path)


def test_the_recommender_search_and_usage_know_the_videos(folder: Path, run: Run) -> None:
    published: list[object] = []
    page_published.connect(
        lambda **kwargs: published.append(kwargs["instance"]), weak=False, dispatch_uid="test"
    )
    try:
        run("import_catalogue", folder)
    finally:
        page_published.disconnect(dispatch_uid="test")
    assert published == []
    assert set(Item.objects.values_list("title", flat=True)) == {"Owls", "Owls again", "Rye"}
    assert [page.title for page in VideoPage.objects.search("rye")] == ["Rye"]
    creators = get_search_backend().search("Caldeira", CreatorProfile)
    assert [profile.name for profile in creators] == ["Ines Caldeira"]
    media = VideoMedia.objects.get(pages__video_id="rye")
    assert ReferenceIndex.get_references_to(media).count() == 1


def test_an_imported_page_opens_in_the_admin(folder: Path, run: Run, make_user: Any) -> None:
    run("import_catalogue", folder)
    client = Client()
    client.force_login(make_user("boss", is_superuser=True))
    page = VideoPage.objects.get(video_id="owls")
    response = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert response.status_code == 200


def test_more_rows_take_few_more_queries(folder: Path, run: Run) -> None:
    run("import_catalogue", folder)
    counts = []
    for first, number in ((0, 5), (100, 40)):
        add_videos(
            folder,
            *(f"v{n},Title,Birds,Ines,2025-06-02,owl.mp4,,," for n in range(first, first + number)),
        )
        with CaptureQueriesContext(connection) as captured:
            run("import_catalogue", folder)
        counts.append(len(captured))
    assert (counts[1] - counts[0]) / 35 < 12
