"""State boxes: what reading gives, what writing takes, and that nothing is shared."""

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.typing import StateBox

SHAPES = [
    (AmariHopfieldNetwork(3), {"W": (3, 3), "s": (3,)}),
    (LinearLayer(3, 2), {"W": (2, 3), "x": (3,), "y": (2,)}),
    (LinearLayer(3, 2, True), {"W": (2, 3), "x": (3,), "y": (2,), "theta": (2,)}),
    (
        SpikingLayer(3, 2),
        {
            "W": (2, 3),
            "x": (3,),
            "v": (2,),
            "spike": (2,),
            "trace_pre": (3,),
            "trace_post": (2,),
        },
    ),
]
BOXES = [(model, name) for model, shapes in SHAPES for name in shapes]


@pytest.fixture
def net():
    return AmariHopfieldNetwork(3)


def _label(value):
    return type(value).__name__ if isinstance(value, brainstate.nn.Module) else None


@pytest.mark.parametrize(("model", "shapes"), SHAPES, ids=_label)
def test_every_state_is_a_box_of_float32(model, shapes):
    assert set(model.boxes()) == set(shapes)
    for name, shape in shapes.items():
        box = getattr(model, name)
        assert isinstance(box, StateBox)
        assert isinstance(box, brainstate.State)
        assert isinstance(box.value, jax.Array)
        assert (box.value.shape, box.value.dtype) == (shape, np.float32)


@pytest.mark.parametrize(("model", "name"), BOXES, ids=_label)
def test_initial_values(model, name):
    value = np.asarray(getattr(model, name).value)
    expected = {"theta": 0.1, "s": 1.0}.get(name, 0.0)
    if name == "W" and not isinstance(model, AmariHopfieldNetwork):
        assert 0 < np.abs(value).max() < 1
        assert (value >= 0).all() or isinstance(model, LinearLayer)
    else:
        np.testing.assert_array_equal(value, np.full_like(value, expected))


VALUES = {
    "numpy float64": np.array([1.0, -1.0, 0.5]),
    "numpy float32": np.array([1.0, -1.0, 0.5], np.float32),
    "numpy float16": np.array([1.0, -1.0, 0.5], np.float16),
    "numpy int": np.array([1, -1, 1]),
    "numpy bool": np.array([True, False, True]),
    "jax float32": jnp.array([1.0, -1.0, 0.5]),
    "jax float16": jnp.array([1.0, -1.0, 0.5], jnp.float16),
    "jax int": jnp.array([1, -1, 1]),
    "list": [1.0, -1.0, 0.5],
    "list of int": [1, -1, 1],
    "tuple": (1.0, -1.0, 0.5),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_writing_takes_arrays_and_lists(net, value):
    net.s.value = value
    assert isinstance(net.s.value, jax.Array)
    assert net.s.value.dtype == np.float32
    np.testing.assert_array_equal(net.s.value, np.asarray(value, float))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_numpy_array_is_copied(net, dtype):
    # Large and often: JAX may share the memory, or copy it while its owner writes on.
    mine = np.zeros((1024, 1024), dtype)
    for _ in range(30):
        mine[:] = 0.0
        net.W.value = mine
        mine[:] = 7.0
        assert float(net.W.value.max()) == 0.0
    assert not np.shares_memory(np.asarray(net.W.value), mine)


@pytest.mark.parametrize("layer", [LinearLayer(200_000, 4), SpikingLayer(200_000, 4)], ids=_label)
def test_an_input_may_be_overwritten_after_the_step(layer):
    buffer, ones = np.empty(200_000, np.float32), np.ones(200_000, np.float32)
    expected = np.asarray(layer.predict(ones))
    for _ in range(30):
        layer.reset_state()
        buffer[:] = 1.0
        layer.forward(buffer)
        buffer[:] = -7.0
        assert float(layer.x.value.min()) == 1.0
        output = getattr(layer, layer.predict_state_attr).value
        np.testing.assert_allclose(output, expected, rtol=1e-3)


def test_a_new_shape_is_taken(net):
    net.W.value, net.s.value = np.zeros((5, 5)), np.ones(5)
    net.update()
    assert net.s.value.shape == (5,)
    assert float(net.energy) == 0.0


@pytest.mark.parametrize("value", [np.array([1j, 0, 0]), jnp.array([1j, 0, 0])])
def test_complex_values_are_refused(net, value):
    with pytest.raises(ValidationError, match="real"):
        net.s.value = value
    assert net.s.value.tolist() == [1.0, 1.0, 1.0]


def test_text_is_refused(net):
    with pytest.raises((TypeError, ValueError)):
        net.s.value = ["a", "b", "c"]
    assert net.s.value.tolist() == [1.0, 1.0, 1.0]


def test_kinds_of_state_follow_brainstate():
    layer, spiking = LinearLayer(3, 2, True), SpikingLayer(3, 2)
    assert isinstance(layer.W, brainstate.ParamState)
    assert isinstance(layer.theta, brainstate.LongTermState)
    assert not isinstance(layer.theta, brainstate.ParamState)
    for box in (layer.x, layer.y, spiking.v, spiking.spike, spiking.trace_pre):
        assert isinstance(box, brainstate.ShortTermState)


def test_brainstate_finds_the_states():
    assert {key[-1] for key in SpikingLayer(2, 2).states()} == set(SHAPES[-1][1])
    assert [key[-1] for key in LinearLayer(2, 2).states(brainstate.ParamState)] == ["W"]
