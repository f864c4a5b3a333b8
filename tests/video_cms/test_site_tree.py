"""The standing pages of a new installation."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from wagtail.models import Page, Site

from video_cms.models import HomePage, VideoIndexPage
from video_cms.site_tree import WELCOME, ensure_site_tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_installation(db: None) -> None:
    """What Wagtail's migrations leave: a welcome page and its site."""
    HomePage.objects.all().delete()
    Group.objects.filter(name="Creators").delete()
    root = Page.get_first_root_node()
    welcome = root.add_child(instance=Page(title=WELCOME, slug="home"))
    Site.objects.create(hostname="localhost", root_page=welcome, is_default_site=True)


def test_a_home_page_with_a_feed_takes_the_place_of_the_welcome_page() -> None:
    tree = ensure_site_tree()
    assert not Page.objects.filter(title=WELCOME).exists()
    assert Site.objects.get(is_default_site=True).root_page_id == tree.home.pk
    assert (tree.home.slug, tree.videos.slug) == ("home", "video")
    assert tree.videos.get_url() == "/video/"
    block = HomePage.objects.get().body[-1]
    assert (block.value["heading"], block.value["placement"], block.value["number"]) == (
        "For you",
        "home",
        12,
    )
    assert Page.find_problems() == ([], [], [], [], [])


def test_asking_again_makes_nothing_and_leaves_what_editors_changed() -> None:
    home = ensure_site_tree().home
    HomePage.objects.filter(pk=home.pk).update(title="Our own")
    pages = list(Page.objects.values())
    tree = ensure_site_tree()
    assert tree.home.title == "Our own"
    assert (HomePage.objects.count(), VideoIndexPage.objects.count()) == (1, 1)
    assert list(Page.objects.values()) == pages
    assert Site.objects.count() == 1


def test_a_site_somebody_else_built_keeps_its_pages_and_its_address() -> None:
    root = Page.get_first_root_node()
    Page.objects.filter(title=WELCOME).update(title="A site of its own")
    before = Site.objects.get(is_default_site=True)
    tree = ensure_site_tree()
    assert Site.objects.get(is_default_site=True).root_page_id == before.root_page_id
    assert tree.home.slug == "home-2"
    assert root.get_children().count() == 2
