"""Which rung, model and arm a page's feeds came from: for staff, for logs and for metrics."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from recommendations_plugin import api
from recommendations_plugin.middleware import HEADER, RecommendationsHeaderMiddleware
from recommendations_plugin.ranking import ladder
from recommendations_plugin.signals import feed_served
from recommendations_plugin.types import Feed, Step

pytestmark = pytest.mark.django_db


def test_staff_are_told_what_the_feeds_of_a_page_were_made_by(client, make_video, make_user):
    make_video()
    assert HEADER not in client.get("/").headers
    client.force_login(make_user("ada"))
    assert HEADER not in client.get("/").headers
    client.force_login(make_user("staff", is_staff=True))
    told = client.get("/").headers[HEADER]
    assert told.startswith('home; step="latest"; ms=')
    assert HEADER not in client.get("/accounts/login/").headers


def test_a_header_names_model_and_arm_and_cannot_be_broken_by_a_placement(rf):
    request = rf.get("/")
    request.user = SimpleNamespace(is_staff=True, is_superuser=False)
    feed = Feed([], Step.MODEL, "20260101T1-ab", placement='é"\r\nSet-Cookie: x', arm="3:b")
    request.recommendations_served = [feed]
    answer = RecommendationsHeaderMiddleware(lambda request: SimpleNamespace(headers={}))(request)
    assert answer.headers[HEADER] == (
        '%C3%A9%22%0D%0ASet-Cookie%3A%20x; step="model"; model="20260101T1-ab"; arm="3:b"; ms=0'
    )


def test_every_feed_is_told_to_metrics_whatever_these_do(make_video, rf):
    make_video()
    heard = []

    def count(sender, feed, viewer, **kwargs):
        heard.append((feed.placement, feed.step, viewer))
        raise RuntimeError("The metrics are away.")

    feed_served.connect(count)
    try:
        request = rf.get("/")
        feed = api.recommend(api.viewer(None), placement="explore", request=request)
    finally:
        feed_served.disconnect(count)
    assert heard == [("explore", Step.LATEST, api.viewer(None))]
    assert api.served(request) == [feed]


def test_climbing_down_the_ladder_is_logged_once_and_so_is_the_way_back(caplog, monkeypatch):
    monkeypatch.setattr(ladder, "_last", Step.MODEL)
    with caplog.at_level(logging.INFO, "recommendations_plugin"):
        for step in (Step.MODEL, Step.LAST_GOOD, Step.LAST_GOOD, Step.MODEL):
            ladder.note(step)
    assert [(record.levelname, record.args[0]) for record in caplog.records] == [
        ("WARNING", Step.LAST_GOOD),
        ("INFO", Step.MODEL),
    ]
