"""Which model is served: the gate, its override, the way back, and the pages for it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from recommendations_plugin import releases, runs, tasks
from recommendations_plugin.index import artifacts
from recommendations_plugin.models import ActiveModel, TrainingRun
from recommendations_plugin.training import train as training
from recommendations_plugin.training.recipe import Recipe
from tests.plugin.index.conftest import embeddings_of
from tests.plugin.training.conftest import communities  # noqa: F401
from tests.support import graph_of

pytestmark = pytest.mark.django_db
LIST = "wagtailsnippets_recommendations_plugin_trainingrun:list"


@pytest.fixture(autouse=True)
def own_artifacts(settings, tmp_path):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path}


def measured(recall: float, popular: float = 0.1, **more):
    return {
        "recall@20": recall,
        "ndcg@20": recall / 2,
        "popularity": {"recall@20": popular, "ndcg@20": popular / 2},
        **more,
    }


def beside(live, recall, low, high):
    intervals = {"recall@20": [low, high], "ndcg@20": [low, high]}
    return {
        "version": live.version,
        "recall@20": recall,
        "ndcg@20": recall / 2,
        "differences": intervals,
    }


@pytest.fixture
def make_run():
    """Make a training that ended well, with a real artifact of a few numbers."""

    def make(metrics=None, seed=1):
        version = artifacts.publish(embeddings_of(seed=seed), metrics={})
        return TrainingRun.objects.create(
            status=TrainingRun.Status.DONE,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            version=version,
            metrics=metrics or {},
            data={"viewers": 10, "items": 23, "interactions": 90},
            log=[[0.1, "reading the graph"]],
        )

    return make


@pytest.fixture
def sign_in(make_user, client):
    def sign_in(*codenames):
        user = make_user("ed")
        names = ["access_admin", *codenames]
        user.user_permissions.add(*Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return user

    return sign_in


def test_a_worse_model_is_refused_and_what_is_served_stays(make_run):
    live = make_run(measured(0.2))
    releases.release(live)
    worse = make_run(measured(0.15, live=beside(live, 0.2, -0.07, -0.03)))
    assert not releases.release_trained(worse)
    assert runs.active_version() == live.version
    refused = ModelLogEntry.objects.get(action=releases.REFUSED)
    assert refused.data["version"] == worse.version
    assert "recall@20 is 0.1500; the live model has 0.2000." in refused.data["shortcomings"]
    assert refused.message == "The model was refused"


def test_a_difference_that_may_be_chance_refuses_nothing(make_run):
    live = make_run(measured(0.2))
    releases.release(live)
    as_good = make_run(measured(0.19, live=beside(live, 0.2, -0.04, 0.02)))
    assert releases.release_trained(as_good)
    assert runs.active_version() == as_good.version
    assert releases.shortcomings(live, as_good) == []


def test_models_measured_on_different_data_are_held_against_popularity(make_run):
    live = make_run(measured(0.2, popular=0.1))
    same_lift, less = make_run(measured(0.4, popular=0.2)), make_run(measured(0.3, popular=0.2))
    assert releases.shortcomings(same_lift, live) == []
    assert "over popularity's is 1.5000" in releases.shortcomings(less, live)[0]


def test_worse_than_popularity_is_refused_even_as_the_first_model(make_run):
    poor = make_run(measured(0.05, popular=0.1))
    assert not releases.release_trained(poor)
    assert runs.active_version() == ""
    assert releases.release_trained(make_run({}))  # nothing to measure, nothing served


def test_an_unmeasured_model_does_not_replace_a_measured_one(make_run):
    live = make_run(measured(0.2))
    releases.release(live)
    assert "was not measured" in releases.shortcomings(make_run({}), live)[0]


def test_an_override_needs_a_reason_and_is_kept_with_it(make_run, sign_in, client):
    live = make_run(measured(0.2))
    releases.release(live)
    worse = make_run(measured(0.15, live=beside(live, 0.2, -0.07, -0.03)))
    user = sign_in("view_trainingrun", "activate_model")
    address = reverse("recommendations_activate", args=[worse.pk])
    assert "worse than what it would replace" in client.get(address).content.decode()
    for blank in ("", "   ", "\0"):
        page = client.post(address, {"reason": blank})
        assert page.status_code == 200
        assert runs.active_version() == live.version
    client.post(address, {"reason": "Its <b>catalogue</b> is cleaner."})
    assert runs.active_version() == worse.version
    entry = ModelLogEntry.objects.filter(action=releases.ACTIVATED).first()
    assert (entry.user, entry.data["reason"]) == (user, "Its <b>catalogue</b> is cleaner.")
    assert entry.data["before"] == live.version
    history = client.get(reverse("recommendations_releases")).content.decode()
    assert "Its &lt;b&gt;catalogue&lt;/b&gt; is cleaner." in history


def test_the_model_before_can_be_gone_back_to_and_its_files_are_kept(
    make_run, sign_in, client, settings
):
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_KEPT": 1}
    first = make_run(measured(0.2))
    releases.release(first)
    second = make_run(measured(0.3), seed=2)
    releases.release(second)
    sign_in("view_trainingrun", "activate_model")
    page = reverse("wagtailsnippets_recommendations_plugin_trainingrun:inspect", args=[second.pk])
    back = reverse("recommendations_activate", args=[first.pk])
    assert back in client.get(page).content.decode()
    answer = client.post(back, {"reason": "Complaints about the new one"}, follow=True)
    assert "is served now" in answer.content.decode()
    assert runs.active_version() == first.version


def test_a_broken_model_is_not_served_and_it_is_said(make_run, sign_in, client):
    live, broken = make_run(measured(0.2)), make_run(measured(0.3), seed=2)
    releases.release(live)
    (artifacts.root_folder() / broken.version / "items.npy").write_bytes(b"")
    sign_in("view_trainingrun", "activate_model")
    address = reverse("recommendations_activate", args=[broken.pk])
    assert "cannot be served" in client.post(address, follow=True).content.decode()
    assert runs.active_version() == live.version


def test_two_models_are_compared_with_their_differences(make_run, sign_in, client):
    one, two = make_run(measured(0.3)), make_run(measured(0.2), seed=2)
    sign_in("view_trainingrun")
    address = reverse("recommendations_compare")
    assert one.version in client.get(address).content.decode()
    page = client.get(address, {"one": one.pk, "two": two.pk}).content.decode()
    assert "+50.0 %" in page
    for wrong in ("x", 2**70, "\0", ""):
        assert client.get(address, {"one": wrong, "two": two.pk}).status_code == 200


def test_a_model_card_tells_data_method_metrics_and_limits(make_run, sign_in, client):
    run = make_run(
        measured(
            0.3,
            segments={"new": {"viewers": 4, "recall": 0.25, "ndcg": 0.1, "popularity": 0.2}},
            viewers=10,
            interactions=18,
        )
    )
    sign_in("view_trainingrun")
    address = reverse("recommendations_card", args=[run.pk])
    page = client.get(address).content.decode()
    card = client.get(address, {"format": "markdown"})
    text = card.content.decode()
    assert card["Content-Disposition"].endswith(f'"model-card-{run.version}.md"')
    for told in ("Intended use", "Method", "Limits", "New viewers", "0.2500", "18 interactions"):
        assert told in page
        assert told in text
    assert text.startswith(f"# Model card: {run.version}\n")
    assert "| New viewers | 4 | 0.2500 | 0.2000 |" in text


def test_without_the_right_to_it_nothing_is_served_or_shown(make_run, sign_in, client):
    live, other = make_run(measured(0.2)), make_run(measured(0.3), seed=2)
    releases.release(live)
    sign_in("view_trainingrun", "train_model")
    page = reverse("wagtailsnippets_recommendations_plugin_trainingrun:inspect", args=[other.pk])
    address = reverse("recommendations_activate", args=[other.pk])
    assert address not in client.get(page).content.decode()
    assert client.post(address, {"reason": "Mine"}).status_code == 302
    assert runs.active_version() == live.version
    client.logout()
    for name in ("compare", "releases"):
        assert client.get(reverse(f"recommendations_{name}")).status_code == 302


def test_the_list_says_what_is_served_in_a_fixed_number_of_queries(
    make_run, sign_in, client, django_assert_num_queries
):
    releases.release(make_run(measured(0.2)))
    sign_in("view_trainingrun")
    client.get(reverse(LIST))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        page = client.get(reverse(LIST)).content.decode()
    assert "0.2000 (0.1000)" in page
    for number in range(4):
        make_run(measured(0.3), seed=number + 2)
    with django_assert_num_queries(len(few)):
        client.get(reverse(LIST))


def test_a_training_measures_the_live_model_on_the_same_data(monkeypatch, communities):  # noqa: F811
    monkeypatch.setattr(tasks, "open_graph", graph_of(communities))
    told = []

    def choose(known, parameters, progress=None):
        told.append(parameters.live)
        return Recipe(), []

    monkeypatch.setattr(training, "choose", choose)
    first = tasks.run_training(runs.request().pk)
    second = tasks.run_training(runs.request().pk)
    assert told[0] is None
    assert Recipe.from_dict(told[1]) == Recipe()
    metrics = TrainingRun.objects.get(version=second).metrics
    assert metrics["live"]["version"] == first
    assert metrics["live"]["recall@20"] == metrics["recall@20"]
    assert metrics["live"]["differences"]["ndcg@20"] == [0, 0]
    assert (ActiveModel.objects.get().version, runs.previous().version) == (second, first)
    steps = [step for _seconds, step in TrainingRun.objects.get(version=second).log]
    assert steps[0] == "reading the graph"
    assert steps[-1] == "building the index"
