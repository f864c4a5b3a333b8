"""Experiments: who is in which arm, what came of it, and when that decides."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from recommendations_plugin import api, tasks
from recommendations_plugin.events import experiments, steering
from recommendations_plugin.events.inference import Sums, difference
from recommendations_plugin.models import Experiment, ExperimentArm, Impression, Item

LIST = "wagtailsnippets_recommendations_plugin_experiment"


@pytest.fixture
def make_experiment(db):
    """Make an experiment: ``make_experiment({"control": {}, "diverse": {"DIVERSITY": 0.5}})``."""

    def make(arms=None, *, start=True, **fields):
        arms = {"control": {}, "other": {}} if arms is None else arms
        experiment = Experiment.objects.create(
            **{"name": "A test", "placement": "home", "viewers": 1000, **fields}
        )
        for place, (name, options) in enumerate(arms.items()):
            ExperimentArm.objects.create(
                experiment=experiment, name=name, sort_order=place, options=options
            )
        if start:
            experiments.start(experiment.pk)
            experiment.refresh_from_db()
        return experiment

    return make


def seen(experiment, arm, *, viewers, seconds, per_viewer=4, seed=1, **fields):
    """Have an arm's viewers see cards; ``seconds``: how long they watch for each on average."""
    draw = np.random.default_rng(seed)
    Impression.objects.bulk_create(
        Impression(
            viewer_key=f"{arm}-{viewer}",
            feed=str(card),
            item_key=f"item:{card}",
            placement="home",
            position=card + 1,
            arm=f"{experiment.pk}:{arm}",
            shown_at=timezone.now(),
            seconds=draw.exponential(seconds) if seconds else 0,
            **fields,
        )
        for viewer in range(viewers)
        for card in range(per_viewer)
    )


# --- who is in which arm ------------------------------------------------------------------------


def test_a_viewer_stays_in_an_arm_and_arms_get_their_shares():
    arms = [steering.Arm("1:control", 1), steering.Arm("1:other", 3)]
    rules = steering.Rules(arms={"home": arms})
    found = {f"v{number}": rules.arm("home", f"v{number}").key for number in range(4000)}
    assert found == {viewer: rules.arm("home", viewer).key for viewer in found}
    assert Counter(found.values())["1:control"] == pytest.approx(1000, abs=100)
    assert rules.arm("home", "") is rules.arm("sidebar", "v1") is None
    others = [steering.Arm("2:control", 1), steering.Arm("2:other", 1)]
    again = steering.Rules(arms={"home": others})
    both = [v for v, arm in found.items() if arm == "1:control" == again.arm("home", v).key]
    assert both == []
    moved = sum(again.arm("home", v).key == "2:other" for v, a in found.items() if a == "1:control")
    assert moved == pytest.approx(500, abs=80)  # another experiment draws anew


def test_a_feed_is_ranked_as_its_viewers_arm_says_and_impressions_tell(
    make_experiment, make_video, make_user
):
    popular, fresh = make_video("Popular"), make_video("Fresh")
    Item.objects.filter(key=api.key_of(popular)).update(watch_time=50)
    options = {"WEIGHTS": {"engagement": 0, "trending": 0, "freshness": 1}, "EXPLORE": 0}
    experiment = make_experiment({"control": {"EXPLORE": 0}, "fresh": options})
    firsts = {}
    for number in range(12):
        viewer = api.viewer(make_user(f"user{number}"))
        feed = api.recommend(viewer, limit=2)
        firsts[feed.arm] = feed.items[0].object
        api.report_seen(viewer, [feed.items[0].trace])
    control, other = (f"{experiment.pk}:{name}" for name in ("control", "fresh"))
    assert firsts == {control: popular, other: fresh}
    assert set(Impression.objects.values_list("arm", flat=True)) == {control, other}
    assert api.recommend(api.viewer(None)).arm == ""
    experiments.stop(experiment.pk)
    assert api.recommend(viewer).arm == ""


def test_an_arms_model_is_kept_and_of_an_ended_experiment_not(make_experiment):
    experiment = make_experiment()
    ExperimentArm.objects.filter(name="other").update(version="v1")
    assert steering.versions_in_use() == {"v1"}
    experiments.stop(experiment.pk)
    assert steering.versions_in_use() == set()


# --- how sure one is ----------------------------------------------------------------------------


