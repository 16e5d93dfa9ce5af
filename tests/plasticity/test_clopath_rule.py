"""Voltage-based STDP against direct sums over the past, and closed forms under voltage clamp."""

from dataclasses import replace

import numpy as np
import pytest
from spike_rule_helpers import random_trains

from canns.dynamics import LIF, Recorded
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired import LinearLayer, NeuronLayer
from canns.plasticity import Clopath, Homeostasis, Setup, learn
from canns.trainer import RuleTrainer

RULE = Clopath(dt=0.5)
HOMEOSTATIC = replace(RULE, homeostasis=Homeostasis(u_ref_squared=50.0, tau=40.0))


def recorded(rule, pre, u):
    """The change, (m, n), by presynaptic spikes (T, n) and potentials (T, m), in float64."""
    inputs = np.concatenate([pre, np.zeros_like(u), u], axis=1)
    weights = np.zeros((u.shape[1], pre.shape[1]))
    after = learn(Setup(rule, Recorded(potential=True)), weights, inputs)
    return np.asarray(after.weights, np.float64)


def low_pass(u, rest, tau, dt):
    """What a filter of u holds at the beginning of each step, as a sum over the steps before."""
    left, held = np.exp(-dt / tau), np.empty_like(u)
    for t in range(len(u)):
        weights = (1 - left) * left ** np.arange(t - 1, -1, -1)
        held[t] = left**t * rest + weights @ u[:t]
    return held


def summed(rule, pre, u):
    """The change by the paper's equations, with every filter as a sum over the past."""
    u_minus = low_pass(u, rule.u_rest, rule.tau_minus, rule.dt)
    u_plus = low_pass(u, rule.u_rest, rule.tau_plus, rule.dt)
    since = np.subtract.outer(np.arange(len(u)), np.arange(len(u))) * rule.dt
    kernel = np.where(since > 0, np.exp(-since.clip(0) / rule.tau_x) / rule.tau_x, 0)
    ltd = rule.A_LTD * np.maximum(u_minus - rule.theta_minus, 0)
    if rule.homeostasis is not None:
        mean = low_pass(u - rule.u_rest, 0.0, rule.homeostasis.tau, rule.dt)
        ltd *= mean**2 / rule.homeostasis.u_ref_squared
    opened = np.maximum(u - rule.theta_plus, 0) * np.maximum(u_plus - rule.theta_minus, 0)
    return rule.dt * rule.A_LTP * opened.T @ (kernel @ pre) - ltd.T @ pre


@pytest.mark.parametrize("rule", [RULE, HOMEOSTATIC], ids=["constant", "homeostatic"])
def test_a_potential_that_wanders_gives_the_sum_over_the_past(rule, x64):
    rng = np.random.default_rng(0)
    pre, _ = random_trains(num_pre=4)
    u = -55.0 + np.cumsum(rng.normal(scale=4.0, size=(120, 3)), axis=0)
    crossed = (u > RULE.theta_plus).mean(axis=0), (u < RULE.theta_minus).mean(axis=0)
    assert max(crossed[0]) > 0.2, "a threshold that nothing crosses is not tested"
    assert max(crossed[1]) > 0.1
    expected = summed(rule, pre, u)
    found = recorded(rule, pre, u)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


CLAMPS = np.array([-80.0, -70.6, -60.0, -45.3, -40.0, -20.0, 0.0])


@pytest.mark.parametrize("rule", [RULE, HOMEOSTATIC], ids=["constant", "homeostatic"])
def test_a_clamped_potential_depresses_below_one_threshold_and_potentiates_above_it(rule, x64):
    # One spike, long after the filters have settled and long before the end.
    pre = np.zeros((2400, 1))
    pre[1800] = 1
    found = recorded(rule, pre, np.tile(CLAMPS, (2400, 1)))[:, 0]
    left = np.exp(-rule.dt / rule.tau_x)
    lasting = rule.dt / rule.tau_x * left / (1 - left)  # 1 in continuous time
    assert lasting == pytest.approx(1 - rule.dt / (2 * rule.tau_x), rel=1e-3)
    above = np.maximum(CLAMPS - rule.theta_minus, 0)
    ltd = rule.A_LTD * above
    if rule.homeostasis is not None:
        ltd *= (CLAMPS - rule.u_rest) ** 2 / rule.homeostasis.u_ref_squared
    ltp = rule.A_LTP * lasting * np.maximum(CLAMPS - rule.theta_plus, 0) * above
    np.testing.assert_allclose(found, ltp - ltd, rtol=1e-8, atol=1e-15)
    if rule.homeostasis is None:
        assert np.sign(found.round(12)).tolist() == [0, 0, -1, -1, 1, 1, 1]


def test_the_neurons_own_potential_is_what_counts():
    # An LIF neuron in millivolts above rest: filters and thresholds are given as it is.
    rule = Clopath(theta_minus=1.0, theta_plus=5.0, u_rest=0.0, dt=1.0)
    layer = NeuronLayer(3, 2, LIF(threshold=20.0))
    spikes = np.tile(np.eye(3), (20, 1))
    layer.W.value = np.full((2, 3), 9.0)
    RuleTrainer(layer, rule).train(spikes)
    # It climbs from 0 and fires: u over time by the neuron's own equation, the weights as they go.
    weights, v, u = np.full((2, 3), 9.0), np.zeros(2), []
    for t in range(len(spikes)):
        u.append(0.9 * v + weights @ spikes[t])
        v = np.where(u[-1] >= 20.0, 0.0, u[-1])
        weights = 9.0 + summed(rule, spikes[: t + 1], np.array(u))
    assert np.abs(weights - 9.0).max() > 0.01
    np.testing.assert_allclose(layer.W.value, weights, rtol=1e-5)
    assert {"u_minus", "u_plus", "x_bar"} <= set(layer.boxes())


def test_a_neuron_without_potential_is_refused():
    with pytest.raises(ValidationError, match="potential for Clopath; got Recorded"):
        learn(Setup(Clopath(), Recorded()), np.zeros((1, 1)), np.zeros((2, 2)))
    with pytest.raises(MissingStateError, match="potential"):
        RuleTrainer(LinearLayer(2, 1), Clopath()).train(np.ones((2, 2)))


@pytest.mark.parametrize("number", ["u_ref_squared", "tau"])
def test_the_numbers_of_the_homeostasis_are_checked(number):
    rule = Clopath(homeostasis=Homeostasis(**{number: 0.0}))
    with pytest.raises(ValidationError, match=rf"^{number} "):
        rule.validate()
