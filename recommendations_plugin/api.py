"""The plugin's public surface: everything a host calls.

Web processes import this module; it reaches neither torch nor the graph's driver.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.http import HttpRequest

from . import ranking, runs, traces
from .events import (
    catalogue,
    erasure,
    facets,
    handover,
    impressions,
    interests,
    known,
    learning,
    outbox,
    state,
)
from .events import record as events
from .events.record import InvalidSignal
from .jobs.base import jobs
from .ranking.cursor import InvalidCursor
from .ranking.cursor import decode as read_cursor
from .registry import adapter_for
from .signals import feed_served, viewer_forgotten, viewer_merged
from .types import (
    Facet,
    Feed,
    Interest,
    Kind,
    Known,
    KnownSignal,
    Learning,
    Reason,
    Recommendation,
    Signal,
    Step,
    Suggestion,
    Trace,
    Viewer,
    key_of,
)

__all__ = [
    "Facet",
    "Feed",
    "Interest",
    "InvalidCursor",
    "InvalidSignal",
    "Kind",
    "Known",
    "KnownSignal",
    "Learning",
    "Reason",
    "Recommendation",
    "Signal",
    "Step",
    "Suggestion",
    "Trace",
    "Viewer",
    "affinities",
    "drop",
    "drop_interests",
    "erase_words",
    "explain",
    "export",
    "find_facet",
    "forget",
    "index_items",
    "is_item",
    "key_of",
    "known_of",
    "learning_of",
    "mark_shown",
    "merge",
    "model_version",
    "picked",
    "recommend",
    "record",
    "record_many",
    "remove_items",
    "report",
    "report_seen",
    "reset",
    "restore",
    "restore_interests",
    "served",
    "set_interests",
    "set_learning",
    "shown",
    "similar",
    "suggested_facets",
    "unfinished",
    "unseen",
    "viewer",
]

logger = logging.getLogger(__name__)

SESSION_KEY = "recommendations_viewer"
NOBODY = Viewer("")


# --- who ----------------------------------------------------------------------------------------


def viewer(
    who: HttpRequest | AbstractBaseUser | AnonymousUser | None, *, create: bool = False
) -> Viewer:
    """Return whom a feed is for: a user, or the anonymous session of a request.

    A session's key is made only with ``create=True``, so that looking around sets no cookie; it
    lives in the session's data and survives signing in.
    """
    if who is None:
        return NOBODY
    user: Any = getattr(who, "user", who)
    if user.is_authenticated:
        return Viewer(key_of(user), user)
    session = getattr(who, "session", None)
    if session is None:
        return NOBODY
    if create and SESSION_KEY not in session:
        session[SESSION_KEY] = uuid.uuid4().hex
    name = session.get(SESSION_KEY)
    return Viewer(f"session:{name}") if name else NOBODY


# --- what they do -------------------------------------------------------------------------------


def record(
    kind: Kind | str,
    who: Viewer,
    target: models.Model | Facet,
    *,
    value: float | None = None,
    seconds: float | None = None,
) -> None:
    """Record that a viewer watched, liked, dismissed, followed or muted something.

    Joins the caller's transaction: it is kept if and only if that commits. ``value`` is the
    watched portion, 0–1, of a watch, and ``seconds`` how long that was. What the viewer does not
    let the recommender learn from is not kept (``learning_of``). Raises ``InvalidSignal``.
    """
    with transaction.atomic():
        if isinstance(target, Facet):
            facets.save_facets([target])
            key = target.key
        elif adapter_for(target) is None:
            raise InvalidSignal(f"{target._meta.label} is not registered as an item.")
        else:
            key = key_of(target)
        record_many([Signal(Kind(kind), who.key, key, value, seconds=seconds)])


def record_many(signals: Sequence[Signal]) -> None:
    """Record many signals at once, in order; all of them or none. Raises ``InvalidSignal``."""
    with _synced_soon():
        impressions.credit(events.record_many(signals))


def set_interests(who: Viewer, facets: Iterable[Facet]) -> None:
    """Make these parent categories the ones a viewer has chosen. Raises ``InvalidSignal``."""
    if not who.key:
        raise InvalidSignal("Nobody has no interests: use viewer(request, create=True).")
    with _synced_soon():
        interests.set_interests(who.key, facets)


def merge(session: Viewer, who: Viewer) -> None:
    """Make what an anonymous session did a user's own, and forget the session."""
    if not session.key:
        return
    with _synced_soon():
        handover.hand_over(session.key, who.key)
        forget(session)
        viewer_merged.send(sender=Viewer, session=session, viewer=who)


