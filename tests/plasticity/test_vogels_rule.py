"""Inhibitory STDP against the sum over all pairs of spikes, and the rate that it holds."""

from dataclasses import replace

import numpy as np
import pytest
from spike_rule_helpers import by_pair, change, random_trains, steady

from canns.plasticity import VogelsSTDP

RULE = VogelsSTDP(0.5, rho_0=40.0, tau=7.0, dt=0.5)
COUNTS = {"none": 0, "once": 1, "twice": 2, "mid": 1}
each_convention = pytest.mark.parametrize("coincidence", COUNTS)


@each_convention
def test_random_trains_are_the_sum_over_all_pairs(coincidence, x64):
    pre, post = random_trains()

    def pairs(a, b):
        # Under "mid", inputs come half a step sooner than spikes of the same step.
        lags = np.subtract.outer(b, a) + (0.5 if coincidence == "mid" else 0.0)
        window = np.exp(-np.abs(lags) * RULE.dt / RULE.tau)
        whole = np.where(lags == 0, COUNTS[coincidence], window)
        return RULE.learning_rate * (whole.sum() - 2 * 0.040 * RULE.tau * len(a))

    found = change(replace(RULE, coincidence=coincidence), pre, post)
    np.testing.assert_allclose(found, by_pair(pre, post, pairs), rtol=1e-9)


HELD = {
    "none": 3.076,
    "once": 2.999,
    "twice": 2.926,
    "mid": 3.000,
}  # Hz, at 20 ms, 3 Hz, and steps of 1 ms


@each_convention
def test_independent_input_balances_at_the_target_rate(coincidence, x64):
    rule = VogelsSTDP(1.0, rho_0=3.0, tau=20.0, dt=1.0, coincidence=coincidence)
    assert rule.alpha == pytest.approx(0.12)
    left = np.exp(-1 / 20)
    slope = 2 * left / (1 - left) + COUNTS[coincidence]
    if coincidence == "mid":
        slope = 1 / np.sinh(1 / 40)
    held = 0.12 / slope
    assert 1000 * held == pytest.approx(HELD[coincidence], abs=5e-4)
    p = 0.01
    drifts = [steady(rule, (p, q)) for q in (0.5 * held, held, 2 * held)]
    np.testing.assert_allclose(drifts, p * 0.12 * np.array([-0.5, 0, 1]), rtol=1e-9, atol=1e-14)


def test_small_steps_hold_the_rate_of_continuous_time(x64):
    rule = VogelsSTDP(1.0, rho_0=3.0, tau=20.0, dt=1.0)
    low, high = (steady(rule, (0.01, q)) for q in (0.0029, 0.0031))
    crossing = 2.9 + 0.2 * low / (low - high)
    assert crossing == pytest.approx(3.0 * (1 + (1 / 20) ** 2 / 24), rel=1e-6)


def test_trains_that_are_drawn_balance_at_the_target_rate():
    rng = np.random.default_rng(0)
    # At 25 Hz and 5 ms, so that few steps tell the conventions apart: 0.1 a step is the target.
    rule = VogelsSTDP(1.0, rho_0=25.0, tau=5.0, dt=4.0)
    neurons, steps = 200, 3000
    p, held = 0.2, rule.alpha * np.sinh(4 / 10)
    pre, post = (rng.random((steps, neurons)) < rate for rate in (p, held))
    # Neuron i and input i share no train with any other such pair: these are independent.
    moved = np.diagonal(change(rule, pre.astype(float), post.astype(float))) / steps
    error = moved.std(ddof=1) / np.sqrt(neurons)
    assert error < 0.02 * p * rule.alpha
    assert abs(moved.mean()) < 4 * error
