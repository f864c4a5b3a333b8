"""Lists that are not ranked: what editors picked, what a viewer began; and feeds shared by all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language
from wagtail.models import Site

from .. import conf
from ..events import state
from ..registry import adapters
from ..types import Feed, Reason, Recommendation, Step, key_of
from .context import Context
from .eligibility import cards
from .pipeline import trace_of


def listed(context: Context, keys: Sequence[str], why: Reason, limit: int) -> Feed:
    """Return the cards of these keys that may be shown, in their order."""
    objects, trace = cards(context, keys), trace_of(context)
    shown = [key for key in dict.fromkeys(keys) if key in objects][:limit]
    return Feed(
        items=[
            Recommendation(
                key=key,
                score=0.0,
                step=Step.LATEST,
                reason=why,
                object=objects[key],
                trace=trace and replace(trace, item=key, position=place, step=Step.LATEST.value),
            )
            for place, key in enumerate(shown, start=1)
        ],
        step=Step.LATEST,
        placement=context.placement,
    )


def last(context: Context) -> str:
    """Return the key of what a viewer engaged with last; empty where there is nothing."""
    done = (past for past in context.known.history if past.portion and not past.dismissed)
    return next((past.item for past in done), "")


def unfinished(context: Context, limit: int) -> Feed:
    """Return what a viewer began and did not finish, latest first.

    As the adapters say; of models whose adapter says nothing, as was recorded.
    """
    told = {
        adapter.model._meta.label_lower: adapter.unfinished(context.viewer, context.request)
        for adapter in adapters()
    }
    keys = [key_of(obj) for objects in told.values() for obj in (objects or ())[:limit]]
    if None in told.values() and context.known.viewer:
        recorded = state.unfinished(context.known.viewer, limit)
        keys += [key for key in recorded if told.get(key.rpartition(":")[0]) is None]
    wanted = [key for key in keys if key not in context.exclude]
    return listed(context, wanted, Reason("unfinished"), limit)


def shared(context: Context, name: Any, make: Callable[[], Feed]) -> Feed:
    """Return what nobody in particular gets, made once for all of a site's visitors in a while.

    ``name``: what was asked. Kept for ``CATALOGUE_AGE`` seconds, and no longer than it is true:
    what is published, a new model and editors' rules count at once. The CMS is asked of each card.
    """
    age, known = conf.settings.CATALOGUE_AGE, context.known
    if known.viewer or context.viewer.key or not age:
        return make()
    site = Site.find_for_request(context.request) if context.request else None
    state = known.version, known.newest, known.rules, [rule.id for rule in context.steer.all()]
    asked = (name, site and site.pk, get_language(), state)
    key = f"recommendations:{blake2b(repr(asked).encode(), digest_size=16).hexdigest()}"
    kept: Feed | None = cache.get(key)
    if kept is None:
        made = make()
        bare = [replace(card, object=None) for card in made.items]
        cache.set(key, replace(made, items=bare), age)
        return made
    objects = cards(context, [card.key for card in kept.items])
    left = [card for card in kept.items if card.key in objects]
    return replace(kept, items=[replace(card, object=objects[card.key]) for card in left])