def false_alarm_or_find(draw, lift, looks=20, viewers=3000):
    """Return whether an experiment, looked at again and again, ever says that arms differ."""
    n = draw.integers(1, 30, viewers)
    other = draw.random(viewers) < 0.5
    x = draw.poisson(draw.gamma(0.5, 20, viewers) * n * (1 + lift * other)).astype(float)
    for look in np.linspace(2 * experiments.FEWEST, viewers, looks).astype(int):
        arm, control = (
            Sums(len(a), a.sum(), b.sum(), (a * a).sum(), (b * b).sum(), (a * b).sum())
            for a, b in (
                (x[:look][which], n[:look][which]) for which in (other[:look], ~other[:look])
            )
        )
        found = difference(arm, control, error=experiments.ERROR, tuned_for=2000)
        if found.low > 0 or found.high < 0:
            return True
    return False


def test_looking_often_at_two_equal_arms_raises_no_false_alarm_and_a_better_one_is_found():
    draw = np.random.default_rng(7)
    runs = 300
    alarms = sum(false_alarm_or_find(draw, 0.0) for _ in range(runs))
    assert alarms / runs <= experiments.ERROR
    finds = sum(false_alarm_or_find(draw, 0.4) for _ in range(50))
    assert finds >= 45


def test_the_variance_of_a_ratio_is_that_of_many_repetitions():
    draw = np.random.default_rng(3)

    def once():
        n = draw.integers(1, 20, 400)
        x = n * draw.gamma(1, 2, 400)
        return Sums(400, x.sum(), n.sum(), (x * x).sum(), (n * n).sum(), (x * n).sum())

    repetitions = [once() for _ in range(600)]
    assert np.mean([each.variance for each in repetitions]) == pytest.approx(
        np.var([each.ratio for each in repetitions]), rel=0.2
    )


# --- what is measured, and when that decides ----------------------------------------------------


def test_what_is_measured_is_what_was_seen(make_experiment):
    experiment = make_experiment()
    seen(experiment, "control", viewers=2, seconds=0, milliseconds=8)
    seen(experiment, "other", viewers=3, seconds=0, milliseconds=10)
    Impression.objects.filter(viewer_key="other-0").update(seconds=6, dismissed=True)
    control, other = experiments.measure(experiment)["arms"]
    assert (control["viewers"], control["impressions"]) == (2, 8)
    assert (other["viewers"], other["impressions"]) == (3, 12)
    assert other["seconds"]["value"] == pytest.approx(2)
    assert other["dismissals"]["value"] == pytest.approx(1 / 3)
    assert other["milliseconds"]["difference"] == pytest.approx(2)
    assert control["seconds"]["low"] is None


def test_concentration_is_the_share_of_the_most_shown_creators(make_experiment):
    experiment = make_experiment()
    for card in range(4):
        creator = "big" if card < 2 else f"small-{card}"
        item = Item.objects.create(key=f"item:{card}", facet_keys={"creator": [creator]})
        item.facets.create(key=creator, kind="creator", name=creator) if card != 1 else (
            item.facets.add(Item.objects.get(key="item:0").facets.get())
        )
    seen(experiment, "control", viewers=4, seconds=1)
    seen(experiment, "other", viewers=4, seconds=1, per_viewer=2)
    control, other = experiments.measure(experiment)["arms"]
    assert control["concentration"]["value"] == pytest.approx(0.5)
    assert other["concentration"]["value"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("other", "verdict", "decided_by"),
    [
        ({"seconds": 30}, "better", "other"),
        ({"seconds": 5}, "worse", "other"),
        ({"seconds": 15, "dismissed": True}, "guardrail", "other"),
        ({"seconds": 30, "milliseconds": 90}, "guardrail", "other"),
        ({"seconds": 15, "seed": 2}, "", ""),
    ],
)
def test_an_experiment_stops_by_itself_once_it_is_decided(
    make_experiment, other, verdict, decided_by
):
    experiment = make_experiment()
    seen(experiment, "control", viewers=150, seconds=15, milliseconds=10)
    seen(experiment, "other", viewers=150, **{"milliseconds": 10, **other})
    assert tasks.stop_experiments() == bool(verdict)
    experiment.refresh_from_db()
    assert (experiment.verdict, experiment.decided_by) == (verdict, decided_by)
    assert experiment.status == ("stopped" if verdict else "running")
    assert len(experiment.results["arms"]) == 2


