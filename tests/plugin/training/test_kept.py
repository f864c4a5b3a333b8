from __future__ import annotations

import numpy as np
import pytest
import torch

from recommendations_plugin.training import kept as keeping
from recommendations_plugin.training import recipe as recipes
from recommendations_plugin.training.grid import UNCHOSEN
from recommendations_plugin.training.kept import Kept, digest
from recommendations_plugin.training.parameters import Parameters
from recommendations_plugin.training.recipe import Recipe
from recommendations_plugin.training.train import fit


def test_what_is_kept_is_not_made_again_and_is_the_same(tmp_path):
    made = (torch.randn(5, 3), torch.randn(2))
    Kept(tmp_path / "new").tensors("a", lambda: made)
    found = Kept(tmp_path / "new").tensors("a", lambda: pytest.fail("made again"))
    assert all(torch.equal(*pair) for pair in zip(made, found, strict=True))


def test_without_a_folder_or_room_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 10)
    for folder in (None, tmp_path):
        Kept(folder).tensors("a", lambda: (torch.zeros(5),))
    assert list(tmp_path.iterdir()) == []


def test_names_differ_with_anything_that_went_in():
    array = np.arange(6)
    names = [
        digest(array, 1),
        digest(array, 2),
        digest(array.astype(np.float64), 1),
        digest(array.reshape(2, 3), 1),
        digest(array[::-1], 1),
        digest(None, 1),
    ]
    assert len(set(names)) == len(names)
    assert digest(np.arange(6), 1) == names[0]


def test_a_killed_training_goes_on_and_ends_with_the_same_bits(communities, tmp_path, monkeypatch):
    """Killed in its third encoder; the second try makes only what is missing."""
    als = {"encoder": "als", "dimension": 8, "ridge": 20.0, "alpha": 10.0, "start": 1.0}
    network = {"encoder": "gnn", "normalised": 0.25, "dimension": 8, "half_life": 0.0, "steps": 3}
    recipe = Recipe(parts=(*UNCHOSEN.parts, (als, 1.0), (network, 1.0)), facet_weight=0.3)
    parameters = Parameters(dimension=64, kept=tmp_path)
    expected = fit(communities, recipe, Parameters(dimension=64))

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(recipes.Training, "until", killed)
        with pytest.raises(KeyboardInterrupt):
            fit(communities, recipe, parameters)
    monkeypatch.setattr(recipes, "alternating_least_squares", killed)
    monkeypatch.setattr(recipes, "decompose", killed)
    found = fit(communities, recipe, parameters)
    assert np.array_equal(found.items, expected.items)
    assert np.array_equal(found.pulls, expected.pulls)
