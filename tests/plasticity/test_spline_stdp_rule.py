"""A window of splines, against sums over all pairs of spikes."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Recorded
from canns.errors import ValidationError
from canns.plasticity import COINCIDENCES, Setup, SplineSTDP, learn

SPIKES = (np.random.default_rng(0).random((120, 6)) < 0.1).astype(float)
PLUS, MINUS = (1.0, -0.5, 0.3, 0.2, 0.1), (0.2, -0.4, 0.1, -0.3, 0.2)


def _by_pairs(rule, spikes, num_in):
    """The change by all pairs, one by one, by the window alone."""
    times = [np.flatnonzero(train) for train in spikes.T]
    change = np.zeros((len(times) - num_in, num_in))
    half = 0.5 if rule.coincidence == "mid" else 0.0
    alike = rule.window([half])[0] if rule.coincidence != "none" else 0.0
    if rule.coincidence == "both":
        alike += rule.learning_rate * rule.minus[0]
    for i, post in enumerate(times[num_in:]):
        for j, pre in enumerate(times[:num_in]):
            lags = np.subtract.outer(post, pre).ravel()
            change[i, j] = rule.window(lags[lags != 0] + half).sum() + alike * (lags == 0).sum()
    return change


@pytest.mark.parametrize("coincidence", COINCIDENCES)
def test_the_change_is_the_sum_of_the_window_over_all_pairs(coincidence):
    rule = SplineSTDP(PLUS, MINUS, num_steps=20, learning_rate=0.5, coincidence=coincidence)
    found = learn(Setup(rule, Recorded()), jnp.zeros((2, 4)), SPIKES).weights
    wanted = _by_pairs(rule, SPIKES, 4)
    assert np.abs(wanted).max() > 0.5
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)  # rounding of sums of 10s of pairs


def test_the_window_is_flat_for_equal_coefficients_and_ends():
    rule = SplineSTDP((2.0,) * 8, (-1.0,) * 8, num_steps=60)
    flat = np.arange(50)  # up to the last inner knot, at 5/6
    np.testing.assert_allclose(rule.window(flat), 2.0, rtol=1e-12)
    np.testing.assert_allclose(rule.window(-1 - flat[:-1]), -1.0, rtol=1e-12)
    late = rule.window(np.arange(50, 60))
    assert (np.diff(late) < 0).all()
    assert (late > 0).all()
    assert not rule.window([60, 61, 1000, -60, -1000]).any()


def test_unknown_windows_are_zero():
    rule = SplineSTDP.unknown(4, num_steps=30)
    assert len(rule.plus) == len(rule.minus) == 4
    assert not rule.window(np.arange(-50, 50)).any()
    with pytest.raises(ValidationError, match="num_splines"):
        SplineSTDP.unknown(2)
