"""STDP towards a target trace, against sums over the spikes of each pair of neurons."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from spike_rule_helpers import by_pair, change, random_trains

from canns.dynamics import Activity
from canns.errors import CannsWarning
from canns.plasticity import RowSums, TargetTraceSTDP

RATES = {"learning_rate": 1e-9, "x_tar": 0.4, "tau_pre": 9.0, "tau_post": 13.0, "dt": 0.5}


@pytest.mark.parametrize("pairing", ["all", "nearest"])
@pytest.mark.parametrize("A_pre", [0.0, 2.0])
def test_random_trains_are_the_sum_over_spikes(pairing, A_pre, x64):
    """Changes so small that the weight, and with it the factors, stay the same."""
    rule = TargetTraceSTDP(**RATES, A_pre=A_pre, mu=0.5, w_max=2.0, pairing=pairing)
    pre, post = random_trains()

    def trace(spikes, at, tau, *, joins):
        lags = at - spikes[spikes <= at if joins else spikes < at]
        shares = np.exp(-lags * rule.dt / tau)
        return shares[-1:].sum() if pairing == "nearest" else shares.sum()

    def pairs(a, b):
        gain = sum(trace(a, at, rule.tau_pre, joins=True) - rule.x_tar for at in b)
        loss = sum(trace(b, at, rule.tau_post, joins=False) for at in a)
        return rule.learning_rate * (1.5**0.5 * gain - A_pre * 0.5**0.5 * loss)

    found = change(rule, pre, post, weights=0.5)
    np.testing.assert_allclose(found, by_pair(pre, post, pairs), rtol=1e-6, atol=1e-15)


def test_weights_beyond_the_bounds_do_not_move_and_have_slopes(x64):
    rule = TargetTraceSTDP(0.1, mu=0.5)
    spikes = Activity(jnp.ones(2), jnp.ones(1))

    def moved(weights):
        return rule.step(rule.init(weights), weights, spikes)[1]

    assert moved(jnp.array([[1.0, 1.5]])).tolist() == [[0.0, 0.0]]
    slopes = jax.grad(lambda w: moved(w).sum())(jnp.array([[1.0, 0.5]]))
    assert np.isfinite(slopes).all()
    with pytest.warns(CannsWarning, match=r"outside \[0, 1\] of TargetTraceSTDP"):
        rule.check_weights(np.array([[2.0]]))


def test_only_output_spikes_change_the_weights():
    rule = TargetTraceSTDP(0.1)
    weights = jnp.full((2, 3), 0.5)
    _, none = rule.step(rule.init(weights), weights, Activity(jnp.ones(3), jnp.zeros(2)))
    assert not none.any()


def test_rows_have_one_sum():
    rows = np.random.default_rng(0).random((5, 30))
    found = RowSums(7.0)(jnp.asarray(rows, jnp.float32))
    # 30 numbers, each of a relative error of 2^-24, are added.
    np.testing.assert_allclose(np.asarray(found, np.float64).sum(axis=1), 7.0, rtol=40 * 2**-24)
    np.testing.assert_allclose(found / found[:, :1], rows / rows[:, :1], rtol=1e-5)
    with pytest.warns(CannsWarning, match="scales rows by their sums"):
        RowSums().check_weights(np.array([[-1.0]]))
