"""Stacks of layers, layers of any neuron, and what rules leave with a model."""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LIF, Linear
from canns.errors import DivergenceError, ValidationError
from canns.models.brain_inspired import LayerStack, LinearLayer, NeuronLayer, SpikingLayer
from canns.plasticity import Oja, Parts, Rule, Sum, UnitRows, contract
from canns.trainer import OjaTrainer, RuleTrainer
from canns.typing import param, pytree

DATA = np.random.default_rng(0).normal(size=(12, 3))


@pytree
class Leaky(Rule):
    """dW = eta r (ybar + y) x', with a trace ybar, and a count n that stays."""

    learning_rate: float = param(default=0.1, low=0)

    needs: ClassVar[tuple[str, ...]] = ("reward",)
    memory_attrs: ClassVar[tuple[str, ...]] = ("ybar", "n")
    own_memory: ClassVar[bool] = True
    traces: ClassVar[tuple[str, ...]] = ("ybar",)

    def init(self, weights):
        return jnp.zeros(weights.shape[0], weights.dtype), jnp.zeros((), weights.dtype)

    def step(self, memory, weights, activity):
        ybar, n = memory
        ybar = 0.5 * ybar + activity.post
        return (ybar, n + 1), self.learning_rate * activity.reward * contract(ybar, activity.pre)


def trained(layer, data=DATA, rewards=None):
    rewards = np.ones(len(data)) if rewards is None else rewards
    return RuleTrainer(layer, Leaky()).train(data, rewards=rewards)


def twin(layer):
    copy = LinearLayer(layer.input_size, layer.output_size)
    copy.W.value = layer.W.value
    return copy


def test_a_rules_memory_stays_with_the_layer():
    layer = LinearLayer(3, 2)
    other = twin(layer)
    record = trained(layer)
    assert record.changed == ("W", "ybar", "n")
    assert layer.adopted() == {"ybar": True, "n": False}
    for part in np.split(DATA, 3):
        trained(other, part)
    np.testing.assert_allclose(other.W.value, layer.W.value, rtol=1e-6)
    np.testing.assert_allclose(other.ybar.value, layer.ybar.value, rtol=1e-6)
    assert float(layer.n.value) == 12


def test_rest_forgets_traces_and_another_size_forgets_all():
    layer = LinearLayer(3, 2)
    trained(layer)
    layer.reset_state()
    assert layer.adopted() == {"n": False}
    trained(layer)
    assert float(layer.n.value) == 24
    layer.resize(4)
    assert layer.adopted() == {}


def test_a_rules_memory_is_saved(tmp_path):
    layer = LinearLayer(3, 2)
    trained(layer)
    layer.save(tmp_path / "layer")
    back = LinearLayer.load(tmp_path / "layer")
    assert back.adopted() == layer.adopted()
    for name, box in layer.boxes().items():
        np.testing.assert_array_equal(back.boxes()[name].value, box.value)
    trained(layer)
    trained(back)
    np.testing.assert_array_equal(back.W.value, layer.W.value)


def test_a_failed_run_leaves_no_memory():
    layer = LinearLayer(3, 2)
    before = np.asarray(layer.W.value)
    with pytest.raises(DivergenceError):
        trained(layer, rewards=np.full(12, 1e30))
    with pytest.raises(ValidationError, match="rewards"):
        trained(layer, rewards=np.ones(3))
    with pytest.raises(ValidationError, match="rewards"):
        RuleTrainer(layer, Leaky()).train(DATA)
    assert layer.adopted() == {}
    np.testing.assert_array_equal(layer.W.value, before)


def test_a_box_of_another_shape_is_refused():
    layer = LinearLayer(3, 2)
    layer.adopt("n", np.zeros(5), trace=False)
    with pytest.raises(ValidationError, match=r"n must be of shape \(\); got shape \(5,\)"):
        trained(layer)


def test_rewards_follow_their_samples_through_a_shuffle():
    rewards = np.linspace(-1, 1, 12)
    orders = []
    for _ in range(2):
        layer = LinearLayer(3, 2)
        layer.W.value = np.ones((2, 3))
        RuleTrainer(layer, Leaky()).train(DATA, rewards=rewards, shuffle=True, key=3)
        orders.append(np.asarray(layer.W.value))
    np.testing.assert_array_equal(*orders)
    weights, ybar = np.ones((2, 3)), np.zeros(2)
    order = np.asarray(jax.random.permutation(jax.random.split(jax.random.key(3), 1)[0], 12))
    for i in order:
        ybar = 0.5 * ybar + weights @ DATA[i]
        weights = weights + 0.1 * rewards[i] * np.outer(ybar, DATA[i])
    np.testing.assert_allclose(orders[0], weights, rtol=1e-4)


