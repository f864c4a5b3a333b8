"""Accounts that an import needs: nobody can sign in to them until their password is reset."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower

from ..models import CreatorProfile, User
from .cleaning import words
from .report import RowError
from .search import index_for_search

DOMAIN = "import.invalid"


def user_name(value: str) -> str:
    """Return a name that an account can have. Raises ``RowError``."""
    try:
        User._meta.get_field("username").clean(value, None)
    except ValidationError as error:
        raise RowError(f"{value[:60]!r}: {words(error)}") from error
    return value


def accounts(names: Collection[str]) -> dict[str, int]:
    """Return the ids of those accounts that exist, by user name in lower case."""
    users = User.objects.annotate(lower=Lower("username"))
    wanted = {name.lower() for name in names}
    return dict(users.filter(lower__in=wanted).values_list("lower", "pk"))


@transaction.atomic
def make_accounts(
    names: Iterable[str], profiles: Mapping[str, CreatorProfile] | None = None
) -> dict[str, int]:
    """Make the accounts and profiles that do not exist; return all ids, by lower-case name.

    ``profiles`` gives unsaved profiles by lower-case name; the others are empty.
    """
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    known = accounts(by_lower)
    User.objects.bulk_create(
        User(username=name, email=f"{name}@{DOMAIN}", password=make_password(None))
        for lower, name in by_lower.items()
        if lower not in known
    )
    if len(known) < len(by_lower):
        known = accounts(by_lower)
    make_profiles(known, profiles or {})
    return known


def make_profiles(user_ids: Mapping[str, int], given: Mapping[str, CreatorProfile]) -> None:
    """Make a profile for each account that has none: bulk inserts send no signal that would."""
    having = CreatorProfile.objects.filter(user_id__in=user_ids.values())
    done = set(having.values_list("user_id", flat=True))
    rows = []
    for lower, pk in user_ids.items():
        if pk not in done:
            profile = given.get(lower) or CreatorProfile()
            profile.user_id = pk
            rows.append(profile)
    if rows:
        CreatorProfile.objects.bulk_create(rows)
        index_for_search(CreatorProfile, [row.pk for row in rows])
