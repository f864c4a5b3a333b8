"""The queue adapters, and the schedules the plugin makes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from recommendations_plugin import tasks
from recommendations_plugin.jobs.base import Jobs
from recommendations_plugin.jobs.django_q import DjangoQJobs
from recommendations_plugin.jobs.immediate import ImmediateJobs

pytestmark = pytest.mark.django_db

calls: list[tuple[int, ...]] = []


def note(*numbers: int) -> None:
    calls.append(numbers)


def test_immediate_jobs_run_at_once():
    calls.clear()
    ImmediateJobs().enqueue(f"{__name__}.note", 1, 2)
    assert calls == [(1, 2)]


@pytest.mark.parametrize("cluster", [None, "training"])
def test_django_q_gets_the_task_on_its_cluster_with_small_arguments(cluster):
    DjangoQJobs().enqueue("recommendations_plugin.tasks.train", 7, cluster=cluster)
    row = OrmQ.objects.get()
    assert (row.task["func"], row.task["args"]) == ("recommendations_plugin.tasks.train", (7,))
    assert row.key == (cluster or "default")


def test_the_backlog_tells_the_number_and_the_age_of_the_oldest():
    queue = DjangoQJobs()
    assert queue.backlog() == {"queued": 0, "oldest_seconds": None}
    queue.enqueue("recommendations_plugin.tasks.sync")
    queue.enqueue("recommendations_plugin.tasks.sync")
    backlog = queue.backlog()
    assert backlog["queued"] == 2
    assert 0 <= backlog["oldest_seconds"] < 60


def test_schedules_are_made_once_and_follow_the_settings(settings):
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "JOBS": "recommendations_plugin.jobs.django_q.DjangoQJobs",
    }
    tasks.schedule()
    tasks.schedule()
    found = dict(Schedule.objects.values_list("func", "cluster"))
    assert found == {
        tasks.SYNC: None,
        tasks.RECONCILE: None,
        tasks.PRUNE: None,
        tasks.PINS: None,
        tasks.SUMMARISE: None,
        tasks.EXPERIMENTS: None,
        tasks.RETRAIN: "training",
        tasks.DRIFT: "training",
    }
    assert Schedule.objects.count() == len(found)
    soon = timezone.now() + timedelta(hours=23)
    assert Schedule.objects.get(func=tasks.RETRAIN).next_run > soon, "a start is no reason to train"
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "TRAIN_EVERY": 0}
    tasks.schedule()
    assert not Schedule.objects.filter(func=tasks.RETRAIN).exists()


@pytest.mark.parametrize(
    "name", ["SYNC", "TRAIN", "RETRAIN", "DRIFT", "PRUNE", "RECONCILE", "PINS", "EXPERIMENTS"]
)
def test_the_stable_names_of_tasks_lead_to_functions(name):
    from django.utils.module_loading import import_string

    assert callable(import_string(getattr(tasks, name)))


@pytest.mark.parametrize("backend", [DjangoQJobs, ImmediateJobs])
def test_every_adapter_keeps_the_contract(backend):
    assert isinstance(backend(), Jobs)
