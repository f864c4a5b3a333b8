"""Placements: what a site sets changes that, and only there."""

from __future__ import annotations

import pytest

from recommendations_plugin.checks import check_settings
from recommendations_plugin.placements import SOURCES, placement


def test_a_placement_nobody_knows_is_like_home():
    assert placement("footer") == placement("home")
    assert placement("home").sources == SOURCES


def test_a_site_changes_single_settings_of_built_in_and_own_placements(settings):
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "PLACEMENTS": {
            "digest": {"PER_CATEGORY": 2},
            "footer": {"SOURCES": {"popular": 9}, "KEEP_TO_INTERESTS": False},
        },
    }
    assert (placement("digest").per_category, placement("digest").per_creator) == (2, 2)
    assert placement("footer").sources == {"popular": 9}
    assert not placement("footer").keep_to_interests
    assert placement("home").per_category == 12
    assert check_settings() == []


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        {"DIVERSTIY": 0.1},
        {"DIVERSITY": 1.5},
        {"DIVERSITY": float("nan")},
        {"EXPLORE": "much"},
        {"PER_CREATOR": -1},
        {"PER_CATEGORY": 1.5},
        {"SOURCES": {"astrology": 5}},
        {"SOURCES": {"model": "many"}},
        {"SOURCES": ["model"]},
        {"WEIGHTS": {"looks": 1}},
        {"WEIGHTS": {"similarity": float("inf")}},
        {"KEEP_TO_INTERESTS": "yes"},
    ],
)
def test_a_wrong_placement_is_explained_at_start(settings, wrong):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "PLACEMENTS": {"home": wrong}}
    (found,) = check_settings()
    assert found.id == "recommendations.E005"
    assert "['PLACEMENTS']['home']" in found.msg
    assert found.hint