def report_seen(who: Viewer, seen: Iterable[Trace], *, followed: Iterable[Trace] = ()) -> None:
    """Keep which recommendations a viewer really saw, and which they followed, once each.

    What they watch, like and dismiss within a day is credited to it. Nothing is kept of nobody,
    nor of those who do not let the recommender learn from them (``learning_of``).
    """
    with transaction.atomic():
        impressions.save(who.key, seen, list(followed))


def report(request: HttpRequest, *, seen: Iterable[str], followed: Iterable[str] = ()) -> None:
    """Keep which cards a page says were seen and followed, by their signed traces.

    Forged and old ones are left out, and all where the host keeps nothing of what this visitor saw
    (``ItemAdapter.keeps_seen``).
    """
    given = [list(filter(None, map(traces.read, texts))) for texts in (seen, followed)]
    adapters = {adapter_for(trace.item) for found in given for trace in found}
    keeping = {adapter for adapter in adapters if adapter and adapter.keeps_seen(request)}
    kept = [[trace for trace in found if adapter_for(trace.item) in keeping] for found in given]
    report_seen(viewer(request), kept[0], followed=kept[1])


# --- what they let be known ---------------------------------------------------------------------


def learning_of(who: Viewer) -> Learning:
    """Return whether the recommender may learn from a viewer: on, paused or off."""
    return learning.of(who.key)


def set_learning(who: Viewer, choice: Learning | str) -> None:
    """Keep a viewer's choice whether the recommender may learn from them.

    Paused: what they watch and like is not kept; their feeds stay. Off: nothing is kept, their
    feeds are nobody's, and the graph, so the next model too, is without them until they switch it
    on again. What was known stays in SQL for that; ``reset`` forgets it.
    """
    if not who.key:
        raise InvalidSignal("Nobody has no choice to keep: use viewer(request, create=True).")
    with _synced_soon():
        learning.choose(who.key, Learning(choice))


def known_of(who: Viewer, *, limit: int = 50, offset: int = 0) -> Known:
    """Return what is known of a viewer, with ``limit`` of their signals, the latest first."""
    return known.of(who.key, signals=slice(offset, offset + limit))


def export(who: Viewer) -> dict[str, Any]:
    """Return all that is known of a viewer as plain data, ready for JSON."""
    return {**known.as_data(known.of(who.key)), "seen": impressions.of(who.key)}


def drop(who: Viewer, objects: Iterable[models.Model]) -> list[Signal]:
    """Forget what a viewer did with some objects, and take back the interests it earned.

    Returns what ``restore`` takes. Feeds may show the objects again.
    """
    with _synced_soon():
        return erasure.drop(who.key, map(key_of, objects))


def restore(signals: Sequence[Signal]) -> None:
    """Bring back what ``drop`` forgot, also while learning is paused or off."""
    with _synced_soon():
        events.restore(signals)


def drop_interests(who: Viewer, facets: Iterable[Facet]) -> list[Interest]:
    """Forget interests in parent categories, chosen or earned; new ones may be earned.

    Returns what ``restore_interests`` takes.
    """
    keys = {facet.key for facet in facets}
    with _synced_soon():
        dropped = [found for found in known.interests(who.key) if found.facet.key in keys]
        interests.drop_interests(who.key, keys)
    return dropped


def restore_interests(who: Viewer, dropped: Sequence[Interest]) -> None:
    """Bring back what ``drop_interests`` forgot."""
    if not who.key:
        raise InvalidSignal("Nobody has no interests: use viewer(request, create=True).")
    with _synced_soon():
        interests.restore_interests(who.key, dropped)


def reset(who: Viewer) -> None:
    """Forget everything known of a viewer, but not their choice of learning: to start afresh."""
    if not who.key:
        return
    with _synced_soon():
        erasure.forget(who.key, choice=False)


