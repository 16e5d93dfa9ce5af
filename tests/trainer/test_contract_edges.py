"""Corners of the contract with a user's own rules, models and data."""

import pickle

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.analyzer.model_specific.hopfield import HopfieldAnalyzer
from canns.errors import CannsWarning, DivergenceError, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModel,
    BrainInspiredModelGroup,
    LinearLayer,
)
from canns.plasticity import Rule, ZeroDiagonal, contract
from canns.trainer import HebbianTrainer, OjaTrainer, RuleTrainer, STDPTrainer
from canns.trainer.utils import initialize_spike_buffer, update_spike_buffer
from canns.typing import param, pytree

SIZE = 8
PATTERNS = np.random.default_rng(0).choice([-1.0, 1.0], (3, SIZE))


@pytree
class Product(Rule):
    """The rule that the contributor's guide adds."""

    learning_rate: float = param(default=0.01, low=0)

    def step(self, memory, weights, activity):
        return memory, self.learning_rate * contract(activity.post, activity.pre)


@pytree
class Additive(Product):
    """The same, said to be a plain sum."""

    additive = True


@pytest.mark.parametrize("rule", [Product(1.0), Additive(1.0)])
def test_additive_changes_the_speed_and_not_the_weights(rule):
    net = AmariHopfieldNetwork(SIZE)
    RuleTrainer(net, rule).train(PATTERNS)
    np.testing.assert_allclose(net.W.value, PATTERNS.T @ PATTERNS, rtol=1e-6)


class Square(BrainInspiredModel):
    """A recurrent network of the user's own."""

    def __init__(self):
        super().__init__()
        self.W = brainstate.ParamState(jnp.zeros((SIZE, SIZE)))
        self.s = brainstate.ShortTermState(jnp.ones(SIZE))


def test_a_group_stores_as_the_trainer_does():
    group, alone = BrainInspiredModelGroup(Square()), Square()
    group.train(PATTERNS, rule="hebbian")
    HebbianTrainer(alone).train(PATTERNS)
    np.testing.assert_allclose(group[0].W.value, alone.W.value, atol=1e-6)


class Box:
    def __init__(self, value):
        self.value = value


class InPlace:
    """Writes its NumPy state in place."""

    weight_attr, predict_state_attr = "W", "s"

    def __init__(self):
        self.W, self.s = Box(np.zeros((SIZE, SIZE))), Box(np.ones(SIZE))

    @property
    def energy(self):
        return -0.5 * self.s.value @ self.W.value @ self.s.value

    def update(self):
        self.s.value[:] = np.where(self.W.value @ self.s.value >= 0, 1.0, -1.0)


def test_numpy_boxes_stay_numpy():
    model = InPlace()
    trainer = HebbianTrainer(model, subtract_mean=False)
    trainer.train(PATTERNS[:1])
    np.testing.assert_array_equal(trainer.predict(PATTERNS[0]), PATTERNS[0])
    for box in (model.W, model.s):
        assert isinstance(box.value, np.ndarray)
        assert box.value.dtype == np.float64


class Hidden:
    """A spiking layer whose boxes are properties."""

    def __init__(self):
        self._boxes = {
            "W": Box(jnp.full((1, 2), 0.5)),
            "trace_pre": Box(jnp.zeros(2)),
            "trace_post": Box(jnp.zeros(1)),
        }

    W = property(lambda self: self._boxes["W"])
    trace_pre = property(lambda self: self._boxes["trace_pre"])
    trace_post = property(lambda self: self._boxes["trace_post"])

    def forward(self, x):
        self.trace_pre.value = 0.5 * self.trace_pre.value + x
        self.trace_post.value = 0.5 * self.trace_post.value + 1.0
        return jnp.ones(1)


def test_boxes_may_be_properties():
    model = Hidden()
    STDPTrainer(model, 1.0, A_plus=0.1, A_minus=0.0, coincidence="ltp").train([[1.0, 0.0]])
    np.testing.assert_allclose(model.W.value, [[0.6, 0.5]], rtol=1e-6)


def test_half_a_step_needs_the_decay_of_the_traces():
    untold, told = Hidden(), Hidden()
    with pytest.warns(CannsWarning, match=r"Hidden does not say .* Give Hidden .* trace_decay"):
        record = STDPTrainer(untold, 1.0, A_plus=0.1, A_minus=0.0).train([[1.0, 0.0]])
    assert len(record.warnings) == 1
    np.testing.assert_allclose(untold.W.value, [[0.6, 0.5]], rtol=1e-6)
    told.trace_decay = 0.25
    STDPTrainer(told, 1.0, A_plus=0.1, A_minus=0.0).train([[1.0, 0.0]])
    np.testing.assert_allclose(told.W.value, [[0.5 + 0.1 * 0.25**0.5, 0.5]], rtol=1e-6)


