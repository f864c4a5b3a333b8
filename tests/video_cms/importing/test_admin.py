"""The catalogue goes out of the admin and comes back, for those who may."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Page
from wagtail.users.models import UserProfile

from video_cms import tasks
from video_cms.models import Category, ImportRun, VideoMedia, VideoPage

pytestmark = pytest.mark.django_db

LIST = "wagtailsnippets_video_cms_importrun:list"
INSPECT = "wagtailsnippets_video_cms_importrun:inspect"
IMPORT, EXPORT = "catalogue_import", "catalogue_export"


@pytest.fixture
def ed(make_user: Any, client: Client, settings: Any, tmp_path: Path) -> Any:
    """Somebody who may manage the catalogue, signed in."""
    settings.VAR_DIR = tmp_path
    user = make_user("ed")
    wanted = ["access_admin", "manage_catalogue"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    client.force_login(user)
    return user


def exported(client: Client) -> bytes:
    answer = client.get(reverse(EXPORT))
    assert answer["Content-Disposition"].endswith(f'"catalogue-{timezone.localdate()}.zip"')
    return b"".join(answer.streaming_content)


def send(client: Client, content: bytes, again: str = "Look again") -> ImportRun:
    answer = client.post(reverse(IMPORT), {"file": SimpleUploadedFile("all.zip", content)})
    run = ImportRun.objects.latest("pk")
    assert answer["Location"] == reverse(INSPECT, args=[run.pk])
    page = client.get(answer["Location"]).content.decode()
    assert again in page
    assert 'data-refresh="3"' in page
    tasks.import_catalogue(run.pk)
    return ImportRun.objects.get(pk=run.pk)


def words(page: VideoPage) -> tuple[Any, ...]:
    return (
        *(page.video_id, page.title, page.description, page.creator.user.username),
        *(page.visibility, page.is_premium, page.first_published_at),
        {category.name for category in page.categories.all()},
        {parent.name for parent in page.additional_parent_categories.all()},
        set(page.tags.names()),
    )


def test_what_is_exported_is_read_back_the_same(
    ed: Any, client: Client, make_video: Any, make_user: Any, parent_categories: Any
) -> None:
    ada = make_user("ada").profile
    text = 'Two "lines",\nsemicolons; and ümlauts'
    odd = make_video("=1+1, “odd”", categories=["Jazz", "Bread"], creator=ada, description=text)
    odd.additional_parent_categories.add(parent_categories["Nature"])
    odd.tags.add("late, night", "owl")
    odd.save()
    make_video("Plain", visibility="unlisted", is_premium=True)
    make_video("A draft", publish=False)
    before = {page.video_id: words(page) for page in VideoPage.objects.live()}
    content = exported(client)
    for page in Page.objects.type(VideoPage):
        page.delete()
    Category.objects.filter(name="Bread").delete()

    run = send(client, content)
    assert (run.state, run.made, run.failure) == ("done", 2, "")
    assert {page.video_id: words(page) for page in VideoPage.objects.all()} == before
    again = send(client, content)
    assert (again.made, again.left) == (0, 2)


def test_a_report_says_which_line_was_refused_and_why(
    ed: Any, client: Client, make_video: Any, parent_categories: Any
) -> None:
    make_video("Plain")
    tables = ZipFile(io.BytesIO(exported(client)))
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name in tables.namelist():
            more = "x,<b>Lost</b>,,ada,Jazz,,,,,2025-01-01,../../gone.mp4\r\n"
            added = more if name == "videos.csv" else ""
            archive.writestr(name, tables.read(name).decode() + added)
    run = send(client, out.getvalue())
    page = client.get(reverse(INSPECT, args=[run.pk])).content.decode()
    assert "<td>videos.csv</td><td>3</td><td>There is no file" in page
    assert "gone.mp4" in page
    assert "0 new, 1 that were there" in page
    assert not VideoMedia.objects.filter(title__contains="Lost").exists()


def test_a_report_is_in_the_language_of_whoever_sent_it(ed: Any, client: Client) -> None:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("videos.csv", "video_id\n")
    UserProfile.objects.create(user=ed, preferred_language="de")
    with translation.override("en"):  # the worker's
        run = send(client, out.getvalue(), again="Noch einmal nachsehen")
    assert run.failure == "Es gibt keine Datei categories.csv."


def test_no_catalogue_is_said_without_telling_where_files_lie(ed: Any, client: Client) -> None:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("videos.csv", "video_id\n")
    run = send(client, out.getvalue())
    assert run.failure == "There is no file categories.csv."
    refused = client.post(reverse(IMPORT), {"file": SimpleUploadedFile("all.zip", b"no zip")})
    assert "This is not a ZIP" in refused.content.decode()
    assert "This field is required" in client.post(reverse(IMPORT)).content.decode()


def test_an_export_asks_as_much_of_many_videos_as_of_few(
    ed: Any, client: Client, make_video: Any, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        make_video()
    with django_assert_max_num_queries(14):
        exported(client)


def test_it_is_denied_and_in_no_menu_without_its_permission(
    ed: Any, client: Client, make_video: Any
) -> None:
    run = ImportRun.objects.create(user=ed, name="all.zip")
    addresses = [*map(reverse, (LIST, IMPORT, EXPORT)), reverse(INSPECT, args=[run.pk])]
    for address in addresses:
        assert client.get(address).status_code == 200
    assert reverse(LIST) in client.get(reverse("wagtailadmin_home")).content.decode()
    own = Permission.objects.get(codename="import_catalogue")  # which is for the studio only
    ed.user_permissions.remove(Permission.objects.get(codename="manage_catalogue"))
    ed.user_permissions.add(own)
    for address in addresses:
        assert client.get(address).status_code == 302
        assert client.post(address).status_code in (302, 405)
    assert reverse(LIST) not in client.get(reverse("wagtailadmin_home")).content.decode()
