"""What an anonymous session did and asked for becomes a viewer's own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from ..models import Facet, Following, Impression, Interaction, LearningChoice, Muting
from ..types import Facet as FacetType
from ..types import FacetKind, Kind, Learning, Signal
from . import learning
from .interests import set_interests
from .record import record_many


def hand_over(session: str, viewer: str) -> None:
    """Repeat for a viewer what a session did, as far as the viewer lets it be known.

    A session's choice of learning is theirs where they made none.
    """
    done = Interaction.objects.filter(viewer_key=session).order_by("updated_at", "pk")
    record_many([*signals_of(done, give_to=viewer), *_asked(session, give_to=viewer)])
    if chosen := _chosen(session):
        set_interests(viewer, chain(chosen, _chosen(viewer)))
    Impression.objects.filter(viewer_key=session).update(viewer_key=viewer)
    limit = learning.of(session)
    if limit is not Learning.ON and not LearningChoice.objects.filter(viewer_key=viewer).exists():
        learning.choose(viewer, limit)


def signals_of(rows: Iterable[Interaction], *, give_to: str) -> list[Signal]:
    """Return signals that repeat for a viewer what these rows say."""
    return [
        Signal(kind, give_to, row.item_key, row.portion, row.updated_at)
        for row in rows
        for kind, really in (
            (Kind.WATCH, row.portion > 0),
            (Kind.LIKE, row.liked),
            (Kind.DISMISS, row.dismissed),
        )
        if really
    ]


def _asked(session: str, *, give_to: str) -> list[Signal]:
    return [
        Signal(kind, give_to, key, None, at)
        for kind, table in ((Kind.FOLLOW, Following), (Kind.MUTE, Muting))
        for key, at in table._default_manager.filter(viewer_key=session)
        .order_by("pk")
        .values_list("facet__key", "created_at")
    ]


def _chosen(viewer: str) -> list[FacetType]:
    chosen = Facet.objects.filter(interests__viewer_key=viewer, interests__chosen=True)
    return [FacetType(FacetKind(row.kind), row.key, row.name) for row in chosen]
