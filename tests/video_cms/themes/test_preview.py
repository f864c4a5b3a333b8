"""Choosing a theme: by its picture, and by trying it first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from wagtail.models import Site

from video_cms.models import LookSettings
from video_cms.themes.catalogue import all_themes

pytestmark = pytest.mark.django_db

PREVIEW = "/preview-theme/"
CINEMA = b"themes/cinema/css/theme.css"


def may_choose(user: Any) -> Any:
    codes = ("change_looksettings", "access_admin")
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return user


@pytest.fixture
def designer(make_user: Callable[..., Any], site_tree: Any) -> Client:
    """Somebody who may choose the site's theme, and nothing else."""
    client = Client()
    client.force_login(may_choose(make_user("dora")))
    return client


def settings_page(client: Client) -> Any:
    site = Site.objects.get(is_default_site=True)
    return client.get(f"/admin/settings/video_cms/looksettings/{site.pk}/")


def test_the_admin_shows_each_theme_with_its_picture_and_a_preview(designer: Client) -> None:
    page = settings_page(designer).content.decode()

    for theme in all_themes().values():
        assert theme.preview, f"{theme.slug} has no preview.webp"
        assert theme.preview in page
        assert theme.description in page
        assert f'value="{theme.slug}" formaction="{PREVIEW}"' in page
    assert "looks.css" in page


def test_the_choice_is_saved_for_the_site(designer: Client, client: Client) -> None:
    site = Site.objects.get()
    answer = designer.post(
        f"/admin/settings/video_cms/looksettings/{site.pk}/", {"theme": "cinema"}
    )

    assert answer.status_code == 302
    assert LookSettings.for_site(site).theme == "cinema"
    assert CINEMA in client.get("/").content


def test_an_unknown_theme_is_refused_beside_its_field(designer: Client) -> None:
    site = Site.objects.get()
    address = f"/admin/settings/video_cms/looksettings/{site.pk}/"
    answer = designer.post(address, {"theme": "gone"})

    assert answer.status_code == 200
    assert "is not one of the available choices" in answer.content.decode()


def test_a_preview_is_seen_by_the_editor_alone_until_it_is_stopped(
    designer: Client, client: Client
) -> None:
    answer = designer.post(PREVIEW, {"preview": "cinema"})
    assert (answer.status_code, answer["Location"]) == (302, "/")

    tried = designer.get("/explore/")
    assert CINEMA in tried.content
    assert "You are previewing Cinema." in tried.content.decode()
    assert CINEMA not in client.get("/explore/").content
    assert LookSettings.for_site(Site.objects.get()).theme == ""

    answer = designer.post(PREVIEW, {"next": "/explore/"})
    assert answer["Location"] == "/explore/"
    page = designer.get("/explore/").content
    assert CINEMA not in page
    assert b"You are previewing" not in page


def test_visitors_cannot_preview(client: Client, make_user: Any, site_tree: Any) -> None:
    assert client.post(PREVIEW, {"preview": "cinema"}).status_code == 403
    client.force_login(make_user("eve"))
    assert client.post(PREVIEW, {"preview": "cinema"}).status_code == 403
    session = client.session
    session["theme_preview"] = "cinema"
    session.save()

    page = client.get("/").content
    assert CINEMA not in page
    assert b"You are previewing" not in page


def test_a_preview_ends_with_the_permission(designer: Client, django_user_model: Any) -> None:
    designer.post(PREVIEW, {"preview": "cinema"})
    django_user_model.objects.get(username="dora").user_permissions.clear()

    assert CINEMA not in designer.get("/").content


def test_a_preview_is_started_by_a_form_only(designer: Client) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = designer.cookies

    assert designer.get(PREVIEW).status_code == 405
    assert careful.post(PREVIEW, {"preview": "cinema"}).status_code == 403


@pytest.mark.parametrize("slug", ["gone", "../grid", "\0", "x" * 5000])
def test_a_theme_that_is_not_there_cannot_be_previewed(designer: Client, slug: str) -> None:
    assert designer.post(PREVIEW, {"preview": slug}).status_code == 404


def test_a_preview_leads_nowhere_else(designer: Client) -> None:
    answer = designer.post(PREVIEW, {"preview": "cinema", "next": "//evil.example/"})

    assert answer["Location"] == "/"


def test_another_sites_theme_is_previewed_at_its_own_address(designer: Client) -> None:
    first = Site.objects.get()
    other = Site.objects.create(hostname="films.example", root_page=first.root_page)
    address = f"/admin/settings/video_cms/looksettings/{other.pk}/"
    page = designer.get(address).content.decode()

    assert f'href="http://films.example{address}"' in page
    assert "formaction" not in page


def test_a_page_without_a_preview_asks_no_more_of_the_database(
    designer: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    designer.get("/explore/")
    with CaptureQueriesContext(connection) as without:
        designer.get("/explore/")
    session = designer.session
    session["theme_preview"] = ""
    session.save()
    with django_assert_num_queries(len(without)):
        designer.get("/explore/")
