"""Training as a job: how far it is, cancelling, going on, and coming before its time."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.management import BaseCommand, CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from recommendations_plugin import conf, runs, status, tasks
from recommendations_plugin.events import drift
from recommendations_plugin.index import artifacts
from recommendations_plugin.management.commands.recommendations_train import Command
from recommendations_plugin.models import Event, Impression, TrainingRun
from recommendations_plugin.training import train as training
from recommendations_plugin.training.recipe import Recipe
from tests.support import graph_of

pytestmark = pytest.mark.django_db
Status = TrainingRun.Status


@pytest.fixture(autouse=True)
def own_artifacts(settings, tmp_path):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}


@pytest.fixture
def trains(monkeypatch, communities):
    """Let trainings learn two communities, without a graph; ``trains(hook)`` is told each step."""

    def let(hook=lambda what, part: None, fit=None):
        monkeypatch.setattr(tasks, "open_graph", graph_of(communities))
        real = fit or training.train

        def spied(snapshot, parameters, progress):
            def tell(what, part):
                progress(what, part)
                hook(what, part)

            return real(snapshot, parameters, tell)

        monkeypatch.setattr(training, "train", spied)

    return let


@pytest.fixture
def editor(make_user, client):
    """An editor who may look and train, signed in."""
    user = make_user("ed")
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["access_admin", "view_trainingrun", "train_model"])
    )
    client.force_login(user)
    return user


def page_of(run):
    return reverse("wagtailsnippets_recommendations_plugin_trainingrun:inspect", args=[run.pk])


def test_a_run_says_how_far_it_is_until_it_is_done(trains):
    run, told = runs.request(), []

    def look(what, part):
        run.refresh_from_db()
        told.append((run.step, run.progress))
        assert (run.step, run.progress) == (what, pytest.approx(part))
        assert run.elapsed > timedelta(0)

    trains(look)
    tasks.run_training(run.pk)
    assert len({step for step, _progress in told}) > 4
    run.refresh_from_db()
    assert (run.status, run.step, run.progress) == (Status.DONE, "", 1)
    assert not (artifacts.root_folder() / tasks.KEPT).exists()


def test_a_cancelled_run_stops_at_its_next_step_and_what_is_served_stays(trains):
    run, seen = runs.request(), []

    def cancel(what, part):
        seen.append(what)
        if len(seen) == 3:
            assert runs.cancel(run.pk, "Enough.")

    trains(cancel)
    with pytest.raises(runs.RunCancelled):
        tasks.run_training(run.pk)
    assert len(seen) == 3
    run.refresh_from_db()
    assert (run.status, run.error, run.lease_until) == (Status.CANCELLED, "Enough.", None)
    assert artifacts.versions() == []
    assert runs.active_version() == ""
    with pytest.raises(runs.RunCancelled):
        runs.start(run.pk)
    assert runs.request().pk != run.pk
    assert not runs.cancel(run.pk)


@pytest.mark.parametrize("by", ["Ctrl-C", "a service manager"])
def test_stopping_a_training_in_the_terminal_leaves_a_clean_state(trains, by):
    def stop(what, part):
        if by == "Ctrl-C":
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGTERM)

    trains(stop)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(CommandError, match="goes on from what") as stopped:
        call_command("recommendations_train", quiet=True)
    assert stopped.value.returncode == tasks.STOPPED
    assert signal.getsignal(signal.SIGTERM) == before
    run = TrainingRun.objects.get()
    assert (run.status, run.error) == (Status.CANCELLED, "Stopped from the terminal.")
    runs.start(runs.request().pk)  # the lease is free


def test_the_next_training_on_hardly_more_data_takes_over_what_was_chosen(trains, communities):
    given = []

    def fit(snapshot, parameters, progress):
        given.append(parameters["RECIPE"])
        small = training.Parameters(dimension=8, network=False)
        return training.fit(snapshot, Recipe(), small), {}

    trains(fit=fit)
    for _ in range(2):
        tasks.run_training(runs.request().pk)
    assert given[0] is None
    assert Recipe.from_dict(given[1]) == Recipe()
    first = runs.latest().data["choice"]
    assert first["interactions"] == len(communities.viewer)
    for changed in ({"interactions": len(communities.viewer) // 2}, {"plugin": "0"}):
        TrainingRun.objects.update(data={"choice": {**first, **changed}})
        tasks.run_training(runs.request().pk)
        assert given.pop() is None


def test_training_by_an_earlier_choice_chooses_nothing(communities):
    told = {**Recipe(half_life=10.0).as_dict(), "blocks": []}
    embeddings, metrics = training.train(communities, {"RECIPE": told})
    assert metrics["trials"] == []
    assert metrics["recall@20"]
    assert embeddings.parameters["half_life"] == 10.0


# --- coming before its time ---------------------------------------------------------------------


@pytest.fixture
def trained():
    data = {"interactions": 40, "newest_event": 0}
    return TrainingRun.objects.create(
        status=Status.DONE, version="v1", finished_at=timezone.now(), data=data
    )


def events(number, kind="watch"):
    now = timezone.now()
    Event.objects.bulk_create(Event(kind=kind, occurred_at=now) for _ in range(number))


def impressions(number, followed, *, days_ago):
    at = timezone.now() - timedelta(days=days_ago)
    Impression.objects.bulk_create(
        Impression(
            viewer_key=f"session:{days_ago}",
            feed=f"{position}",
            item_key="item",
            placement="home",
            position=1,
            version="v1",
            shown_at=at,
            followed_at=at if position < followed else None,
        )
        for position in range(number)
    )


def test_much_that_is_newer_than_the_model_trains_before_it_is_time(trained, monkeypatch):
    retrained = []
    monkeypatch.setattr(tasks, "train", retrained.append)
    events(3)
    events(9, kind="item")
    tasks.retrain_if_drifted()
    assert retrained == []
    events(1)
    tasks.retrain_if_drifted()
    assert len(retrained) == 1
    tasks.summarise()
    part = next(part for part in status.check(graph=False).parts if part.name == "training")
    assert "10% of the interactions are newer than the model." in part.summary


def test_a_model_that_says_nothing_of_its_data_has_not_drifted(trained):
    events(9)
    trained.data = {"interactions": 40}
    assert drift.of(trained).newer == 0


def test_recommendations_that_are_followed_less_than_before_train_too(trained, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "RETRAIN": {"IMPRESSIONS": 20}}
    impressions(20, 10, days_ago=3)
    impressions(19, 0, days_ago=0.5)
    assert drift.of(trained).reasons == []  # too few to tell
    impressions(20, 8, days_ago=0.1)
    assert drift.of(trained).followed == pytest.approx((8 / 39, 0.5))
    assert len(drift.of(trained).reasons) == 1


def test_drift_is_looked_at_on_a_schedule_of_its_own(queued, settings):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "RETRAIN": {"CHECK_EVERY": 7}}
    tasks.schedule()
    schedules = tasks.jobs().schedules
    assert schedules["recommendations: drift"] == (tasks.DRIFT, 7, conf.settings.TRAINING_CLUSTER)


def test_without_a_model_nothing_drifts(monkeypatch):
    monkeypatch.setattr(tasks, "train", lambda run: pytest.fail("trained"))
    tasks.retrain_if_drifted()


# --- in the admin -------------------------------------------------------------------------------


def test_an_editor_sees_how_far_a_training_is_and_cancels_it(editor, client):
    run = runs.start(runs.request().pk)
    runs.keep_alive(run, "trying <als>", 0.45)
    page = client.get(page_of(run)).content.decode()
    assert "Trying the method &lt;als&gt;" in page
    assert 'value="45"' in page
    response = client.post(reverse("recommendations_cancel", args=[run.pk]), follow=True)
    assert "The training is cancelled." in response.content.decode()
    run.refresh_from_db()
    assert (run.status, run.error) == (Status.CANCELLED, "Cancelled by ed.")
    again = client.post(reverse("recommendations_cancel", args=[run.pk]), follow=True)
    assert "over already" in again.content.decode()


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Only Linux knows how to ask for it.")
def test_a_training_leaves_the_processor_to_whoever_answers_visitors(monkeypatch):
    monkeypatch.setattr(BaseCommand, "run_from_argv", lambda self, argv: None)
    child = os.fork()
    if not child:  # what a process gave away it cannot take back
        os.setsid()  # as the queue starts it
        Command().run_from_argv([])
        stands_back = os.sched_getscheduler(0) == os.SCHED_IDLE and os.nice(0) == 19
        session = Path("/proc/self/autogroup")
        stands_back &= not session.exists() or session.read_text().endswith("nice 19\n")
        os._exit(0 if stands_back else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_an_editor_starts_a_training_once(editor, client, queued):
    for _ in range(2):
        response = client.post(reverse("recommendations_train"))
    run = TrainingRun.objects.get()
    assert response.url == page_of(run)
    assert queued[0] == (tasks.TRAIN, run.pk)


def test_a_finished_run_shows_its_metrics_beside_popularity(editor, client, trained):
    trained.metrics = {
        "recall@20": 0.25,
        "popularity": {"recall@20": 0.125},
        "segments": {"new": {"viewers": 7, "recall": 0.5, "popularity": 0.1}},
    }
    trained.save()
    page = client.get(page_of(trained)).content.decode()
    for text in ("0.2500", "0.1250", "new", "0.5000"):
        assert text in page
    assert "Cancel this training" not in page


def test_whoever_may_only_look_neither_starts_nor_cancels(editor, client):
    editor.user_permissions.remove(Permission.objects.get(codename="train_model"))
    run = runs.request()
    assert "Cancel this training" not in client.get(page_of(run)).content.decode()
    assert client.post(reverse("recommendations_cancel", args=[run.pk])).status_code == 302
    assert client.post(reverse("recommendations_train")).status_code == 302
    assert client.get(reverse("recommendations_train")).status_code == 405
    run.refresh_from_db()
    assert run.status == Status.QUEUED
