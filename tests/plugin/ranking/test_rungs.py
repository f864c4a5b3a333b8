"""The ladder, rung by rung: what stands above is really broken, and who looks is told."""

from __future__ import annotations

import logging
import shutil
import socket

import numpy as np
import pytest

from recommendations_plugin import api, registry, runs, status
from recommendations_plugin.events import outbox
from recommendations_plugin.index import artifacts
from recommendations_plugin.middleware import HEADER
from recommendations_plugin.models import Facet, Item
from recommendations_plugin.ranking import context, ladder
from recommendations_plugin.signals import feed_served
from recommendations_plugin.types import Embeddings, Step

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_artifacts(settings, tmp_path, monkeypatch):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}
    context._retry_at.clear()
    monkeypatch.setattr(ladder, "_last", Step.MODEL)


@pytest.fixture
def videos(make_video, parent_categories):
    return [
        make_video(f"{name} {n}", categories=[name]) for name in ("Jazz", "Bread") for n in "ab"
    ]


@pytest.fixture
def fan(videos):
    """Somebody who likes one video: what is popular hangs on them."""
    fan = api.Viewer("session:fan")
    api.record("like", fan, videos[2])
    return fan


def published():
    """Publish and serve a model that was drawn; return its version."""
    items = list(Item.objects.order_by("pk"))
    facets = list(Facet.objects.values_list("key", flat=True))
    rng = np.random.default_rng(1)
    vectors, tastes = (rng.random((len(rows), 3), dtype=np.float32) for rows in (items, facets))
    version = artifacts.publish(
        Embeddings(
            item_keys=[item.key for item in items],
            items=vectors,
            facet_keys=facets,
            facets=tastes,
            pulls=vectors,
            facet_items=tastes,
            parameters={
                "half_life": 10.0,
                "blocks": [{"dimension": 3, "alpha": 0.0}],
                "as_of": outbox.newest(),
            },
        ),
        metrics={},
    )
    runs.activate(version)
    return version


def restart():
    """Have this process open its models anew, as one that has just started."""
    artifacts._opened.clear()
    context._retry_at.clear()


def test_each_rung_is_reached_by_breaking_the_one_above_and_is_seen(
    videos, fan, client, make_user, parent_categories, caplog
):
    staff = make_user("staff", is_staff=True, interests=[parent_categories["Music"]])
    viewer = api.viewer(staff)
    client.force_login(staff)
    heard = []
    older, newer = published(), published()

    def rung(start):
        """Return where a feed comes from as each who looks is told; all of them say the same."""
        feed_served.connect(hear)
        try:
            feed = api.recommend(viewer, limit=2)
        finally:
            feed_served.disconnect(hear)
        told = client.get("/feed/", {"placement": "home", "number": 2}).headers[HEADER]
        assert f'step="{feed.step.value}"' in told
        assert (f'model="{feed.version}"' in told) == bool(feed.version)
        assert heard[-1] == (feed.step, feed.version)
        assert status.check(graph=False).step == start
        return feed.step, feed.version

    def hear(sender, feed, viewer, **kwargs):
        heard.append((feed.step, feed.version))

    with caplog.at_level(logging.WARNING, "recommendations_plugin.ranking.ladder"):
        assert rung(Step.MODEL) == (Step.MODEL, newer)
        (artifacts.root_folder() / newer / "items.npy").write_bytes(b"a disk that rots")
        restart()
        assert rung(Step.LAST_GOOD) == (Step.LAST_GOOD, older)
        shutil.rmtree(artifacts.root_folder())
        restart()
        assert rung(Step.CATEGORIES) == (Step.CATEGORIES, "")
    noted = [record.args[0] for record in caplog.records if record.name.endswith("ladder")]
    assert noted == [Step.LAST_GOOD, Step.CATEGORIES]
    api.drop_interests(viewer, [registry.parent_category(parent_categories["Music"])])
    assert rung(Step.CATEGORIES) == (Step.POPULAR, "")
    api.forget(fan)
    assert rung(Step.CATEGORIES) == (Step.LATEST, "")


def test_a_page_reaches_for_nothing_but_the_database(
    videos, fan, client, make_user, parent_categories, monkeypatch
):
    """So it waits for no graph and no worker, whether they are dead or alive."""
    client.force_login(make_user("ada", interests=[parent_categories["Music"]]))
    published()
    client.get("/")  # the database is connected to

    def connect(self, address):
        pytest.fail(f"The page connects to {address}.")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for path in ("/", "/feed/?placement=home", f"/video/{videos[0].video_id}/"):
        assert client.get(path).status_code == 200
