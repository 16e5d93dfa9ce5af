"""Voltage-based STDP against direct sums over the past, and closed forms under voltage clamp."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from spike_rule_helpers import random_trains

from canns.dynamics import LIF, AdEx, ClopathAdEx, CurrentLIF, Delayed, Recorded
from canns.errors import CannsWarning, MissingStateError, ValidationError
from canns.models.brain_inspired import LinearLayer, NeuronLayer
from canns.plasticity import Clopath, Hebbian, Homeostasis, RewardModulated, Setup, Sum, learn
from canns.trainer import RuleTrainer, train_ensemble

RULE = Clopath(dt=0.5)
RULES = {
    "delayed": RULE,
    "undelayed": replace(RULE, delay=0.0),
    "homeostatic": replace(RULE, homeostasis=Homeostasis(u_ref_squared=50.0, tau=40.0)),
}
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


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
    steps = round(rule.delay / rule.dt)
    rest = np.full((steps, u.shape[1]), float(rule.u_rest))
    u_minus, u_plus = (
        np.concatenate([rest, low_pass(u, rule.u_rest, tau, rule.dt)])[: len(u)]
        for tau in (rule.tau_minus, rule.tau_plus)
    )
    since = np.subtract.outer(np.arange(len(u)), np.arange(len(u))) * rule.dt
    kernel = np.where(since > 0, np.exp(-since.clip(0) / rule.tau_x) / rule.tau_x, 0)
    ltd = rule.A_LTD * np.maximum(u_minus - rule.theta_minus, 0)
    if rule.homeostasis is not None:
        mean = low_pass(u - rule.u_rest, 0.0, rule.homeostasis.tau, rule.dt)
        ltd *= mean**2 / rule.homeostasis.u_ref_squared
    opened = np.maximum(u - rule.theta_plus, 0) * np.maximum(u_plus - rule.theta_minus, 0)
    return rule.dt * rule.A_LTP * opened.T @ (kernel @ pre) - ltd.T @ pre


@each_rule
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


@each_rule
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
    assert {"u_minus", "u_plus", "x_bar", "u_past"} <= set(layer.boxes())


WIDTH, LAG, HEIGHT = 4, 20, 100.0  # steps, steps, mV above rest


@pytest.mark.parametrize("steps", range(WIDTH + 1))
def test_a_spike_meets_the_filters_as_they_were_before_it(steps, x64):
    # An input, and LAG steps later a spike from rest: u_plus rises behind it by its own width.
    rule = replace(RULE, delay=steps * RULE.dt)
    pre, u = np.zeros((60, 1)), np.full((60, 1), rule.u_rest)
    pre[10], u[10 + LAG : 10 + LAG + WIDTH] = 1, rule.u_rest + HEIGHT
    within = np.arange(WIDTH)  # steps of the spike that came before this one
    risen = HEIGHT * (1 - np.exp(-rule.dt / rule.tau_plus * (within - steps).clip(0)))
    trace = np.exp(-rule.dt / rule.tau_x * (LAG + within)) / rule.tau_x
    opened = rule.u_rest + HEIGHT - rule.theta_plus
    expected = rule.A_LTP * rule.dt * opened * (risen * trace).sum()
    assert (expected == 0) == (steps >= WIDTH - 1), "no potentiation by a spike from rest"
    assert recorded(rule, pre, u)[0, 0] == pytest.approx(expected, rel=1e-9, abs=1e-18)


@pytest.mark.parametrize("steps", [0, 1, 6])
def test_an_input_after_a_spike_depresses_as_its_filter_was_before_the_delay(steps, x64):
    rule = replace(RULE, delay=steps * RULE.dt)
    pre, u = np.zeros((60, 1)), np.full((60, 1), rule.u_rest)
    u[10 : 10 + WIDTH], pre[10 + LAG] = rule.u_rest + HEIGHT, 1
    left = np.exp(-rule.dt / rule.tau_minus)
    expected = -rule.A_LTD * HEIGHT * (1 - left**WIDTH) * left ** (LAG - WIDTH - steps)
    assert recorded(rule, pre, u)[0, 0] == pytest.approx(expected, rel=1e-9)


WAYS = {
    "alone": (Clopath(), lambda memory: memory),
    "in a sum": (Sum((Hebbian(0.1), Clopath())), lambda memory: memory),
    "rewarded": (RewardModulated(Clopath()), lambda memory: memory[1:]),
    "given another rest": (Clopath(u_rest=-65.0), lambda memory: memory),
}


@pytest.mark.parametrize(("rule", "own"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_the_memory_has_a_row_for_each_step_of_the_delay(rule, own, dt):
    weights = np.zeros((2, 3), np.float32)
    memory = own(Setup(rule, AdEx(dt=dt)).start(weights).memory)
    rest = -65.0 if getattr(rule, "u_rest", None) == -65.0 else -70.6
    assert [leaf.shape for leaf in memory] == [(2,), (2,), (3,), (round(3 / dt), 2)]
    np.testing.assert_allclose(memory[-1], rest, rtol=1e-6)


def test_a_layer_has_a_row_for_each_step_and_keeps_to_it():
    layer = NeuronLayer(3, 2, AdEx(drive=20_000.0, t_spike=2.0))
    spikes = np.tile(np.eye(3), (10, 1))
    RuleTrainer(layer, Clopath()).train(spikes)
    assert layer.u_past.value.shape == (30, 2)
    before, other = layer.W.value, RuleTrainer(layer, Clopath(delay=2.0))
    with pytest.raises(ValidationError, match=r"^u_past must be of shape \(20, 2\).*reset_state"):
        other.train(spikes)
    np.testing.assert_array_equal(layer.W.value, before)
    layer.reset_state()
    other.train(spikes)
    assert layer.u_past.value.shape == (20, 2)


@pytest.mark.parametrize(
    ("rule", "neuron", "message"),
    [
        (Clopath(delay=3.05), ClopathAdEx(), r"steps of dt = 0\.1 ms; got 3\.05\. Take 3"),
        (Clopath(), ClopathAdEx(dt=0.4), r"steps of dt = 0\.4 ms; got 3\. Take 3\.2"),
        (Clopath(), ClopathAdEx(dt=10.0), r"steps of dt = 10 ms; got 3\. Take 10"),
        (
            Sum((Hebbian(0.1), Clopath(delay=0.5))),
            ClopathAdEx(dt=1.0),
            r"steps of dt = 1 ms; got 0\.5",
        ),
        (Clopath(dt=2.0), Recorded(potential=True), r"steps of dt = 2 ms; got 3"),
    ],
)
def test_a_delay_between_two_steps_is_refused(rule, neuron, message):
    weights = jnp.zeros((1, 1))
    with pytest.raises(ValidationError, match=rf"^delay must be a whole number of {message}"):
        learn(Setup(rule, neuron), weights, np.zeros((2, neuron.sample_size(weights))))


def test_the_delay_must_be_known_when_the_memory_is_made():
    def change(dt, delay):
        setup = Setup(Clopath(delay=delay), AdEx(dt=dt, drive=900.0, t_spike=2.0))
        return learn(setup, jnp.zeros((1, 1)), jnp.ones((300, 1))).weights

    steps = jnp.array([0.1, 0.2])
    with pytest.raises(ValidationError, match=r"^delay must be 0 if JAX traces dt"):
        jax.vmap(lambda dt: change(dt, 3.0))(steps)
    with pytest.raises(ValidationError, match=r"^delay must be a number that is known"):
        jax.vmap(lambda delay: change(0.1, delay))(steps)
    # Without a delay, or with a memory made before, dt may be traced.
    undelayed = jax.vmap(lambda dt: change(dt, 0.0))(steps)
    np.testing.assert_allclose(undelayed[1], change(0.2, 0.0), rtol=1e-4)
    setup = Setup(Clopath(), AdEx(drive=900.0, t_spike=2.0))
    start = setup.start(jnp.zeros((1, 1)))
    inside = jax.jit(lambda setup, start: learn(setup, start, jnp.ones((300, 1))).weights)
    assert float(jnp.abs(inside(setup, start)).max()) > 0
    np.testing.assert_allclose(inside(setup, start), change(0.1, 3.0), rtol=1e-4)


def test_members_of_an_ensemble_have_one_delay():
    layer = NeuronLayer(2, 1, AdEx(drive=900.0, t_spike=2.0))
    spikes = np.tile(np.eye(2), (200, 1))
    runs = train_ensemble(layer, Clopath(), spikes, scan={"A_LTP": [4e-5, 8e-5]}, epochs=1)
    alone = NeuronLayer(2, 1, AdEx(drive=900.0, t_spike=2.0))
    alone.W.value = layer.W.value
    RuleTrainer(alone, Clopath()).train(spikes)
    np.testing.assert_allclose(runs.weights.values[1], alone.W.value, rtol=1e-5)
    assert runs.memory["u_past"].values.shape == (2, 30, 1)
    with pytest.raises(ValidationError, match="delay"):
        train_ensemble(layer, Clopath(), spikes, scan={"delay": [2.0, 3.0]})


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


@pytest.mark.parametrize("neuron", [AdEx(), CurrentLIF(), Delayed(AdEx(), 1, 0, 2)])
def test_spikes_without_a_width_are_warned_of(neuron):
    """They are above theta_plus for no time, so that the potentiation by a spike is lost."""
    with pytest.warns(CannsWarning, match=r"without the shape of its spikes.*t_spike of 2 ms"):
        Setup(Clopath(), neuron).check(jnp.zeros((1, 1)))
    Setup(Clopath(), AdEx(t_spike=2.0)).check(jnp.zeros((1, 1)))
