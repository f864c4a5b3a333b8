"""The sentences that say why an item is recommended."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from .types import Reason

#: The sentence of each reason, by its code.
SENTENCES: dict[str, Callable[[], str]] = {
    "finished": lambda: _("Because you finished %(name)s"),
    "watched": lambda: _("Because you watched %(name)s"),
    "liked": lambda: _("Because you liked %(name)s"),
    "follow": lambda: _("From %(name)s, whom you follow"),
    "interest": lambda: _("For your interest in %(name)s"),
    "popular": lambda: _("Popular now"),
    "trending": lambda: _("Watched a lot these days"),
    "popular_in": lambda: _("Popular in %(name)s"),
    "latest": lambda: _("New here"),
    "similar": lambda: _("Similar"),
    "unfinished": lambda: _("Go on where you stopped"),
    "pinned": lambda: _("Picked by our editors"),
}


def sentence(reason: Reason) -> str:
    """Return a reason in words; empty where there is none to give."""
    if reason.code == "pinned" and reason.name:  # editors gave their own words
        return reason.name
    found = SENTENCES.get(reason.code)
    return found() % {"name": reason.name} if found else ""
