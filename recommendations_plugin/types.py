"""The small frozen types that travel between the plugin's parts.

Keys are strings, never foreign keys into a host's tables: an item is
``"video_cms.videopage:12"``, a viewer ``"auth.user:5"`` or ``"session:…"``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.base_user import AbstractBaseUser

ENGAGEMENT_WATCH = 0.6
ENGAGEMENT_LIKE = 0.4


def key_of(obj: models.Model) -> str:
    """Return the key of a saved model instance: ``"app_label.model:pk"``."""
    if obj.pk is None:
        raise ValueError(f"{obj!r} has no primary key yet: save it before recording it.")
    concrete = obj._meta.concrete_model or type(obj)  # a proxy is the same thing
    return f"{concrete._meta.label_lower}:{obj.pk}"


def engagement(portion: Any, liked: Any) -> Any:
    """Engagement of one viewer with one item: ``0.6 × watched portion + 0.4 × liked``.

    Works on numbers and on arrays of the same shape; the result lies in 0–1 for one interaction.
    """
    return ENGAGEMENT_WATCH * portion + ENGAGEMENT_LIKE * liked


class Kind(StrEnum):
    """What an event says."""

    WATCH = "watch"
    LIKE = "like"
    UNLIKE = "unlike"
    DISMISS = "dismiss"
    UNDISMISS = "undismiss"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    MUTE = "mute"
    UNMUTE = "unmute"
    INTERESTS = "interests"
    ITEM = "item"
    FORGET = "forget"


class Learning(StrEnum):
    """Whether the recommender may learn from a viewer; it is the viewer who says."""

    #: All they do is noted, and feeds are made from it.
    ON = "on"
    #: What they watch and like is not noted. What they ask for is: follows, interests, dismissals.
    PAUSED = "paused"
    #: Nothing is noted, feeds are the same as for nobody, and no model learns from the past.
    OFF = "off"


class FacetKind(StrEnum):
    """What an item can have in common with others."""

    CATEGORY = "category"
    PARENT_CATEGORY = "parent_category"
    CREATOR = "creator"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody a feed is for. ``user`` is None for an anonymous session."""

    key: str
    user: AbstractBaseUser | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """Something items share: a category, a creator, a tag."""

    kind: FacetKind
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a host says of one of its items (see ``registry.ItemAdapter.describe``)."""

    title: str
    text: str = ""
    published_at: datetime | None = None
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a viewer did, as ``record_many`` takes it.

    ``target`` is an item's key (watch, like, dismiss …) or a facet's key (follow, mute).
    For ``watch``, ``value`` is the watched portion, 0–1, and ``seconds`` how long that was, where
    it is known; both are unused otherwise.
    """

    kind: Kind
    viewer: str
    target: str
    value: float | None = None
    at: datetime | None = None
    seconds: float | None = None


