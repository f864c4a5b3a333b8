"""What codes are called: each has words, and each step that a training reports."""

from __future__ import annotations

import re
from pathlib import Path

import recommendations_plugin
from recommendations_plugin import wording
from recommendations_plugin.types import FacetKind, Kind, Learning, Step

ROOT = Path(recommendations_plugin.__file__).parent


def test_every_code_has_words() -> None:
    words = (wording.KINDS, wording.FACETS, wording.LEARNING, wording.RUNGS)
    assert [set(of) for of in words] == [set(of) for of in (Kind, FacetKind, Learning, Step)]
    assert wording.rung("last_good") == "the model before"
    assert wording.rung("of another version") == "of another version"
    assert wording.placement("home") == "Home page"
    assert wording.placement("footer") == "footer"


def test_every_step_that_a_training_reports_has_words() -> None:
    sources = [*(ROOT / "training").rglob("*.py"), ROOT / "tasks.py"]
    reported = {
        step.replace("{spec['encoder']}", "als")
        for path in sources
        for step in re.findall(r'\b(?:progress|alive)\(f?"([^"]+)"', path.read_text("utf-8"))
    }
    assert "trying als" in reported
    assert {step for step in reported if wording.doing(step) == step} == set()
    assert wording.doing("trying als") == "Trying the method als"
    assert wording.doing("of another version") == "of another version"