def forget(who: Viewer) -> None:
    """Erase everything known of a viewer: here at once, in the graph with the next sync."""
    if not who.key:  # nobody: what bears no viewer are the catalogue's own events
        return
    with _synced_soon():
        erasure.forget(who.key)
        viewer_forgotten.send(sender=Viewer, viewer=who.key)


# --- the catalogue ------------------------------------------------------------------------------


def index_items(objects: Iterable[models.Model]) -> int:
    """Take a host's objects into the catalogue; for bulk imports, where no signal is sent."""
    with _synced_soon():
        return catalogue.index_items(objects)


def remove_items(objects: Iterable[models.Model]) -> None:
    """Take a host's objects out of the catalogue."""
    with _synced_soon():
        catalogue.remove_items(key_of(obj) for obj in objects)


def erase_words(objects: Iterable[models.Model] = (), facets: Iterable[Facet] = ()) -> None:
    """Erase what the catalogue says of objects and facets that are gone for good.

    Their keys stay, so that what others did with them still counts.
    """
    with _synced_soon():
        erasure.erase_words(map(key_of, objects), [facet.key for facet in facets])


@contextmanager
def _synced_soon() -> Iterator[None]:
    """Join or open a transaction, and queue a sync after the commit if events were written.

    Not when older events wait unclaimed: then a sync is queued already, or the schedule comes.
    """

    def enqueue() -> None:
        if outbox.newest() > before and not outbox.is_waiting(until=before):
            jobs().enqueue("recommendations_plugin.tasks.sync")

    with transaction.atomic():
        before = outbox.newest()
        yield
        state.wrote()
        transaction.on_commit(enqueue, robust=True)


def model_version() -> str:
    """Return the version of the model that is served; empty before the first training."""
    return runs.active_version()


# --- what they get ------------------------------------------------------------------------------


def recommend(
    who: Viewer,
    *,
    placement: str = "home",
    limit: int = 12,
    cursor: str = "",
    within: Facet | None = None,
    having: Iterable[Facet] = (),
    exclude: Iterable[models.Model | str] = (),
    like: str = "",
    shared: bool = False,
    request: HttpRequest | None = None,
) -> Feed:
    """Return a viewer's feed, best first: eligible now, nothing already seen, nothing twice.

    ``within`` keeps to one category; otherwise a feed keeps to the viewer's parent categories
    while these have anything left to show. ``having``: what items have to have besides.
    ``exclude``: objects, or their keys. ``like``: the built-in placement that this one is like.
    ``shared``: what nobody in particular gets may be kept for a few seconds.

    ``cursor`` is that of the page before, whose ``Feed.cursor`` is empty at the end: page after
    page never repeats or skips an item, though the ranking changes meanwhile. Raises
    ``InvalidCursor`` for any other text.
    """
    after = read_cursor(cursor)
    context = ranking.context.Context(
        viewer=who,
        placement=placement,
        within=within,
        having=frozenset(facet.key for facet in having),
        like=like,
        exclude=frozenset(map(_key, exclude)),
        shown=after.shown,
        below=after.below,
        request=request,
    )

    def make() -> Feed:
        return ranking.pipeline.recommend(context, limit=limit)

    asked = (placement, limit, cursor, within, context.having, like, sorted(context.exclude))
    feed = ranking.lists.shared(context, asked, make) if shared else make()
    return _serve(feed, who, request)


def similar(
    obj: models.Model | str | None,
    who: Viewer = NOBODY,
    *,
    limit: int = 8,
    placement: str = "sidebar",
    having: Iterable[Facet] = (),
    exclude: Iterable[models.Model | str] = (),
    request: HttpRequest | None = None,
) -> Feed:
    """Return what goes well beside an item, or its key, without what the viewer has seen.

    None: beside what the viewer engaged with last; nothing where there is no such thing.
    """
    context = ranking.context.Context(
        viewer=who,
        placement=placement,
        like="sidebar",
        having=frozenset(facet.key for facet in having),
        exclude=frozenset(map(_key, exclude)),
        request=request,
    )
    key = ranking.lists.last(context) if obj is None else _key(obj)
    if not key:
        return Feed((), Step.LATEST, placement=placement)
    context.exclude |= {key}
    return _serve(ranking.pipeline.similar(context, key, limit=limit), who, request)


