"""What the plugin's codes are called: reasons of recommendations, and what tables keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .types import FacetKind, Kind, Learning, Reason, Step

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


#: What an event says.
KINDS = {
    Kind.WATCH: gettext_lazy("watched"),
    Kind.LIKE: gettext_lazy("liked"),
    Kind.UNLIKE: gettext_lazy("like taken back"),
    Kind.DISMISS: gettext_lazy("dismissed"),
    Kind.UNDISMISS: gettext_lazy("dismissal taken back"),
    Kind.FOLLOW: gettext_lazy("followed"),
    Kind.UNFOLLOW: gettext_lazy("no longer followed"),
    Kind.MUTE: gettext_lazy("not wanted any more"),
    Kind.UNMUTE: gettext_lazy("wanted again"),
    Kind.INTERESTS: gettext_lazy("interests chosen"),
    Kind.ITEM: gettext_lazy("item changed"),
    Kind.FORGET: gettext_lazy("person forgotten"),
}
FACETS = {
    FacetKind.CATEGORY: gettext_lazy("category"),
    FacetKind.PARENT_CATEGORY: gettext_lazy("parent category"),
    FacetKind.CREATOR: gettext_lazy("creator"),
    FacetKind.TAG: gettext_lazy("tag"),
}
LEARNING = {
    Learning.ON: gettext_lazy("on"),
    Learning.PAUSED: gettext_lazy("paused"),
    Learning.OFF: gettext_lazy("off"),
}
#: The rungs of the fallback ladder.
RUNGS: Mapping[str, Any] = {
    Step.MODEL: gettext_lazy("the model"),
    Step.LAST_GOOD: gettext_lazy("the model before"),
    Step.CATEGORIES: gettext_lazy("popular in their categories"),
    Step.POPULAR: gettext_lazy("popular"),
    Step.LATEST: gettext_lazy("latest"),
}
#: The built-in placements; others go by their names.
PLACEMENTS = {
    "home": gettext_lazy("Home page"),
    "sidebar": gettext_lazy("Beside an item"),
    "category": gettext_lazy("Pages of a category"),
    "following": gettext_lazy("Followed creators"),
    "explore": gettext_lazy("Explore"),
    "trending": gettext_lazy("Trending"),
    "popular": gettext_lazy("Popular"),
    "latest": gettext_lazy("Latest"),
    "digest": gettext_lazy("Mails"),
}
#: What a training does; of those that end with a name, the first word.
DOING = {
    "reading the graph": gettext_lazy("Reading the graph"),
    "choosing how fast interest fades": gettext_lazy("Choosing how fast interest fades"),
    "choosing the weight of facets": gettext_lazy("Choosing the weight of what items share"),
    "trying": gettext_lazy("Trying the method %(name)s"),
    "training a network": gettext_lazy("Training a network"),
    "combining": gettext_lazy("Combining the methods"),
    "fitting": gettext_lazy("Fitting the method %(name)s"),
    "learning what items are about": gettext_lazy("Learning what items are about"),
    "building the index": gettext_lazy("Building the index"),
}


def choices(words: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Return codes and their words as the choices of a field."""
    return [(code.value, said) for code, said in words.items()]


def rung(step: str) -> str:
    """Return a rung of the ladder in words."""
    return str(RUNGS.get(step, step))


def placement(name: str) -> str:
    """Return a placement as editors read it."""
    return str(PLACEMENTS.get(name, name))


def doing(step: str) -> str:
    """Return what a training does, as it reports it, in words."""
    if step in DOING:
        return str(DOING[step])
    verb, _space, name = step.partition(" ")
    return str(DOING[verb]) % {"name": name} if verb in DOING else step
