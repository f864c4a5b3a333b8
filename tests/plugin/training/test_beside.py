"""The live model is measured beside popularity, on what neither has seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recommendations_plugin import charts, runs, tasks
from recommendations_plugin.graph.base import GraphUnavailable
from recommendations_plugin.index import artifacts
from recommendations_plugin.training.beside import aligned, beside, split_at
from recommendations_plugin.training.grid import UNCHOSEN
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.train import fit
from tests.support import graph_of

SETTINGS = {"DIMENSION": 64, "NETWORK": False}


@pytest.fixture(scope="module")
def live(communities):
    """A model made after each viewer's first fourteen interactions."""
    known, _after = split_at(communities, 13.5)
    return fit(known, UNCHOSEN, Parameters(dimension=64))


def test_what_came_after_a_moment_is_not_known_before_it(communities):
    known, after = split_at(communities, 13.5)
    assert known.at.max() == 13
    assert len(after) == 60 * 6
    assert len(known.viewer) + len(after) == len(communities.viewer)


def test_the_live_model_is_measured_by_its_recipe_and_on_what_came_after_it(communities, live):
    reports = beside(communities, SETTINGS, (live, 13.5))
    assert list(reports) == ["the live model's recipe", "the live model, on what came after it"]
    for report in reports.values():
        assert report["recall@20"] > 1.5 * report["popularity"]["recall@20"]
    assert reports["the live model, on what came after it"]["interactions"] == 360


def test_without_a_model_encoders_are_chosen(communities):
    (name,) = beside(communities, SETTINGS, None)
    assert name == "chosen now"


def test_a_model_is_read_by_keys_whatever_came_and_went_since(communities, live):
    turned = live.item_keys[::-1]
    other = aligned(
        live, type(communities)(**{**_fields(communities), "item_keys": ["new", *turned[1:]]})
    )
    assert not other.items[0].any()
    assert np.array_equal(other.items[1], live.items[-2])
    assert np.array_equal(other.facets, live.facets)


def _fields(snapshot):
    return {name: getattr(snapshot, name) for name in type(snapshot).__dataclass_fields__}


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def served(settings, tmp_path, monkeypatch, communities, live, db):
    """The live model is served, and the graph holds all interactions, half of them newer."""
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "ARTIFACTS_DIR": tmp_path / "models"}
    runs.activate(artifacts.publish(live, metrics={}))
    made = artifacts.load(runs.active_version()).manifest["created_at"]
    shift = datetime.fromisoformat(made).astimezone(UTC).timestamp() - 13.5
    later = type(communities)(**{**_fields(communities), "at": communities.at + shift})

    monkeypatch.setattr(tasks, "open_graph", graph_of(later))


def test_the_command_prints_tables_and_saves_charts(served, tmp_path, capsys):
    out = StringIO()
    call_command("recommendations_evaluate", plots=tmp_path / "charts", stdout=out)
    text = out.getvalue()
    for word in ("the live model's recipe", "on what came after it", "popularity", "mrr"):
        assert word in text
    assert "recall, casual viewers" in text
    names = sorted(path.name for path in (tmp_path / "charts").iterdir())
    assert names == ["1-metrics.svg", "1-segments.svg", "2-metrics.svg", "2-segments.svg"]
    for path in (tmp_path / "charts").iterdir():
        assert ElementTree.parse(path).getroot().tag.endswith("svg")  # noqa: S314
    assert len(artifacts.versions()) == 1


def test_the_command_speaks_json(served):
    out = StringIO()
    call_command("recommendations_evaluate", json=True, stdout=out)
    assert json.loads(out.getvalue())["the live model's recipe"]["recall@20"] > 0


def test_the_command_says_what_to_do_when_the_graph_is_away(db, monkeypatch):
    def away():
        raise GraphUnavailable("Start it.")

    monkeypatch.setattr(tasks, "open_graph", away)
    with pytest.raises(CommandError, match="Start it"):
        call_command("recommendations_evaluate", json=True)


def test_bars_are_as_long_as_their_values_and_names_are_escaped():
    drawn = charts.bar_chart("A & B", {"<group>": {"half": 0.5, "whole": 1.0, "none": 0.0}})
    root = ElementTree.fromstring(drawn)  # noqa: S314
    widths = [float(e.get("width")) for e in root.iter() if e.get("x") == "260"]
    assert widths == [charts.WIDEST / 2, charts.WIDEST, 0]
    assert charts.bar_chart("Empty", {})