# --- what the graph takes: the current state of an entity, and the version it is of ----------


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item as the graph shall hold it; ``live`` False takes it out of every snapshot."""

    key: str
    version: int
    live: bool
    title: str = ""
    text: str = ""
    published_at: float = 0.0
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class InteractionState:
    """All that one viewer did with one item; ``at`` is in seconds since the epoch."""

    viewer: str
    item: str
    version: int
    portion: float
    liked: bool
    dismissed: bool
    at: float


@dataclass(frozen=True, slots=True)
class ViewerState:
    """A viewer's standing choices: interest in parent categories (score) and followed facets."""

    key: str
    version: int
    interests: Mapping[str, float] = field(default_factory=dict)
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The graph as arrays. Live items only; indices point into the key lists.

    Shapes: ``E`` interactions, ``F`` item–facet pairs, ``I`` interests, ``W`` follows.
    """

    viewer_keys: Sequence[str]
    item_keys: Sequence[str]
    facet_keys: Sequence[str]
    facet_kinds: Sequence[str]
    item_titles: Sequence[str]
    item_texts: Sequence[str]
    published_at: np.ndarray  # float64 [items]
    viewer: np.ndarray  # int64 [E]
    item: np.ndarray  # int64 [E]
    portion: np.ndarray  # float32 [E]
    liked: np.ndarray  # bool [E]
    dismissed: np.ndarray  # bool [E]
    at: np.ndarray  # float64 [E], seconds since the epoch
    item_facet: np.ndarray  # int64 [2, F]: item, facet
    interest: np.ndarray  # int64 [2, I]: viewer, facet
    interest_score: np.ndarray  # float32 [I]
    follow: np.ndarray  # int64 [2, W]: viewer, facet


# --- what training gives to the index ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Affinity:
    """Which categories items, and after them facets, are likely of; the likeliest first."""

    labels: np.ndarray  # int32 [n + m, k], positions of facets
    confidence: np.ndarray  # float32 [n + m, k], 0–1: how often such a guess is right


@dataclass(frozen=True, slots=True)
class Words:
    """What words say of an item beyond its facets, by column (``words``)."""

    weights: np.ndarray  # float32 [h], the more the rarer; 0 for one that training did not meet
    items: np.ndarray  # float32 [h, d], added to where the facets' items lie
    pulls: np.ndarray  # float32 [h, D], added to what the facets add to a viewer


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A trained model as the index takes it: vectors of items and facets, in blocks side by side.

    ``items`` is how an item is found, by inner product with a viewer's vector; the longest has
    length one. A viewer has no row: their vector is made at request time of ``pulls``, what each
    interaction adds, and of ``facets``, what each interest and follow adds, as
    ``parameters["blocks"]`` says (see ``profile.shares``). ``facet_items`` is how items of a facet
    are found on average: that and its ``words`` are what is known of one that came after training.
    A row is zero where nothing at all is known of it. ``projection`` shortens a viewer's vector to
    the length that items have; None where both are of one length.
    """

    item_keys: Sequence[str]
    items: np.ndarray  # float32 [n, d]
    facet_keys: Sequence[str]
    facets: np.ndarray  # float32 [m, D]
    pulls: np.ndarray  # float32 [n, D]
    facet_items: np.ndarray  # float32 [m, d]
    #: ``blocks`` and ``half_life`` for ``profile``; the rest says how it was trained.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: None where too few items bear categories.
    affinity: Affinity | None = None
    projection: np.ndarray | None = None  # float32 [D, d]
    #: None where a model was made before words were learned.
    words: Words | None = None


# --- what the public api gives back -----------------------------------------------------------


class Step(StrEnum):
    """The rungs of the fallback ladder, best first."""

    MODEL = "model"
    LAST_GOOD = "last_good"
    CATEGORIES = "categories"
    POPULAR = "popular"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is in a feed: a code for the template, and what it speaks of.

    ``target`` is the key of that item, creator or category: what to withdraw to be shown no more
    for this reason. Empty where nothing of the viewer's brought the item.
    """

    code: str
    name: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Interest:
    """A viewer's interest in a parent category, and where it comes from.

    ``score`` adds what choosing it gave (``chosen``) to what watching and liking earned, less what
    dismissing took. ``sources``: keys of the latest items that earned it, newest first.
    """

    facet: Facet
    score: float
    chosen: bool = False
    interactions: int = 0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSignal:
    """What a viewer did with one item, lastly ``at``; ``title`` is empty where it is not live."""

    item: str
    title: str
    portion: float
    liked: bool
    dismissed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category that something probably belongs to; ``confidence``: how often this is right."""

    facet: Facet
    confidence: float


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a viewer: interests strongest first, the rest newest first."""

    learning: Learning
    interests: Sequence[Interest]
    signals: Sequence[KnownSignal]
    number_of_signals: int
    follows: Sequence[Facet]
    muted: Sequence[Facet]


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a card stood, and what put it there.

    ``feed``: which one, once made; ``position``: 1 for the first; ``version``: the model's;
    ``arm``: of the experiment the viewer is in; ``milliseconds``: what ranking took; ``parts``: of
    its score, in hundredths, in the order of ``conf.DEFAULTS["WEIGHTS"]``.
    """

    feed: str
    item: str
    placement: str
    position: int
    version: str = ""
    step: str = ""
    arm: str = ""
    milliseconds: int = 0
    parts: str = ""


@dataclass(slots=True)
class Recommendation:
    """One card: the host's object, its key, its score and where it came from."""

    key: str
    score: float
    step: Step
    reason: Reason
    object: Any = None
    parts: Mapping[str, float] = field(default_factory=dict)
    #: What reports of this card say; None where nobody known sees it.
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of recommendations, best first, and the best rung of the ladder that answered.

    ``cursor`` asks ``recommend`` for the next page; empty where there is none.
    """

    items: Sequence[Recommendation]
    step: Step
    version: str = ""
    has_more: bool = False
    cursor: str = ""
    placement: str = ""
    #: The experiment's arm that the viewer is in.
    arm: str = ""
    #: What ranking took.
    milliseconds: int = 0
