"""What editors boost, bury and exclude, from the next request on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations_plugin import api
from recommendations_plugin.events.conflicts import conflicts, rules_in_force
from recommendations_plugin.models import EditorialRule, Facet, Item

pytestmark = pytest.mark.django_db

NOBODY = api.viewer(None)


@pytest.fixture
def videos(make_video, parent_categories):
    """Six videos, the last one newest: three of Jazz, three of Bread."""
    names = ["Jazz"] * 3 + ["Bread"] * 3
    return [make_video(f"{name} {n}", categories=[name]) for n, name in enumerate(names)]


def shown(**options):
    return [card.object for card in api.recommend(NOBODY, **options).items]


def rule(kind, about, **fields):
    if isinstance(about, str):
        fields["facet"] = Facet.objects.get(name=about)
    else:
        fields["item"] = Item.objects.get(key=api.key_of(about))
    return EditorialRule.objects.create(kind=kind, **fields)


def test_a_boost_lifts_an_item_that_no_source_would_bring(settings, videos):
    sources = {"popular": 2, "fresh": 2}
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "PLACEMENTS": {"home": {"SOURCES": sources, "EXPLORE": 0, "DIVERSITY": 0}},
    }
    assert videos[0] not in shown(limit=2)
    boost = rule("boost", videos[0])
    assert shown(limit=2)[0] == videos[0]
    found = api.explain(NOBODY, videos[0])
    assert found["rules"] == [("boost", "")]
    assert found["parts"]["rule"] * found["weights"]["rule"] == 0.25
    boost.delete()
    assert videos[0] not in shown(limit=2)


def test_a_boost_and_a_bury_of_a_facet_move_all_that_have_it(videos):
    rule("boost", "Jazz", strength=100)
    assert set(shown(limit=3)) == {*videos[:3]}
    rule("bury", "Jazz", strength=100)
    rule("bury", "Jazz", strength=25)
    assert set(shown(limit=3)) == {*videos[3:]}
    assert api.explain(NOBODY, videos[0])["parts"]["rule"] == -0.25


def test_rules_add_no_more_than_their_weight(videos):
    for _number in range(3):
        rule("boost", videos[0], strength=100)
    assert api.explain(NOBODY, videos[0])["parts"]["rule"] == 1


def test_what_is_excluded_is_in_no_feed_of_the_placement_not_even_pinned(videos):
    rule("pin", videos[0], placement="")
    rule("exclude", "Jazz", placement="home,explore", reason="Not this week")
    for placement in ("home", "explore"):
        assert not {*shown(placement=placement)} & {*videos[:3]}
    assert shown(placement="footer")[0] == videos[0]
    assert not {*shown(within=api.find_facet(Facet.objects.get(name="Music").key))}
    found = api.explain(NOBODY, videos[1])
    assert (found["rank"], found["rules"]) == (None, [("exclude", "Not this week")])
    rule("exclude", videos[5], placement="sidebar")
    assert videos[5] not in [card.object for card in api.similar(videos[4]).items]


def test_a_feed_of_followed_creators_stays_one(videos):
    rule("boost", videos[0], placement="")
    assert shown(placement="following") == []


def test_rules_cost_no_query_once_they_are_read(videos):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            shown()
        return len(asked)

    shown()
    without = queries()
    rule("boost", "Jazz")
    rule("exclude", videos[3])
    assert [queries(), queries()] == [without + 2, without]


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (("pin", 0, {}), ("pin", 1, {}), "place"),
        (("pin", 0, {}), ("pin", 1, {"position": 2}), None),
        (("pin", 0, {}), ("pin", 1, {"placement": "sidebar"}), None),
        (("pin", 0, {}), ("pin", 1, {"placement": ""}), "place"),
        (("pin", 0, {}), ("exclude", 0, {}), "excluded"),
        (("pin", 0, {}), ("exclude", "Jazz", {}), "excluded"),
        (("pin", 0, {}), ("exclude", "Bread", {}), None),
        (("boost", 0, {}), ("bury", "Jazz", {}), "opposed"),
        (("boost", "Jazz", {}), ("bury", "Jazz", {"placement": "home,explore"}), "opposed"),
        (("bury", "Jazz", {}), ("exclude", "Jazz", {}), None),
        (("boost", 0, {"expire_at": -1}), ("bury", 0, {"go_live_at": 1}), None),
        (("boost", 0, {"expire_at": 2}), ("bury", 0, {"go_live_at": 1}), "opposed"),
    ],
)
def test_rules_that_cannot_both_hold_are_found(videos, first, second, clash):
    def made(kind, about, fields):
        dates = {
            name: timezone.now() + timedelta(days=value)
            for name, value in fields.items()
            if name.endswith("_at")
        }
        return rule(kind, about if isinstance(about, str) else videos[about], **{**fields, **dates})

    ours, _theirs = made(*first), made(*second)
    found = conflicts(ours, rules_in_force())
    assert [each.clash for each in found] == ([clash] if clash else [])
