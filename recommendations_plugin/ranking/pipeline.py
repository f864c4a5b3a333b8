"""Runs the stages for one request: candidates → score → eligibility → explain → page."""

from __future__ import annotations

import logging
from typing import Any

from ..events import state
from ..events.state import Facts
from ..types import Feed, Reason, Recommendation, Step
from . import cursor
from .candidates import Candidates, from_popular, ladder, sharing_with, similar_to
from .context import Context
from .eligibility import eligible
from .explain import explain
from .score import Parts, score_parts, total

logger = logging.getLogger(__name__)

#: Candidates asked for beyond twice a page, since the CMS may refuse some.
SPARE = 50

#: Rungs whose own order is the ranking.
IN_ORDER = {Step.POPULAR, Step.LATEST}


class Page:
    """Fills up with eligible recommendations, best first and never one twice."""

    def __init__(self, context: Context, wanted: int) -> None:
        self.context, self.wanted = context, wanted
        self.items: dict[str, Recommendation] = {}
        self.facts: dict[str, Facts] = {}

    @property
    def full(self) -> bool:
        return len(self.items) >= self.wanted

    def add(self, step: Step, candidates: Candidates) -> None:
        """Add the best eligible candidates of one rung until the page is full."""
        fresh = {key: value for key, value in candidates.items() if key not in self.items}
        ranked = self._ranked(step, fresh)
        while ranked and not self.full:
            chunk = ranked[: 2 * (self.wanted - len(self.items)) + 10]
            ranked = ranked[len(chunk) :]
            objects = eligible(self.context, [key for key, _ in chunk])
            for key, parts in chunk:
                if key in objects and not self.full:
                    self._take(key, parts, step, objects[key])

    def _ranked(self, step: Step, candidates: Candidates) -> list[tuple[str, Parts]]:
        facts = state.facts(candidates)
        self.facts.update(facts)
        interests = {interest.key: interest.score for interest in self.context.interests}
        parts = score_parts(candidates, facts, interests)
        if step in IN_ORDER:
            return list(parts.items())
        return sorted(parts.items(), key=lambda item: (-total(item[1]), item[0]))

    def _take(self, key: str, parts: Parts, step: Step, obj: Any) -> None:
        self.items[key] = Recommendation(
            key=key, score=total(parts), step=step, reason=Reason(step), object=obj, parts=parts
        )


def recommend(context: Context, *, limit: int, offset: int = 0) -> Feed:
    """Return one page of a viewer's feed."""
    page = Page(context, offset + limit + 1)
    for step, rung in ladder(context):
        page.add(step, rung(context, 2 * page.wanted + SPARE))
        if page.full:
            break
    feed = _feed(page, limit, offset)
    explain(context, feed.items, page.facts)
    return feed


def similar(context: Context, item: str, *, limit: int) -> Feed:
    """Return what goes well beside an item: near it by the model, else in its categories."""
    page = Page(context, limit + 1)
    wanted = 2 * page.wanted + SPARE
    if context.model is not None:
        page.add(context.model[1], similar_to(context, item, wanted))
    if not page.full:
        page.add(Step.CATEGORIES, sharing_with(context, item, wanted))
    if not page.full:
        page.add(Step.POPULAR, from_popular(context, wanted))
    feed = _feed(page, limit, 0)
    for recommendation in feed.items:
        popular = recommendation.step == Step.POPULAR
        recommendation.reason = Reason("popular" if popular else "similar")
    return feed


def _feed(page: Page, limit: int, offset: int) -> Feed:
    shown = list(page.items.values())[offset : offset + limit]
    step = shown[0].step if shown else Step.LATEST
    if step not in (Step.MODEL, Step.LATEST):
        logger.debug("Feed %s fell back to %s", page.context.placement, step)
    model = page.context.model
    has_more = len(page.items) > offset + limit
    shown_by_now = page.context.shown | {recommendation.key for recommendation in shown}
    return Feed(
        items=shown,
        step=step,
        version=model[0].version if model and step in (Step.MODEL, Step.LAST_GOOD) else "",
        has_more=has_more,
        cursor=cursor.encode(shown_by_now) if has_more else "",
    )
