"""What impressions say of the weights of a score."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommendations_plugin import api, conf
from recommendations_plugin.events import weights
from recommendations_plugin.models import Impression

pytestmark = pytest.mark.django_db

NAMES = list(conf.DEFAULTS["WEIGHTS"])


def shown(worth, feeds=150, cards=10):
    """Keep impressions of feeds whose cards are watched as much as their parts are worth."""
    rng, now = np.random.default_rng(1), timezone.now()
    parts = rng.integers(0, 101, size=(feeds, cards, len(NAMES)))
    liking = parts / 100 @ np.array([worth.get(name, 0.0) for name in NAMES])
    watched = np.clip(liking + rng.normal(0, 0.1, liking.shape), 0, 1)
    Impression.objects.bulk_create(
        Impression(
            viewer_key=f"session:{feed % 20}",
            feed=str(feed),
            item_key=f"video:{place}",
            placement="home",
            position=place + 1,
            parts=" ".join(map(str, parts[feed, place])),
            portion=watched[feed, place],
            shown_at=now - timedelta(minutes=feeds - feed),
        )
        for feed in range(feeds)
        for place in range(cards)
    )


def told(*arguments):
    out = StringIO()
    call_command("recommendations_weights", *arguments, stdout=out)
    return out.getvalue()


def test_the_part_that_people_follow_is_found_and_nothing_is_changed():
    shown({"freshness": 0.8})
    before = dict(conf.settings.WEIGHTS)
    found = weights.learn("home", before)
    assert max(found.weights, key=found.weights.get) == "freshness"
    assert found.better
    assert found.learned > 0.8 > found.present
    assert sum(found.weights.values()) == pytest.approx(sum(before.values()))
    text = told("home")
    assert '{"WEIGHTS": {"similarity": ' in text
    assert before == conf.settings.WEIGHTS


def test_weights_that_are_right_already_are_kept():
    shown({name: weight / 2 for name, weight in conf.settings.WEIGHTS.items()})
    assert "keep the present ones" in told()


def test_chance_teaches_nothing():
    shown({})
    assert "keep the present ones" in told()


def test_too_few_impressions_are_said_to_be_too_few():
    shown({}, feeds=5)
    with pytest.raises(CommandError, match=r"50 impressions at 'home'.*1000 are needed"):
        told()


def test_a_card_that_was_seen_keeps_what_it_was_scored_by(make_video):
    viewer = api.Viewer("session:1")
    api.record("like", api.Viewer("session:fan"), make_video())
    (card,) = api.recommend(viewer).items
    api.report_seen(viewer, [card.trace])
    kept = dict(zip(NAMES, Impression.objects.get().parts.split(), strict=True))
    assert kept["engagement"] == "100"
    assert kept["shared"] == "0"
