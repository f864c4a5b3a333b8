"""What feeds read of the catalogue is remembered for a while, longer where nothing changes."""

from __future__ import annotations

import pytest

from recommendations_plugin.events import shelf
from recommendations_plugin.types import key_of

pytestmark = pytest.mark.django_db

AGE = 5


@pytest.fixture
def clock(monkeypatch, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "CATALOGUE_AGE": AGE}
    now = [1000.0]

    def tick():
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr(shelf.time, "monotonic", tick)
    shelf.clear()
    yield now
    shelf.clear()


def test_a_steady_catalogue_is_asked_seldom_a_changed_one_soon(
    make_video, clock, django_assert_num_queries
):
    key = key_of(make_video("Jazz"))

    def read(newest, queries):
        with django_assert_num_queries(queries):
            assert shelf.read(newest, (), [key]).rows[key].title == "Jazz"

    read(7, queries=1)
    clock[0] += 3 * AGE
    read(7, queries=0)  # nothing changed: only figures may be older
    read(8, queries=1)  # something did
    clock[0] += 3 * AGE
    read(8, queries=0)
    clock[0] += shelf.STEADY * AGE
    read(8, queries=1)


def test_what_was_read_just_before_a_change_is_read_again_within_its_age(
    make_video, clock, django_assert_num_queries
):
    key = key_of(make_video("Jazz"))
    shelf.read(7, (), [key])
    clock[0] += 1
    with django_assert_num_queries(0):
        shelf.read(8, (), [key])
    clock[0] += AGE
    with django_assert_num_queries(1):
        shelf.read(8, (), [key])
