"""The demo's people: an editor, an administrator, a creator and three viewers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations_plugin import api, registry
from video_cms.models import CreatorProfile, ParentCategory, User

#: Known to everybody: the demo refuses to run outside development.
PASSWORD = "watch-and-learn"  # noqa: S105


@dataclass(frozen=True)
class SignIn:
    """Somebody to try the demo as."""

    username: str
    role: str


def make_accounts(content: Path) -> list[SignIn]:
    """Make or renew the demo's accounts; return whom a newcomer can sign in as."""
    with (content / "viewers.csv").open(newline="", encoding="utf-8") as file:
        viewers = [_viewer(row) for row in csv.DictReader(file)]
    creator = the_creator()
    return [
        _administrator(),
        _editor(),
        SignIn(_with_password(creator.user).username, _("creator of %s") % _some_title(creator)),
        *viewers,
    ]


def the_creator() -> CreatorProfile:
    """Return the creator that a newcomer can sign in as."""
    creator = CreatorProfile.objects.filter(verified=True).order_by("id").first()
    if creator is None:
        raise LookupError("The demo's creators were not imported.")
    return creator


def _with_password(user: User) -> User:
    """Give an account that has no password yet the demo's."""
    if not user.password or not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save()
    return user


def _account(username: str, **fields: object) -> User:
    """Return an account, made if missing; what a newcomer changed since is kept."""
    user, created = User.objects.get_or_create(
        username=username, defaults={"email": f"{username}@example.org", **fields}
    )
    return _with_password(user) if created else user


def _administrator() -> SignIn:
    _account("admin", is_staff=True, is_superuser=True)
    return SignIn("admin", _("administrator: everything in /admin/"))


def _editor() -> SignIn:
    group = Group.objects.get(name="Moderators")
    of_feeds = Permission.objects.filter(content_type__app_label="recommendations_plugin")
    watch, rule = Q(codename__startswith="view_"), Q(codename__endswith="_editorialrule")
    group.permissions.add(*of_feeds.filter(watch | rule | Q(codename="inspect_feed")))
    _account("editor").groups.add(group)
    return SignIn("editor", _("editor: publishes and sorts videos in /admin/"))


def _viewer(row: dict[str, str]) -> SignIn:
    user = _account(row["username"])
    if user.profile.name:
        return SignIn(user.username, _("viewer: %s") % row["taste"])
    parents = ParentCategory.objects.filter(name__in=row["parent_categories"].split("|"))
    user.profile.name = row["name"]
    user.profile.save()
    user.profile.parent_categories.set(parents)
    api.set_interests(api.viewer(user), map(registry.parent_category, parents))
    return SignIn(user.username, _("viewer: %s") % row["taste"])


def _some_title(creator: CreatorProfile) -> str:
    video = creator.videos.order_by("first_published_at").first()
    return f"“{video.title}”" if video else str(creator)
