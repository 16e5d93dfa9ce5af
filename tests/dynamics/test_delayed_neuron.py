"""Delays: exact shifts of input, output and the window of STDP."""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    LIF,
    AdaptiveLIF,
    ConductanceLIF,
    CurrentLIF,
    Delayed,
    Linear,
    Stack,
)
from canns.errors import ValidationError
from canns.models.brain_inspired import LayerStack, NeuronLayer
from canns.plasticity import Oja, Parts, Rule, Setup, contract, learn
from canns.typing import pytree

RNG = np.random.default_rng(0)
SPIKES = (RNG.random((120, 5)) < 0.3).astype(np.float32)
WEIGHTS = RNG.uniform(0, 12, (3, 5)).astype(np.float32)
LIF_MV = CurrentLIF(drive=4.0)


def shown(neuron, weights, inputs):
    """Return what a run shows: pre, post, potential and answer, (T, n) each."""

    def body(state, x):
        state, activity = neuron.step(state, weights, x)
        return state, (activity.pre, activity.post, activity.potential, activity.answer)

    _, found = jax.jit(lambda state, x: jax.lax.scan(body, state, x))(neuron.init(weights), inputs)
    return [np.asarray(part) for part in found]


def shifted(rows, steps, rest=0.0):
    return np.concatenate([np.full((steps, rows.shape[1]), rest, rows.dtype), rows])[: len(rows)]


@pytest.mark.parametrize(("axonal", "dendritic"), [(0, 0), (3, 0), (0, 2), (3, 2)])
def test_everything_is_shifted_by_its_delay(axonal, dendritic):
    delayed = Delayed(LIF_MV, axonal, dendritic, longest=5)
    delayed.validate()
    pre, post, potential, answer = shown(delayed, WEIGHTS, SPIKES)
    plain = shown(LIF_MV, WEIGHTS, shifted(SPIKES, axonal + dendritic))
    assert plain[1].sum() > 10
    np.testing.assert_array_equal(pre, shifted(SPIKES, axonal))
    np.testing.assert_array_equal(answer, plain[1])
    np.testing.assert_array_equal(post, shifted(plain[1], dendritic))
    late = potential[dendritic:]
    # Two programs, which may round a step in other orders.
    np.testing.assert_allclose(late, plain[2][: len(late)], rtol=1e-6)
    # Before the run the neuron was at rest; its drive has moved it for one step.
    _, at_rest = LIF_MV.step(LIF_MV.init(WEIGHTS), WEIGHTS, jnp.zeros(5))
    first = np.tile(at_rest.potential, (dendritic, 1))
    np.testing.assert_allclose(potential[:dendritic], first, rtol=1e-6)


def test_each_input_has_its_own_axonal_delay():
    axonal = np.array([4, 0, 2, 1, 0])
    delayed = Delayed(LIF_MV, axonal, 1, longest=6)
    pre, _, _, answer = shown(delayed, WEIGHTS, SPIKES)
    each = np.stack([shifted(SPIKES[:, [j]], d)[:, 0] for j, d in enumerate(axonal)], axis=1)
    np.testing.assert_array_equal(pre, each)
    np.testing.assert_array_equal(answer, shown(LIF_MV, WEIGHTS, shifted(each, 1))[1])


def test_kinds_of_synapses_are_delayed_alike_and_traces_are_not_provided():
    neuron = ConductanceLIF(inhibitory=2, drive=20.0)
    weights = neuron.draw(jax.random.key(0), 5, 3)
    delayed = Delayed(neuron, 2, 1, longest=4)
    state = delayed.init(weights)
    for k, x in enumerate(SPIKES[:10]):
        state, activity = delayed.step(state, weights, jnp.asarray(x))
        expected = SPIKES[k - 2] if k >= 2 else np.zeros(5)
        seen = np.concatenate([part.pre for part in activity.parts])
        np.testing.assert_array_equal(seen, expected)
    assert delayed.provides == neuron.provides
    assert Delayed(LIF()).provides == ("potential",)
    activity = Delayed(LIF()).step(Delayed(LIF()).init(WEIGHTS), WEIGHTS, SPIKES[0])[1]
    assert activity.trace_pre is activity.trace_post is None
    assert activity.decay_pre is activity.decay_post is None


@pytree
class Window(Rule):
    """Pair-based STDP with traces of its own: potentiation by 0.8^lag, depression by 0.5^lag."""

    memory_attrs: ClassVar[tuple[str, ...]] = ("arrived", "fired")
    own_memory: ClassVar[bool] = True

    def init(self, weights):
        return jnp.zeros(weights.shape[1]), jnp.zeros(weights.shape[0])

    def step(self, memory, weights, activity):
        arrived, fired = 0.8 * memory[0] + activity.pre, 0.5 * memory[1]
        change = contract(activity.post, arrived) - contract(fired, activity.pre)
        return (arrived, fired + activity.post), change