def test_few_viewers_decide_nothing_and_time_ends_what_stays_open(make_experiment):
    experiment = make_experiment(days=7)
    seen(experiment, "control", viewers=20, seconds=1)
    seen(experiment, "other", viewers=20, seconds=500)
    assert tasks.stop_experiments() == 0
    Experiment.objects.update(started_at=timezone.now() - timedelta(days=8))
    assert tasks.stop_experiments() == 1
    experiment.refresh_from_db()
    assert experiment.verdict == "time"


def test_one_experiment_runs_at_a_placement_and_each_starts_once(make_experiment):
    first = make_experiment()
    other = make_experiment(start=False)
    with pytest.raises(experiments.CannotStart, match="Another experiment"):
        experiments.start(other.pk)
    with pytest.raises(experiments.CannotStart, match="started before"):
        experiments.start(first.pk)
    with pytest.raises(experiments.CannotStart, match="two arms"):
        experiments.start(make_experiment({"alone": {}}, start=False).pk)
    assert experiments.stop(first.pk)
    assert not experiments.stop(first.pk)
    experiments.start(other.pk)


# --- the admin ----------------------------------------------------------------------------------


@pytest.fixture
def operator(make_user, client):
    """An editor who may make experiments, but not start them."""
    user = make_user("operator")
    wanted = ["access_admin", *(f"{do}_experiment" for do in ("view", "add", "change", "delete"))]
    user.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    client.force_login(user)
    return user


def form(**fields):
    arms = {
        f"arms-{place}-{name}": value
        for place, arm in enumerate(("control", "other"))
        for name, value in {"name": arm, "share": 1, "options": "{}", "version": ""}.items()
    }
    counts = {"arms-TOTAL_FORMS": 2, "arms-INITIAL_FORMS": 0, "arms-MIN_NUM_FORMS": 2}
    basic = {"name": "New", "placement": "home", "viewers": 500, "days": 14}
    return {**basic, **counts, **arms, **fields}


def test_an_operator_makes_an_experiment_and_another_right_starts_and_stops_it(operator, client):
    assert client.post(reverse(f"{LIST}:add"), form()).status_code == 302
    experiment = Experiment.objects.get()
    assert [arm.name for arm in experiment.arms.order_by("sort_order")] == ["control", "other"]
    client.post(reverse("recommendations_start", args=[experiment.pk]))
    experiment.refresh_from_db()
    assert experiment.status == "draft"
    operator.user_permissions.add(Permission.objects.get(codename="run_experiment"))
    assert client.get(reverse("recommendations_start", args=[experiment.pk])).status_code == 405
    client.post(reverse("recommendations_start", args=[experiment.pk]))
    seen(experiment, "control", viewers=3, seconds=10)
    seen(experiment, "other", viewers=3, seconds=10)
    assert tasks.stop_experiments() == 0  # which measures them, by a schedule
    page = client.get(reverse(f"{LIST}:inspect", args=[experiment.pk])).content.decode()
    for words in ("Watched seconds per impression", "difference", "control", "Stop"):
        assert words in page
    client.post(reverse("recommendations_stop", args=[experiment.pk]))
    experiment.refresh_from_db()
    assert (experiment.status, experiment.verdict) == ("stopped", "hand")
    assert "stopped by hand" in client.get(reverse(f"{LIST}:list")).content.decode()


def test_what_runs_cannot_be_changed(operator, client, make_experiment):
    experiment = make_experiment()
    answer = client.post(reverse(f"{LIST}:edit", args=[experiment.pk]), form(name="Changed"))
    assert "It has been started." in answer.content.decode()
    experiment.refresh_from_db()
    assert experiment.name == "A test"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"arms-1-options": '{"DIVERSITY": 7}'}, "number from 0 to 1"),
        ({"arms-1-options": '{"NOPE": 1}'}, "no setting"),
        ({"arms-1-options": "[1]"}, "dict of settings"),
        ({"arms-1-options": "{"}, "valid JSON"),
        ({"arms-1-name": "control"}, "a name of its own"),
        ({"arms-1-name": "Not a name"}, "lower-case"),
        ({"arms-1-version": "v0"}, "No training run made this version"),
        ({"placement": "é!"}, "lower-case"),
    ],
)
def test_a_wrong_experiment_is_explained_and_not_kept(operator, client, fields, words):
    answer = client.post(reverse(f"{LIST}:add"), form(**fields))
    assert words in answer.content.decode()
    assert not Experiment.objects.exists()
