"""One time step: rules with time constants take the neuron's, however both are nested."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    LIF,
    SRM,
    AdaptiveLIF,
    AdEx,
    Clamped,
    ClopathAdEx,
    ConductanceLIF,
    CurrentLIF,
    Delayed,
    FirstSpikeWins,
    LateralThreshold,
    Linear,
    Neuron,
    NoState,
    Poisson,
    Recorded,
    Stack,
)
from canns.dynamics.neuron import Activity
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    BrainInspiredModelGroup,
    LayerStack,
    NeuronLayer,
    SpikingLayer,
)
from canns.plasticity import (
    BCM,
    STDP,
    Clopath,
    Hebbian,
    Homeostasis,
    Monitor,
    PairSTDP,
    Parts,
    Recorder,
    Reversed,
    RewardModulated,
    Rule,
    Setup,
    Sum,
    TripletSTDP,
    VogelsSTDP,
    learn,
    respond,
)
from canns.task import timed_spikes
from canns.trainer import RuleTrainer, train_ensemble
from canns.typing import param, pytree


@pytree
class Leaky(Neuron):
    """A neuron of a user's own, with a time step."""

    dt: float = param(default=0.1, low=0, open_low=True)

    def init(self, weights):
        return NoState()

    def step(self, state, weights, x):
        return state, Activity(x, weights @ x)


@pytree
class Around(Neuron):
    """A wrapper of a user's own, which inherits nothing from the library's."""

    inner: Neuron = Linear()

    def init(self, weights):
        return self.inner.init(weights)

    def step(self, state, weights, x):
        return self.inner.step(state, weights, x)


STEPS = [
    (LIF(dt=0.1), 0.1),
    (CurrentLIF(dt=0.1), 0.1),
    (AdaptiveLIF(dt=0.1), 0.1),
    (ConductanceLIF(dt=0.1), 0.1),
    (AdEx(), 0.1),
    (ClopathAdEx(), 0.1),
    (SRM(dt=0.1), 0.1),
    (Poisson(dt=0.1), 0.1),
    (Leaky(), 0.1),
    (Delayed(CurrentLIF(dt=0.1)), 0.1),
    (FirstSpikeWins(CurrentLIF(dt=0.1)), 0.1),
    (Delayed(FirstSpikeWins(SRM(dt=0.1))), 0.1),
    (Around(Delayed(CurrentLIF(dt=0.1))), 0.1),
    (Stack((Linear(), CurrentLIF(dt=0.1))), 0.1),
    (Stack((CurrentLIF(dt=0.1), AdEx())), 0.1),
    (Linear(), 1.0),
    (Clamped(), 1.0),
    (Recorded(), 1.0),
    (Around(Linear()), 1.0),
    # Its dt is a step of the relaxation, not the time between samples.
    (LateralThreshold(dt=0.1), 1.0),
]


@pytest.mark.parametrize(("neuron", "step"), STEPS, ids=lambda part: repr(part)[:50])
def test_the_time_step_is_the_neurons(neuron, step):
    assert Setup(PairSTDP(), neuron).time_step == step


@pytree
class Filtered(Rule):
    """A wrapper of a user's own around a rule."""

    rule: Rule

    @property
    def memory_attrs(self):
        return self.rule.memory_attrs

    def step(self, memory, weights, activity):
        return self.rule.step(memory, weights, activity)

    def init(self, weights):
        return self.rule.init(weights)


TIMED = [
    PairSTDP(1.0, 0.3, 0.2),
    PairSTDP(1.0, 0.3, 0.2, pairing="reduced", coincidence="ltp"),
    TripletSTDP(),
    VogelsSTDP(),
    Sum((Hebbian(0.01), PairSTDP(0.1), VogelsSTDP())),
    Filtered(PairSTDP()),
    Sum((Filtered(Sum((PairSTDP(), TripletSTDP()))),)),
]


def with_dt(rule, dt):
    """The rule with dt given to it and to every rule inside, by hand."""
    if isinstance(rule, Sum):
        return Sum(tuple(with_dt(inner, dt) for inner in rule.rules))
    if hasattr(rule, "rule"):
        rule = replace(rule, rule=with_dt(rule.rule, dt))
    return replace(rule, dt=dt) if hasattr(rule, "dt") else rule


SPIKES = (np.random.default_rng(0).random((60, 3)) < 0.3).astype(np.float32)
WEIGHTS = jnp.full((2, 3), 400.0)


def learnt(rule, neuron, weights=WEIGHTS, **options):
    return np.asarray(learn(Setup(rule, neuron), weights, SPIKES, **options).weights) - weights


@pytest.mark.slow
@pytest.mark.parametrize("rule", TIMED, ids=lambda rule: repr(rule)[:40])
@pytest.mark.parametrize("neuron", [CurrentLIF(dt=0.1), AdEx(drive=900.0)], ids=["LIF", "AdEx"])
def test_a_rule_learns_as_if_it_were_given_the_time_step(rule, neuron):
    found = learnt(rule, neuron)
    np.testing.assert_array_equal(found, learnt(with_dt(rule, 0.1), neuron))
    assert np.abs(found - learnt(with_dt(rule, 1.0), replace(neuron, dt=1.0))).max() > 0


