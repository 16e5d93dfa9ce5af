"""A state box in place of its array: what it reads as, and what is written by assignment."""

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SparseHopfieldNetwork
from canns.trainer import HebbianTrainer, OjaTrainer

WEIGHTS = np.arange(6.0, dtype=np.float32).reshape(2, 3)
X = np.array([1.0, -1.0, 2.0], np.float32)


@pytest.fixture
def layer():
    layer = LinearLayer(3, 2)
    layer.W = WEIGHTS
    return layer


def test_what_an_array_says_of_itself(layer):
    box = layer.W
    assert (box.shape, box.dtype, box.ndim, box.size, len(box)) == ((2, 3), np.float32, 2, 6, 2)
    np.testing.assert_array_equal(np.asarray(box), WEIGHTS)
    np.testing.assert_array_equal(jnp.asarray(box), WEIGHTS)
    np.testing.assert_array_equal(box.T, WEIGHTS.T)
    np.testing.assert_array_equal(box[1, :2], WEIGHTS[1, :2])
    np.testing.assert_array_equal(list(box), WEIGHTS)
    assert np.asarray(box, np.float64).dtype == np.float64
    assert box.reshape(6).tolist() == WEIGHTS.reshape(6).tolist()
    assert (float(box.sum()), float(box.mean()), box.astype(int).dtype) == (15, 2.5, np.int32)


OPERATIONS = {
    "@": lambda w: w @ X,
    "array @": lambda w: WEIGHTS.T @ w,
    "2 *": lambda w: 2 * w,
    "array -": lambda w: WEIGHTS - w,
    "jax +": lambda w: jnp.asarray(WEIGHTS) + w,
    "/": lambda w: w / (w + 1),
    "**": lambda w: w**2,
    "-": lambda w: -w,
    "abs": lambda w: abs(w),
    ">": lambda w: w > 2,
    "array <": lambda w: w > WEIGHTS,
    "np.exp": lambda w: np.exp(w),
    "jnp.exp": lambda w: jnp.exp(jnp.asarray(w)),
    "list *": lambda w: w * [1.0, 2.0, 3.0],
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_arithmetic_is_that_of_the_array(layer, operation):
    plain = np.array(WEIGHTS)
    expected = plain * np.array([1.0, 2.0, 3.0]) if operation is OPERATIONS["list *"] else None
    np.testing.assert_allclose(
        operation(layer.W), operation(plain) if expected is None else expected, rtol=1e-6
    )


def test_boxes_are_told_apart_and_kept_in_sets_as_objects(layer):
    other = LinearLayer(3, 2)
    other.W = WEIGHTS
    assert layer.W == layer.W
    assert layer.W != other.W
    assert len({layer.W, other.W, layer.W}) == 2
    assert bool(AmariHopfieldNetwork(2).W)  # of zeros, and an object


def test_names_that_arrays_do_not_have_are_missing(layer):
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        layer.W.nonsense  # noqa: B018


def test_the_shape_of_kept_patterns_is_known_without_the_matrix():
    net = AmariHopfieldNetwork(4, method="packed")
    assert (net.W.shape, net.W.dtype, len(net.W)) == ((4, 4), np.float32, 4)
    assert "4" in repr(net.W)
    assert not net.W.is_built


def test_an_array_that_is_assigned_is_written_to_the_box():
    net = AmariHopfieldNetwork(3)
    box = net.W
    net.W = np.ones((3, 3))
    net.s = [1.0, -1.0, 1.0]
    net.s *= 2
    net.W[0, 1] = 5.0
    assert net.W is box
    assert net.W.value.dtype == np.float32
    assert float(net.W[0, 1]) == 5.0
    assert net.s.tolist() == [2.0, -2.0, 2.0]


@pytest.mark.parametrize(
    "value", [None, "text", {"a": 1}, object()], ids=["none", "text", "dict", "object"]
)
def test_what_is_no_array_is_refused_by_the_name_of_the_attribute(value):
    net = AmariHopfieldNetwork(3)
    with pytest.raises(ValidationError, match="W"):
        net.W = value
    assert float(abs(net.W).max()) == 0


def test_weights_of_another_size_than_the_state_are_refused_on_recall():
    net = AmariHopfieldNetwork(10)
    net.W = np.ones((3, 3))
    with pytest.raises(ValidationError, match=r"shape \(10, 10\).*shape \(3, 3\)"):
        net.recall(np.ones((1, 10)))


class Own(AmariHopfieldNetwork):
    """A network with a plain brainstate state for its weights."""

    def __init__(self, num_neurons):
        super().__init__(num_neurons)
        self.W = brainstate.ParamState(jnp.ones((num_neurons, num_neurons)))

    def config(self):
        return {"num_neurons": self.num_neurons}


def test_a_plain_state_of_a_subclass_recalls_learns_and_is_saved(tmp_path):
    net = Own(4)
    net.update()
    assert float(net.energy) == -8.0  # s' W s = 16
    patterns = np.array([[1.0, 1.0, -1.0, -1.0]])
    HebbianTrainer(net).train(patterns)
    assert type(net.W) is brainstate.ParamState
    expected = np.ones((4, 4)) + patterns.T @ patterns
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(net.W.value, expected)
    net.save(tmp_path / "net")
    np.testing.assert_array_equal(Own.load(tmp_path / "net").W.value, net.W.value)
    net.apply_hebbian_learning(patterns)
    net.resize(3)
    assert net.W.value.shape == (3, 3)
    assert net.recall(np.ones((2, 3))).states.shape == (2, 3)


def test_a_plain_state_of_numbers_that_numpy_holds():
    net = SparseHopfieldNetwork(5, 0.4)
    net.W = brainstate.ParamState(np.ones((5, 5)) - np.eye(5))
    assert net.recall(np.ones((1, 5))).states.shape == (1, 5)
    layer = LinearLayer(3, 2)
    layer.W = brainstate.ParamState(jnp.asarray(WEIGHTS))
    np.testing.assert_allclose(layer.forward(X), WEIGHTS @ X)
    OjaTrainer(layer).train(np.ones((4, 3)))
    assert not np.array_equal(layer.W.value, WEIGHTS)


def test_a_box_is_an_argument_of_numpy_and_jax():
    net = AmariHopfieldNetwork(3)
    assert float(jax.jit(lambda s: jnp.sum(s))(net.s.value)) == 3.0
    net.W = np.ones((3, 3)) - np.eye(3)
    assert net.recall(np.stack([net.s, net.s])).states.shape == (2, 3)