class Noisy(AmariHopfieldNetwork):
    """The library's dynamics through an update of its own."""

    def update(self, prev_energy=None):
        return super().update(prev_energy)


def test_noise_of_a_subclass_neither_settles_nor_ignores_the_seed():
    net = Noisy(SIZE, stochastic=True, temperature=1e-3)
    net.apply_hebbian_learning(PATTERNS[:1])
    runs = [net.recall(PATTERNS, num_iter=4, seed=3) for _ in range(2)]
    assert runs[0].outcome.tolist() == ["budget"] * 3
    net.temperature = 10.0
    first, again = (np.asarray(net.recall(PATTERNS, num_iter=4, seed=3).states) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != np.asarray(net.recall(PATTERNS, num_iter=4, seed=4).states)).any()


class Frame:
    """As a data frame, it iterates over the names of its columns."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __iter__(self):
        return iter(["a"] * SIZE)


def test_a_data_frame_is_its_values():
    net, same = AmariHopfieldNetwork(SIZE), AmariHopfieldNetwork(SIZE)
    HebbianTrainer(net).train(Frame(PATTERNS))
    HebbianTrainer(same).train(PATTERNS)
    np.testing.assert_array_equal(net.W.value, same.W.value)


def test_a_mapping_is_refused():
    with pytest.raises(ValidationError, match="data"):
        HebbianTrainer(AmariHopfieldNetwork(SIZE)).train(dict(enumerate(PATTERNS)))


@pytest.mark.parametrize(
    "error",
    [ValidationError("a", "b", "c", "d."), DivergenceError("what", 3, "bound.")],
    ids=lambda e: type(e).__name__,
)
def test_errors_pickle(error):
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))


def test_a_key_without_shuffle_is_refused():
    trainer = OjaTrainer(LinearLayer(SIZE, 2))
    with pytest.raises(ValidationError, match=r"^key must be"):
        trainer.train(PATTERNS, key=3)
    with pytest.raises(ValidationError, match=r"^seed must be"):
        trainer.train(PATTERNS, seed=3)
    with pytest.raises(ValidationError, match=r"^key must be"):
        trainer.train(PATTERNS, shuffle=True, key=jnp.arange(3.0))


def test_an_index_may_be_a_jax_integer_and_must_exist():
    buffer = initialize_spike_buffer(2, 2)
    assert update_spike_buffer(buffer, jnp.int32(1), 4.0)[1, 1] == 4.0
    assert jax.jit(update_spike_buffer)(buffer, 1, 4.0)[1, 1] == 4.0
    for neuron in (2, -1, 0.5):
        with pytest.raises(ValidationError, match=r"^neuron must be"):
            update_spike_buffer(buffer, neuron, 4.0)


def test_the_activation_can_be_changed_by_name():
    net = AmariHopfieldNetwork(2)
    net.activation = "tanh"
    np.testing.assert_allclose(net.activation(jnp.ones(1)), np.tanh(1.0), rtol=1e-6)
    with pytest.raises(ValidationError, match="activation"):
        net.activation = "relu"


def test_the_analyzer_keeps_its_own_patterns():
    patterns = PATTERNS.copy().astype(np.float32)
    analyzer = HopfieldAnalyzer(AmariHopfieldNetwork(SIZE), patterns)
    patterns[:] = 0
    np.testing.assert_array_equal(analyzer.stored_patterns, PATTERNS)


class Renamed(AmariHopfieldNetwork):
    """A saveable class whose constructor knows no name."""

    def __init__(self, size):
        super().__init__(size)

    def config(self):
        return {"size": self.num_neurons}


def test_a_class_without_a_name_is_saved_and_read(tmp_path):
    Renamed(3).save(tmp_path / "model")
    assert Renamed.load(tmp_path / "model").num_neurons == 3
    with pytest.raises(ValidationError, match="existing folder"):
        Renamed(3).save(tmp_path / "no" / "model")


def test_a_constraint_is_a_projection_that_fits():
    layer = LinearLayer(SIZE, 2)
    before = np.asarray(layer.W.value)
    group = BrainInspiredModelGroup(layer)
    for project in ("unit", ZeroDiagonal()):
        with pytest.raises(ValidationError, match=r"project|square"):
            RuleTrainer(layer, Product(), project).train(PATTERNS)
        with pytest.raises(ValidationError, match=r"project|square"):
            group.train(PATTERNS, Product(), project=project)
    np.testing.assert_array_equal(layer.W.value, before)
