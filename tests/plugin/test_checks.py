"""Wrong settings are explained at start."""

from __future__ import annotations

import pytest

from recommendations_plugin import conf
from recommendations_plugin.checks import check_settings


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"HISTROY": 5}, "recommendations.E001"),
        ({"JOBS": "nowhere.Jobs"}, "recommendations.E002"),
        ({"INDEX": "FaissIndex"}, "recommendations.E002"),
        ({"GRAPH": {"BACKEND": "no.such.Graph"}}, "recommendations.E002"),
        ({"HISTORY": 0}, "recommendations.E003"),
        ({"SYNC_BATCH": "many"}, "recommendations.E003"),
        ({"VIEW_THRESHOLD": 1.5}, "recommendations.E004"),
        ({"RETRAIN": {"NEWER": "much"}}, "recommendations.E006"),
        ({"RETRAIN": {"NEVER": 1}}, "recommendations.E006"),
        ({"API": {"READ": "often"}}, "recommendations.E007"),
        ({"API": {"WRITE": 60}}, "recommendations.E007"),
        ({"API": {"READS": "60/min"}}, "recommendations.E007"),
    ],
)
def test_a_wrong_setting_is_an_error_with_an_id_and_a_hint(settings, changes, expected):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, **changes}
    (found,) = check_settings()
    assert found.id == expected
    assert found.hint


def test_a_queue_that_redelivers_too_early_is_a_warning(settings):
    settings.Q_CLUSTER = {"timeout": 300, "retry": 400}
    assert [message.id for message in check_settings()] == ["recommendations.W001"]


def test_the_sites_own_settings_pass():
    assert check_settings() == []


def test_settings_are_reloaded_when_they_change(settings):
    settings.RECOMMENDATIONS = {"HISTORY": 7, "WEIGHTS": {"interest": 9}}
    assert conf.settings.HISTORY == 7
    assert conf.settings.WEIGHTS["interest"] == 9
    assert conf.settings.WEIGHTS["similarity"] == conf.DEFAULTS["WEIGHTS"]["similarity"]
