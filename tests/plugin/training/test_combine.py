from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from recommendations_plugin.training.combine import Compared, Validation, compare
from recommendations_plugin.training.encoders.base import Block


@pytest.mark.parametrize(("better", "surely"), [(3, False), (30, True)])
def test_a_gain_of_few_viewers_may_be_chance(better, surely):
    wanted = np.zeros((100, 40), dtype=bool)
    wanted[:, 0] = True
    first, last = np.zeros((2, 100, 40), dtype=np.float32)
    first[:, 0], last[:, 0] = 1, -1
    some = np.where(np.arange(100)[:, None] < better, first, last)
    compared = Compared([some, last], wanted, np.ones(100, dtype=np.int64))
    assert compared.surely_better(some, last) == surely


def test_a_block_of_outliers_hides_nothing_that_another_shows():
    """500 items score a thousand by one block; the other's best score one: all are compared."""
    vectors = torch.zeros(600, 1)
    vectors[:500] = 1000 + torch.arange(500.0)[:, None]
    modest = torch.zeros(600, 1)
    modest[580:] = 1.0
    blocks = [Block.plain(vectors, None), Block.plain(modest, None)]
    nothing = sp.csr_array((3, 600), dtype=np.float32)
    wanted = sp.csr_array((np.ones(3), (np.arange(3), np.full(3, 590))), shape=(3, 600))
    compared = compare(
        blocks, Validation(nothing, nothing, wanted), sp.csr_array((0, 600), dtype=np.float32)
    )
    assert compared.quality(compared.scores[1])["recall@20"] == 1.0
