"""A neuron with a bias: the neuron with one more input, which is always 1."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LIF, AdaptiveSigmoid, CurrentLIF, Linear, Stack
from canns.errors import ValidationError
from canns.interop import Biased
from canns.models.brain_inspired import NeuronLayer
from canns.plasticity import STDP, Oja
from canns.trainer import RuleTrainer

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(3, 4)).astype(np.float32)
BIAS = np.float32([0.5, -1.0, 2.0])
INPUTS = RNG.integers(0, 2, (50, 4)).astype(np.float32)


@pytest.mark.parametrize(
    "neuron",
    [Linear(), LIF(), CurrentLIF(E_L=0.0, V_th=1.0, V_reset=0.0)],
    ids=lambda n: type(n).__name__,
)
def test_it_is_the_neuron_with_one_more_input(neuron):
    layer, wider = NeuronLayer(4, 3, Biased(neuron, BIAS)), NeuronLayer(5, 3, neuron)
    layer.W, wider.W = WEIGHTS, np.column_stack([WEIGHTS, BIAS])
    expected = wider.run(np.column_stack([INPUTS, np.ones(50)]))
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(layer.run(INPUTS), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("neuron", [Linear(), LIF()], ids=lambda n: type(n).__name__)
def test_rules_learn_the_weights_and_see_no_bias(neuron):
    """With a bias of 0 they learn as without."""
    spiking = isinstance(neuron, LIF)
    rule, data = (STDP(), INPUTS) if spiking else (Oja(0.01), INPUTS - INPUTS.mean(0))
    learnt = []
    for own in (neuron, Biased(neuron, np.zeros(3))):
        layer = NeuronLayer(4, 3, own)
        layer.W = np.abs(WEIGHTS)
        RuleTrainer(layer, rule).train(data)
        learnt.append(np.asarray(layer.W))
    assert np.abs(learnt[0] - np.abs(WEIGHTS)).max() > 1e-3
    np.testing.assert_allclose(*learnt, rtol=1e-5)


def test_it_works_under_jax_and_on_disk(tmp_path):
    neuron = Biased(Linear(), BIAS)
    slope = jax.grad(
        lambda b: Biased(Linear(), b).step((), jnp.asarray(WEIGHTS), INPUTS[0])[1].post.sum()
    )
    np.testing.assert_array_equal(slope(jnp.asarray(BIAS)), np.ones(3))
    layer = NeuronLayer(4, 3, neuron)
    layer.save(tmp_path / "layer")
    again = NeuronLayer.load(tmp_path / "layer")
    np.testing.assert_array_equal(again.neuron.bias, BIAS)
    np.testing.assert_array_equal(again.run(INPUTS), layer.run(INPUTS))


@pytest.mark.parametrize(
    ("neuron", "message"),
    [
        (Biased(LIF(), [1.0, 2.0]), r"bias must be one number, or 3"),
        (Biased(LIF(), [np.nan] * 3), "bias must be finite"),
        (Biased(LIF(), np.ones((3, 3))), "bias must be"),
        (Biased(AdaptiveSigmoid(), 1.0), "AdaptiveSigmoid, whose weights are in parts"),
        (Biased(Stack((Linear(),)), 1.0), "a neuron of one layer; got Stack"),
        (Biased(3, 1.0), "a neuron of one layer; got int"),
        (Biased(LIF(leak=2.0), 1.0), "leak"),
    ],
)
def test_what_is_no_bias_is_refused(neuron, message):
    with pytest.raises(ValidationError, match=message):
        NeuronLayer(4, 3, neuron)
