"""The pages every installation needs: a home page with a feed, and the list of videos below it."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site,
)

from .models import HomePage, VideoIndexPage

WELCOME = "Welcome to your new Wagtail site!"


class SiteTree(NamedTuple):
    """The site and its two standing pages."""

    site: Site
    home: HomePage
    videos: VideoIndexPage


@transaction.atomic
def ensure_site_tree() -> SiteTree:
    """Return the site's pages, making those that are missing. Leaves what editors have made."""
    home = HomePage.objects.order_by("path").first() or make_home()
    videos = VideoIndexPage.objects.child_of(home).first()
    if videos is None:
        videos = home.add_child(instance=VideoIndexPage(title=_("Videos"), slug="video"))
    make_creators_group(videos)
    return SiteTree(make_site(home), home, videos)


def make_creators_group(videos: VideoIndexPage) -> None:
    """Make the group whose members write videos of their own in the admin, for others to publish.

    A group of that name that is there already is left as it is.
    """
    group, new = Group.objects.get_or_create(name="Creators")
    if not new:
        return
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    add_page = Permission.objects.get(
        content_type__app_label="wagtailcore", codename=f"add_{Page._meta.model_name}"
    )
    GroupPagePermission.objects.create(group=group, page=videos, permission=add_page)
    root = Collection.get_first_root_node()
    # The rights to Wagtail's own models, which count for those in their place too.
    for app, codename in (("wagtailimages", "add_image"), ("wagtailmedia", "add_media")):
        permission = Permission.objects.get(content_type__app_label=app, codename=codename)
        GroupCollectionPermission.objects.create(
            group=group, collection=root, permission=permission
        )


def make_home() -> HomePage:
    """Make the home page in place of Wagtail's welcome page."""
    root = Page.get_first_root_node()
    welcome = root.get_children().filter(title=WELCOME, numchild=0).first()
    if welcome is not None:
        welcome.slug = "welcome"
        welcome.save()
    home = HomePage(title=_("Home"), slug=free_slug(root, "home"), body=home_body())
    root.add_child(instance=home)
    if welcome is not None:
        Site.objects.filter(root_page=welcome).update(root_page=home, **address())
        Site.clear_site_root_paths_cache()
        welcome.delete()
    return home


def home_body() -> list[tuple[str, dict[str, Any]]]:
    """Return what a new home page shows: sections for a reason, and the feed below them."""
    sections = [
        ("section", {"strategy": strategy, "heading": "", "category": None, "number": 8})
        for strategy in ("continue", "following", "watched", "new")
    ]
    return [*sections, ("feed", {"heading": _("For you"), "placement": "home", "number": 12})]


def make_site(home: HomePage) -> Site:
    """Return the site of the home page, or the default one, which it becomes if there is none."""
    site = (
        Site.objects.filter(root_page=home).first()
        or Site.objects.filter(is_default_site=True).first()
    )
    return site or Site.objects.create(root_page=home, is_default_site=True, **address())


def address() -> dict[str, str | int]:
    """Return host, port and name of the site from the settings."""
    url = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    return {
        "hostname": url.hostname or "localhost",
        "port": url.port or (443 if url.scheme == "https" else 80),
        "site_name": settings.WAGTAIL_SITE_NAME,
    }


def free_slug(root: Page, slug: str) -> str:
    """Return a slug no child of ``root`` has."""
    taken = set(root.get_children().values_list("slug", flat=True))
    candidates = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)