def picked(
    items: Iterable[models.Model | str],
    who: Viewer = NOBODY,
    *,
    limit: int = 12,
    placement: str = "home",
    request: HttpRequest | None = None,
) -> Feed:
    """Return what somebody picked, in their order, as far as the CMS shows it to this viewer."""
    context = ranking.context.Context(viewer=who, placement=placement, request=request)
    keys = [_key(item) for item in items]
    feed = ranking.lists.listed(context, keys, Reason("pinned"), limit)
    return _serve(feed, who, request)


def unfinished(
    who: Viewer,
    *,
    limit: int = 12,
    placement: str = "continue",
    exclude: Iterable[models.Model | str] = (),
    request: HttpRequest | None = None,
) -> Feed:
    """Return what a viewer began and did not finish, latest first (``ItemAdapter.unfinished``)."""
    context = ranking.context.Context(
        viewer=who, placement=placement, exclude=frozenset(map(_key, exclude)), request=request
    )
    return _serve(ranking.lists.unfinished(context, limit), who, request)


def _key(item: models.Model | str) -> str:
    return item if isinstance(item, str) else key_of(item)


def _serve(feed: Feed, who: Viewer, request: HttpRequest | None) -> Feed:
    """Tell whoever listens of a feed, and the request, which feeds it made."""
    if request is not None:
        request.__dict__.setdefault("recommendations_served", []).append(feed)
    feed_served.send_robust(sender=Feed, feed=feed, viewer=who)
    return feed


def served(request: HttpRequest) -> Sequence[Feed]:
    """Return the feeds that a request made so far, in order."""
    found: Sequence[Feed] = request.__dict__.get("recommendations_served", ())
    return found


def shown(request: HttpRequest) -> set[str]:
    """Return the keys of what a page shows already: in its feeds, and as ``mark_shown`` says."""
    marked: set[str] = request.__dict__.get("recommendations_shown", set())
    return marked | {card.key for feed in served(request) for card in feed.items}


def mark_shown(request: HttpRequest, objects: Iterable[models.Model]) -> None:
    """Say that a page shows these, so that its blocks do not repeat them."""
    request.__dict__.setdefault("recommendations_shown", set()).update(map(key_of, objects))


def unseen(
    who: Viewer, objects: Iterable[models.Model], *, request: HttpRequest | None = None
) -> list[models.Model]:
    """Return those of the objects that feeds may show: not seen, dismissed or muted; in order.

    For lists a host makes itself. With the request, what it knows of the viewer already and what
    the process remembers of the catalogue is not asked for again: most often no query at all.
    """
    wanted = {key_of(obj): obj for obj in objects}
    context = ranking.context.Context(viewer=who, placement="", request=request)
    left = ranking.eligibility.unseen(context, list(wanted))
    return [obj for key, obj in wanted.items() if key in left]


def is_item(key: str) -> bool:
    """Return whether a key names something in the catalogue that is live."""
    return catalogue.is_live(key)


def find_facet(key: str) -> Facet | None:
    """Return the facet of a key, or None."""
    return facets.find(key)


def suggested_facets(obj: models.Model, *, limit: int = 5) -> list[Suggestion]:
    """Return categories that an object probably belongs to and is not in, the likeliest first.

    As its viewers, creator, tags and words tell; of one that the model has not seen, as its creator
    and tags do. For editors: nothing is changed by it. At most two queries beside ``describe``.
    """
    return ranking.likely.suggested(obj, limit)


def affinities(who: Viewer, *, limit: int = 10) -> list[Suggestion]:
    """Return categories that a viewer is drawn to, the strongest first.

    ``confidence`` is the share of what they engaged with that is probably of the category: three
    watches tell of its neighbours too.
    """
    context = ranking.context.Context(viewer=who, placement="home")
    return ranking.likely.suggestions(ranking.likely.of_viewer(context), limit)


def explain(who: Viewer, obj: models.Model, *, placement: str = "home") -> dict[str, Any]:
    """Return why an item is, or is not, in a viewer's feed: for operators.

    What every stage says of it; ``ranking.inspect.inspect`` describes the keys.
    """
    return ranking.inspect.inspect(
        ranking.context.Context(viewer=who, placement=placement), key_of(obj)
    )