@pytest.mark.parametrize(("axonal", "dendritic"), [(0, 0), (4, 1), (1, 4), (3, 3)])
def test_the_window_of_stdp_is_shifted_by_dendritic_minus_axonal(axonal, dendritic):
    # One neuron is made to fire at 40 by a strong input that learns nothing of note, and each
    # other input of tiny weight has a spike of its own, a lag before.
    lags = np.arange(-15, 16)
    inputs = np.zeros((90, len(lags) + 1), np.float32)
    inputs[40 - lags, np.arange(len(lags))] = 1
    inputs[40 - axonal - dendritic, -1] = 1
    weights = np.zeros((1, len(lags) + 1), np.float32)
    weights[0, -1] = 1e6
    neuron = Delayed(LIF(threshold=1e5, leak=0.0), axonal, dendritic, longest=8)
    after = learn(Setup(Window(), neuron), weights, inputs)
    change = np.asarray(after.weights - weights)[0, :-1]
    # At the synapse the lag is longer by what the spike takes back, and shorter by the axon.
    seen = lags + dendritic - axonal
    expected = np.where(seen >= 0, 0.8 ** np.abs(seen), -(0.5 ** np.abs(seen)))
    np.testing.assert_allclose(change, expected, rtol=1e-5)


def test_a_layer_hands_on_its_spikes_when_it_fires():
    delayed = Delayed(LIF_MV, 1, 2, longest=3)
    layer = NeuronLayer(5, 3, delayed)
    layer.W.value = WEIGHTS
    output = layer.run(SPIKES)
    np.testing.assert_array_equal(output, shown(delayed, WEIGHTS, SPIKES)[3])
    np.testing.assert_array_equal(layer.y.value, output[-1])
    layer.reset_state()
    stack = LayerStack(layer, NeuronLayer(3, 2, Linear()))
    second = stack.members[1].W.value
    np.testing.assert_allclose(stack.run(SPIKES), output @ second.T, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        ("axonal", {"axonal": 4}),
        ("axonal", {"axonal": np.array([0, 3])}),
        ("axonal", {"axonal": 0.5}),
        ("axonal", {"axonal": -1}),
        ("dendritic", {"dendritic": 4}),
        ("dendritic", {"dendritic": 1.5}),
        ("longest", {"longest": 0}),
        ("neuron", {"neuron": Stack((Linear(),))}),
        ("tau_theta", {"neuron": AdaptiveLIF(tau_theta=0.0)}),
    ],
)
def test_what_does_not_fit_is_refused(argument, change):
    fields = {"neuron": LIF_MV, "dendritic": 1, "longest": 3, **change}
    with pytest.raises(ValidationError, match=f"^{argument} must"):
        Delayed(**fields).validate()


def test_another_delay_compiles_nothing_and_other_room_is_refused(count_compilations):
    layer = NeuronLayer(5, 3, Delayed(LIF_MV, 1, 1, longest=4))
    layer.run(SPIKES)
    layer.neuron = Delayed(LIF_MV, 3, 0, longest=4)
    assert count_compilations(lambda: layer.run(SPIKES)) == 0
    for other in (Delayed(LIF_MV, longest=5), Delayed(AdaptiveLIF(), longest=4)):
        with pytest.raises(ValidationError, match="boxes"):
            layer.neuron = other


def test_there_is_a_delay_for_each_axon():
    delayed = Delayed(Linear(), axonal=np.array([0, 1]), longest=1)
    with pytest.raises(ValidationError, match="axonal must be one delay, or 3, one for each input"):
        NeuronLayer(3, 1, delayed)
    with pytest.raises(ValidationError, match="axonal must be one delay, or 3"):
        learn(Setup(Oja(), delayed), jnp.ones((1, 3)), np.ones((2, 3)))
    layer = NeuronLayer(2, 1, delayed)
    before = np.asarray(layer.W.value)
    with pytest.raises(ValidationError, match="axonal"):
        layer.resize(3)
    with pytest.raises(ValidationError, match="axonal"):
        layer.neuron = Delayed(Linear(), axonal=np.zeros(3, int), longest=1)
    np.testing.assert_array_equal(layer.W.value, before)
    layer.forward([1.0, 0.0])


def test_parts_learn_behind_delays():
    from canns.trainer import RuleTrainer

    neuron = ConductanceLIF(inhibitory=2, drive=20.0)
    layer = NeuronLayer(5, 3, Delayed(neuron, 2, 1, longest=4))
    before = layer.inhibitory.value
    RuleTrainer(layer, Parts((Window(), None))).train(SPIKES)
    assert layer.part0_arrived.value.shape == (3,)
    np.testing.assert_array_equal(layer.inhibitory.value, before)
