"""Who sends which events: claims, their leases, and giving up."""

from __future__ import annotations

import pytest
from django.db.models import F

from recommendations_plugin.events import outbox
from recommendations_plugin.models import Event

pytestmark = pytest.mark.django_db


def test_two_workers_never_claim_the_same_event(make_video, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "SYNC_BATCH": 3}
    for number in range(5):
        make_video(f"Video {number}")
    first, second = outbox.claim(), outbox.claim()
    assert (len(first), len(second)) == (3, 2)
    assert not {event.pk for event in first} & {event.pk for event in second}
    assert outbox.claim() == []


def test_50_a_dead_workers_claim_is_free_again_when_its_lease_is_over(make_video):
    make_video("One")
    claimed = outbox.claim()
    Event.objects.update(lease_until=F("created_at"))
    assert outbox.claim() == claimed


def test_53_an_event_that_kills_its_worker_is_tried_alone_and_then_given_up(make_video, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "SYNC_ATTEMPTS": 3}
    for number in range(3):
        make_video(f"Video {number}")
    sizes = []
    while claimed := outbox.claim():
        sizes.append(len(claimed))
        Event.objects.filter(lease_until__isnull=False).update(lease_until=F("created_at"))
    assert sizes == [3, 3, 1, 1, 1]
    assert Event.objects.filter(failed_at__isnull=False).count() == 3