def test_the_voltage_rule_and_its_running_mean_take_the_time_step():
    rule, neuron = Clopath(homeostasis=Homeostasis()), AdEx(drive=900.0, t_spike=2.0)
    found = learnt(rule, neuron)
    np.testing.assert_array_equal(found, learnt(replace(rule, dt=0.1), neuron))


@pytest.mark.parametrize("inner", [PairSTDP(), Sum((PairSTDP(), VogelsSTDP()))])
def test_an_eligibility_takes_the_time_step_with_the_rule_inside(inner):
    rewards, neuron = np.linspace(-1, 1, len(SPIKES)), CurrentLIF(dt=0.1)
    found = learnt(RewardModulated(inner, 20.0), neuron, rewards=rewards)
    given = RewardModulated(with_dt(inner, 0.1), 20.0, 0.1)
    np.testing.assert_array_equal(found, learnt(given, neuron, rewards=rewards))


def test_a_wrapper_takes_the_time_step_given_to_the_rule_inside():
    setup = Setup(RewardModulated(PairSTDP(dt=0.25)), Recorded())
    assert setup.time_step == 0.25
    assert setup.timed_rule.dt == 0.25
    outside = Setup(RewardModulated(PairSTDP(), dt=0.25), Linear()).timed_rule
    assert (outside.dt, outside.rule.dt) == (0.25, 0.25)


def test_reversed_rules_take_it_too():
    @pytree
    class Slow(Hebbian):
        dt: float | None = param(default=None, low=0)

        def step(self, memory, weights, activity):
            memory, delta = super().step(memory, weights, activity)
            return memory, self.dt * delta

    found = learn(Setup(Reversed(Slow(1.0)), Leaky()), jnp.ones((1, 1)), np.ones((1, 1)))
    assert float(found.weights[0, 0]) == pytest.approx(1 - 0.1)


def test_the_layers_of_a_stack_share_the_time_step():
    # The published closed form of each pair of a spike of the first layer and one of the second.
    first, second = jnp.full((1, 1), 6000.0), jnp.full((1, 1), 6000.0)
    neuron = Stack((CurrentLIF(dt=0.1), CurrentLIF(dt=0.1)))
    recorder = Recorder(Monitor(("spikes",)))
    setup = Setup(Parts((None, PairSTDP(1.0, 0.01, 0.01))), neuron)
    inputs = timed_spikes([[0.0]], 100, dt=0.1)
    after = learn(setup, (first, second), inputs, recorder=recorder)
    post = recorder.history().spikes[0]
    pre = np.flatnonzero(respond(CurrentLIF(dt=0.1), first, inputs)[1])
    assert len(pre) > 0
    assert len(post) > 0
    lags = (post[:, None] - pre).ravel()
    size = 0.01 * np.exp(-(np.abs(lags) + np.where(lags < 0, -0.5, 0.5)) * 0.1 / 20)
    expected = np.sum(np.where(lags < 0, -size, size))
    change = float(after.weights[1][0, 0]) - 6000
    assert change == pytest.approx(expected, abs=6000 * 2**-23 * len(lags))


GIVEN = [
    (PairSTDP(dt=1.0), CurrentLIF(dt=0.1), r"0\.1 ms in CurrentLIF, and so in PairSTDP; got 1\."),
    (PairSTDP(dt=0.5), AdEx(), r"AdEx.*PairSTDP; got 0\.5"),
    (PairSTDP(dt=1.0), Delayed(CurrentLIF(dt=0.1)), "CurrentLIF.*PairSTDP"),
    (Sum((Hebbian(), TripletSTDP(dt=1.0))), SRM(dt=0.1), "SRM.*TripletSTDP"),
    (Sum((VogelsSTDP(dt=1.0), PairSTDP(dt=0.5))), Recorded(), "VogelsSTDP.*PairSTDP"),
    (RewardModulated(PairSTDP(dt=0.5), dt=1.0), Recorded(), "RewardModulated.*PairSTDP"),
    (RewardModulated(PairSTDP(), dt=1.0), LIF(dt=0.1), "LIF.*RewardModulated"),
    (Filtered(Clopath(dt=1.0)), AdEx(), "AdEx.*Clopath"),
    (Parts((STDP(), PairSTDP(dt=1.0))), Stack((LIF(dt=0.1),) * 2), "LIF.*PairSTDP"),
    (Parts((STDP(), PairSTDP())), Stack((LIF(), AdEx())), "LIF.*AdEx; got 0\\.1"),
]


@pytest.mark.parametrize(("rule", "neuron", "match"), GIVEN)
def test_two_time_steps_that_differ_are_refused(rule, neuron, match):
    setup = Setup(rule, neuron)
    with pytest.raises(ValidationError, match=match) as caught:
        setup.check(jnp.ones((1, 1)))
    assert caught.value.argument == "dt"
    assert "leave it out" in str(caught.value)