def test_a_model_with_a_forward_of_its_own_is_rewarded_too():
    class Doubled(LinearLayer):
        def forward(self, x):
            return 2 * super().forward(x)

    layer = Doubled(3, 2)
    weights, ybar = np.asarray(layer.W.value, np.float64), np.zeros(2)
    trained(layer, rewards=np.full(12, 0.5))
    for x in DATA:
        ybar = 0.5 * ybar + 2 * weights @ x
        weights = weights + 0.05 * np.outer(ybar, x)
    np.testing.assert_allclose(layer.W.value, weights, rtol=1e-3)


def stack():
    return LayerStack(LinearLayer(3, 4), SpikingLayer(4, 2, threshold=0.1))


def test_a_stack_passes_on_what_its_layers_answer():
    both = stack()
    first, second = both
    for x in DATA[:4]:
        expected = SpikingLayer(4, 2, threshold=0.1)
        for name in ("W", "v", "trace_pre", "trace_post"):
            vars(expected)[name].value = vars(second)[name].value
        hidden = twin(first).forward(x)
        np.testing.assert_allclose(both.predict(x), expected.predict(hidden), atol=1e-6)
        np.testing.assert_allclose(both.forward(x), expected.forward(hidden), atol=1e-6)
        np.testing.assert_allclose(second.v.value, expected.v.value, atol=1e-6)
        np.testing.assert_allclose(second.x.value, hidden, atol=1e-6)


def test_a_stack_trains_the_layers_it_is_told_to():
    both = stack()
    alone, kept = twin(both[0]), np.asarray(both[1].W.value)
    record = RuleTrainer(both, Parts((Oja(0.01), None))).train(DATA)
    OjaTrainer(alone, normalize_weights=False).train(DATA)
    np.testing.assert_allclose(both[0].W.value, alone.W.value, atol=1e-6)
    np.testing.assert_array_equal(both[1].W.value, kept)
    assert record.changed == ("0.W", "1.W", "1.v", "1.trace_pre", "1.trace_post")
    np.testing.assert_allclose(both[0].y.value, both[1].x.value)


def test_a_stack_is_saved_with_its_rules_memory(tmp_path):
    both = stack()
    rule = Parts((Sum((Leaky(), Leaky())), None))
    RuleTrainer(both, rule).train(DATA, rewards=np.ones(12))
    names = {"part0_rule0_ybar", "part0_rule0_n", "part0_rule1_ybar", "part0_rule1_n"}
    assert both.adopted().keys() == names
    both.save(tmp_path / "stack")
    back = LayerStack.load(tmp_path / "stack")
    np.testing.assert_array_equal(back[0].W.value, both[0].W.value)
    np.testing.assert_array_equal(back.part0_rule1_ybar.value, both.part0_rule1_ybar.value)
    both.reset_state()
    assert both.adopted().keys() == {"part0_rule0_n", "part0_rule1_n"}
    assert not both[1].v.value.any()


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValidationError, match="layers must be of input_size 4"):
        LayerStack(LinearLayer(3, 4), LinearLayer(3, 4))
    with pytest.raises(ValidationError, match="layers must be one layer or more"):
        LayerStack()
    with pytest.raises(ValidationError, match=r"rule must be one for each of 2 parts"):
        RuleTrainer(stack(), Oja()).train(DATA)
    with pytest.raises(ValidationError, match="x must be 1-D of shape"):
        stack().forward([1.0, 2.0])


def test_a_layer_of_any_neuron_is_the_layer_of_that_neuron(tmp_path):
    layer, spiking = NeuronLayer(3, 2, LIF(threshold=0.2)), SpikingLayer(3, 2, threshold=0.2)
    layer.W.value = spiking.W.value = [[0.1, 0.2, 0.1], [0.05, 0.1, 0.3]]
    for x in np.abs(DATA):
        np.testing.assert_array_equal(layer.forward(x), spiking.forward(x))
    np.testing.assert_array_equal(layer.trace_post.value, spiking.trace_post.value)
    layer.save(tmp_path / "layer")
    back = NeuronLayer.load(tmp_path / "layer")
    assert back.neuron == layer.neuron
    np.testing.assert_array_equal(back.v.value, layer.v.value)
    layer.neuron = LIF(threshold=5.0)
    assert not layer.forward([1.0, 1.0, 1.0]).any()


def test_a_layers_neuron_must_be_one_it_has_boxes_for():
    with pytest.raises(ValidationError, match="neuron must be a neuron of"):
        NeuronLayer(3, 2, LIF)
    with pytest.raises(ValidationError, match="leak"):
        NeuronLayer(3, 2, LIF(leak=2.0))
    layer = NeuronLayer(3, 2, LIF())
    with pytest.raises(ValidationError, match="neuron must be a LIF"):
        layer.neuron = Linear()
    with pytest.raises(ValidationError, match="leak"):
        layer.neuron = LIF(leak=2.0)
    assert layer.neuron == LIF()
    record = RuleTrainer(NeuronLayer(3, 2, Linear()), Oja(0.01), UnitRows()).train(DATA)
    assert record.weight_norm[0] == pytest.approx(2**0.5)
