"""A sum of exponentials as a window, against the pair rule and single pairs of spikes."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Recorded
from canns.errors import ValidationError
from canns.plasticity import COINCIDENCES, BasisSTDP, PairSTDP, Setup, learn

SPIKES = (np.random.default_rng(0).random((200, 6)) < 0.1).astype(float)


@pytest.mark.parametrize("coincidence", COINCIDENCES)
def test_one_exponential_a_side_is_the_pair_rule(coincidence):
    pair = PairSTDP(0.1, 0.5, 0.3, 17.0, 17.0, coincidence=coincidence)
    basis = BasisSTDP((0.5,), (-0.3,), (17.0,), 0.1, coincidence=coincidence)
    both = [
        learn(Setup(rule, Recorded()), jnp.zeros((2, 4)), SPIKES).weights for rule in (pair, basis)
    ]
    assert np.abs(both[0]).max() > 0.1
    np.testing.assert_allclose(both[1], both[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("lag", [-30, -5, 0, 5, 30])
def test_a_pair_changes_the_weight_by_the_window(lag):
    rule = BasisSTDP((1.0, -0.5), (0.2, -0.4), (5.0, 20.0), coincidence="ltp")
    spikes = np.zeros((40, 2))
    spikes[max(0, -lag), 0] = spikes[max(0, lag), 1] = 1.0
    found = learn(Setup(rule, Recorded()), jnp.zeros((1, 1)), spikes).weights
    np.testing.assert_allclose(float(found[0, 0]), rule.window([lag])[0], rtol=1e-5)


def test_unknown_windows_are_zero():
    rule = BasisSTDP.unknown(3)
    assert np.allclose(rule.taus, [5.0, np.sqrt(500), 100.0])
    assert not rule.window(np.arange(-50, 50)).any()
    with pytest.raises(ValidationError, match="num_exponentials"):
        BasisSTDP.unknown(0)