def test_equal_time_steps_are_accepted():
    Setup(PairSTDP(dt=0.1), CurrentLIF(dt=1 / 10)).check(jnp.ones((1, 1)))
    Setup(PairSTDP(dt=0.3), CurrentLIF(dt=float(np.float32(0.3)))).check(jnp.ones((1, 1)))
    Setup(PairSTDP(dt=0.1), Delayed(CurrentLIF(dt=0.1))).check(jnp.ones((1, 1)))
    Setup(BCM(), Stack((LIF(), AdEx()))).time_step  # noqa: B018  # has one, and no rule reads it


def test_a_traced_time_step_is_one_for_both():
    def change(dt):
        setup = Setup(PairSTDP(1.0, 0.3, 0.2), CurrentLIF(dt=dt))
        return learn(setup, WEIGHTS, SPIKES).weights - WEIGHTS

    steps = jnp.array([0.1, 0.5])
    found = jax.vmap(change)(steps)
    for dt, one in zip((0.1, 0.5), found, strict=True):
        # Weights of 400 have a resolution of 3e-5; the largest change is about 2.
        expected = learnt(PairSTDP(1.0, 0.3, 0.2), CurrentLIF(dt=dt))
        np.testing.assert_allclose(one, expected, atol=2e-3)


def taught(model):
    """One input at 5 ms, then 55 ms of silence; the change that the output spikes explain."""
    record = RuleTrainer(model, PairSTDP(1.0, 0.01, 0.01)).train(
        timed_spikes([[5.0]], 600, dt=0.1), monitor=Monitor(("spikes",), every=7)
    )
    lags = record.spikes[0] * 0.1 + 0.05 - 5
    assert len(lags) > 0
    return sum(0.01 * np.exp(-lags / 20)), len(lags)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("neuron", "start"), [(CurrentLIF(dt=0.1), 400.0), (AdEx(), 9000.0)], ids=["LIF", "AdEx"]
)
def test_trainers_and_monitors(neuron, start):
    layer = NeuronLayer(1, 1, neuron)
    layer.W.value = [[start]]
    expected, spikes = taught(layer)
    change = float(layer.W.value[0, 0]) - start
    assert change == pytest.approx(expected, abs=spikes * start * 2**-23)


def test_a_spiking_layer():
    layer = SpikingLayer(1, 1, threshold=0.5, dt=0.1)
    layer.W.value = [[1.0]]
    expected, _ = taught(layer)
    assert float(layer.W.value[0, 0]) == pytest.approx(1 + expected, rel=1e-6)


def test_a_layer_stack():
    first, second = (SpikingLayer(1, 1, threshold=0.5, dt=0.1) for _ in range(2))
    first.W.value, second.W.value = [[1.0]], [[1.0]]
    stack = LayerStack(first, second)
    RuleTrainer(stack, Parts((None, PairSTDP(1.0, 0.01, 0.01)))).train(
        timed_spikes([[0.0]], 5, dt=0.1)
    )
    assert float(second.W.value[0, 0]) == pytest.approx(1 + 0.01 * np.exp(-0.05 / 20), rel=1e-6)


def test_the_members_of_an_ensemble_and_a_scan_of_the_time_step():
    layer = NeuronLayer(3, 2, CurrentLIF(dt=0.1))
    layer.W.value = WEIGHTS
    runs = train_ensemble(layer, PairSTDP(1.0, 0.3, 0.2), SPIKES, scan={"neuron.dt": [0.1, 0.5]})
    for dt in (0.1, 0.5):
        expected = WEIGHTS + learnt(PairSTDP(1.0, 0.3, 0.2), CurrentLIF(dt=dt))
        np.testing.assert_allclose(
            runs.weights.sel(**{"neuron.dt": dt}).values, expected, rtol=1e-6
        )
    with pytest.raises(ValidationError, match="PairSTDP"):
        train_ensemble(layer, PairSTDP(dt=0.1), SPIKES, scan={"neuron.dt": [0.1, 0.5]})
    with pytest.raises(ValidationError, match=r"PairSTDP; got 0\.5"):
        train_ensemble(layer, PairSTDP(dt=0.1), SPIKES, scan={"dt": [0.1, 0.5]})


def test_the_members_of_a_group_each_have_their_own():
    layers = [NeuronLayer(3, 2, CurrentLIF(dt=dt)) for dt in (0.1, 0.5)]
    for layer in layers:
        layer.W.value = WEIGHTS
    BrainInspiredModelGroup(*layers).train(SPIKES, PairSTDP(1.0, 0.3, 0.2))
    for layer in layers:
        expected = WEIGHTS + learnt(PairSTDP(1.0, 0.3, 0.2), layer.neuron)
        np.testing.assert_allclose(layer.W.value, expected, rtol=1e-6)


def test_a_rule_by_itself_has_a_step_of_a_millisecond():
    activity, memory = Activity(jnp.zeros(1), jnp.ones(1)), (jnp.ones(1), jnp.ones(1))
    for rule in (PairSTDP(), PairSTDP(dt=1.0)):
        change = rule.step(memory, jnp.zeros((1, 1)), activity)[1]
        assert float(change[0, 0]) == pytest.approx(0.005 * np.exp(-1.5 / 20))
