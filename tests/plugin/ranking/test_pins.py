"""What editors pin stands at its place, from the next request on, as far as the CMS allows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Revision

from recommendations_plugin import api, tasks
from recommendations_plugin.events import steering
from recommendations_plugin.models import EditorialRule, Item
from recommendations_plugin.ranking.pins import placed
from recommendations_plugin.ranking.table import table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def videos(make_video):
    """Nine videos, the last one newest."""
    return [make_video(f"Video {number}") for number in range(9)]


@pytest.fixture
def pin():
    def make(video, position=1, **fields):
        item = Item.objects.get(key=api.key_of(video))
        return EditorialRule.objects.create(item=item, position=position, **fields)

    return make


NOBODY = api.viewer(None)


def shown(who=NOBODY, **options):
    return [card.object for card in api.recommend(who, **options).items]


def test_a_pin_stands_at_its_place_from_the_next_request_on(videos, pin):
    before = shown(limit=5)
    rule = pin(videos[0], position=3)
    assert videos[0] not in before
    after = shown(limit=5)
    assert after[2] == videos[0]
    assert [video for video in after if video != videos[0]] == before[:4]
    rule.position = 1
    rule.save()
    assert shown(limit=5)[0] == videos[0]
    assert videos[0] not in shown(limit=5, placement="sidebar")
    rule.delete()
    assert shown(limit=5) == before


def test_pins_of_one_place_keep_their_order_and_a_late_one_comes_on_its_page(videos, pin):
    for video, position in ((videos[0], 2), (videos[1], 2), (videos[2], 6)):
        pin(video, position)
    first = api.recommend(api.viewer(None), limit=4)
    assert [card.object for card in first.items][1:3] == videos[:2]
    second = api.recommend(api.viewer(None), limit=4, cursor=first.cursor)
    assert second.items[1].object == videos[2]
    third = api.recommend(api.viewer(None), limit=4, cursor=second.cursor)
    pages = [card.object for feed in (first, second, third) for card in feed.items]
    assert sorted(pages, key=lambda video: video.pk) == videos
    assert not third.has_more


def test_a_pin_beyond_the_end_is_the_last_card(videos, pin):
    pin(videos[8], position=50)
    feed = shown(limit=12)
    assert len(feed) == 9
    assert feed[-1] == videos[8]


def test_a_card_says_in_the_editors_words_why_it_is_there(videos, pin, make_user):
    rule = pin(videos[0], reason="<b>Festival</b> week")
    show = Template("{% load recommendations %}{% recommendation_reason card %}")
    (card, *_rest) = api.recommend(api.viewer(None), limit=3).items
    assert (card.reason.code, card.reason.name) == ("pinned", "<b>Festival</b> week")
    assert show.render(Context({"card": card})) == "&lt;b&gt;Festival&lt;/b&gt; week"
    rule.reason = ""
    rule.save()
    (card, *_rest) = api.recommend(api.viewer(None), limit=3).items
    assert show.render(Context({"card": card})) == "Picked by our editors"
    found = api.explain(api.viewer(make_user("ada")), videos[0])
    assert (found["rank"], found["reason"].code) == (1, "pinned")
    assert "pinned" in found["sources"]


def test_beside_an_item_the_sidebars_pins_stand_too(videos, pin):
    pin(videos[0], placement="sidebar")
    card = api.similar(videos[8]).items[0]
    assert (card.object, card.reason.code) == (videos[0], "pinned")


def test_the_cms_and_the_viewer_have_the_last_word_on_pins(videos, pin, make_user):
    for video in videos[:4]:
        pin(video)
    videos[0].unpublish()
    type(videos[1]).objects.filter(pk=videos[1].pk).update(visibility="private")
    viewer = api.viewer(make_user("ada"))
    api.record("dismiss", viewer, videos[2])
    found = shown(viewer)
    assert found[0] == videos[3]
    assert not {*videos[:3]} & {*found}


def test_a_draft_is_no_pin_and_an_expired_one_ends_in_that_second(videos, pin):
    rule = pin(videos[0], live=False)
    assert shown()[0] != videos[0]
    rule.expire_at = timezone.now() + timedelta(hours=1)
    rule.save_revision().publish()
    assert shown()[0] == videos[0]
    (kept,) = steering._kept[1].editorial
    object.__setattr__(kept, "until", timezone.now() - timedelta(seconds=1))
    assert shown()[0] != videos[0]


def test_a_scheduled_pin_starts_at_its_time(videos, pin):
    rule = pin(videos[0], live=False)
    rule.go_live_at = timezone.now() + timedelta(hours=1)
    rule.save_revision().publish()
    assert tasks.publish_pins() == 0
    assert shown()[0] != videos[0]
    revision = Revision.objects.get()  # an hour passes
    revision.approved_go_live_at = timezone.now() - timedelta(seconds=1)
    revision.content["go_live_at"] = revision.approved_go_live_at.isoformat()
    revision.save()
    assert tasks.publish_pins() == 1
    assert shown()[0] == videos[0]
    assert tasks.publish_pins() == 0


def test_pins_cost_no_query_once_they_are_read(videos, pin, make_user):
    viewer = api.viewer(make_user("ada"))

    def queries():
        with CaptureQueriesContext(connection) as asked:
            shown(viewer)
        return len(asked)

    without = queries()
    pin(videos[0])
    assert [queries(), queries()] == [without + 2, without]


def test_a_page_never_grows_by_its_pins():
    table = table_of([])
    table.keys = list("abcdef")
    pins = {
        name: steering.Rule("pin", name, position=place) for name, place in (("e", 1), ("f", 2))
    }
    assert placed([4, 5, 0, 1, 2, 3], table, pins, before=0, limit=4) == [4, 5, 0, 1]
