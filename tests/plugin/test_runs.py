"""Training runs: one at a time, fenced, and given up after some tries."""

from __future__ import annotations

import pytest
from django.db.models import F

from recommendations_plugin import runs
from recommendations_plugin.models import TrainingRun

pytestmark = pytest.mark.django_db


def test_56_only_one_trainer_at_a_time_and_a_late_one_is_fenced_off():
    first = runs.start(runs.request().pk)
    with pytest.raises(runs.RunTaken):
        runs.start(runs.request().pk)
    TrainingRun.objects.filter(pk=first.pk).update(lease_until=F("created_at"))
    second = runs.start(first.pk)
    with pytest.raises(runs.RunTaken):
        runs.finish(first, version="late", metrics={}, data={})
    runs.finish(second, version="right", metrics={}, data={})
    assert TrainingRun.objects.get(pk=first.pk).version == "right"


def test_51_a_run_that_kills_its_worker_each_time_ends_as_failed():
    run_id = runs.request().pk
    for _ in range(runs.MAX_ATTEMPTS):
        runs.start(run_id)
        TrainingRun.objects.update(lease_until=F("created_at"))
    with pytest.raises(runs.RunTaken):
        runs.start(run_id)
    assert TrainingRun.objects.get().status == TrainingRun.Status.FAILED


def test_asking_twice_for_a_training_queues_one():
    assert runs.request() == runs.request()
