"""The balanced network: what is read from its spikes."""

import numpy as np
import pytest

from canns.plasticity import VogelsSTDP
from canns.reproduce import Claim
from canns.reproduce._balance import _explained
from seeds import SEEDS


@pytest.mark.parametrize("seed", SEEDS)
def test_trains_that_are_independent_explain_the_target(seed):
    rng = np.random.default_rng(seed)
    rule, learns = VogelsSTDP(0.01, 5.0, 20.0, dt=0.5), np.ones((10, 10), bool)
    explained = [
        _explained(rng.random((20_000, 10)) < 0.01, rng.random((20_000, 10)) < 0.002, learns, rule)
        for _ in range(6)
    ]
    assert Claim.of_mean("rate (Hz)", "our theory", 5.0, explained).passed
