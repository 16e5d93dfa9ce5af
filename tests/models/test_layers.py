"""Linear and spiking layers against numbers worked out by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import LinearLayer, SpikingLayer

W = np.array([[0.5, -0.25, 1.0], [0.1, 0.2, 0.3]])
X = np.array([1.0, 2.0, -1.0])


def _linear(**options):
    layer = LinearLayer(3, 2, **options)
    layer.W.value = W
    return layer


def _spiking(**options):
    layer = SpikingLayer(3, 2, **options)
    layer.W.value = np.abs(W)
    return layer


@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray, list], ids=["numpy", "jax", "list"])
def test_linear_forward(convert):
    layer = _linear()
    y = layer.forward(convert(X))
    np.testing.assert_allclose(y, W @ X, rtol=1e-6)
    np.testing.assert_array_equal(layer.y.value, y)
    np.testing.assert_array_equal(layer.x.value, X)
    np.testing.assert_array_equal(layer.W.value, W.astype(np.float32))


def test_threshold_slides_to_the_square_of_the_output():
    layer = _linear(use_bcm_threshold=True, threshold_tau=4.0)
    theta = np.full(2, 0.1)
    for x in (X, 2 * X):
        y = np.asarray(layer.forward(x))
        np.testing.assert_allclose(layer.theta.value, theta, rtol=1e-6)
        layer.update_threshold()
        theta += (y**2 - theta) / 4
        np.testing.assert_allclose(layer.theta.value, theta, rtol=1e-6)


def test_threshold_tau_set_later_takes_effect():
    layer = _linear(use_bcm_threshold=True)
    layer.forward(X)
    layer.threshold_tau = 1.0
    layer.update_threshold()
    np.testing.assert_allclose(layer.theta.value, layer.y.value**2, rtol=1e-6)
    layer.threshold_tau = 0.0
    with pytest.raises(ValidationError, match="threshold_tau"):
        layer.update_threshold()


def _reference_spikes(inputs, leak, decay, threshold, v_reset):
    v, pre, post = np.zeros(2), np.zeros(3), np.zeros(2)
    for x in inputs:
        pre = decay * pre + x
        v = leak * v + np.abs(W) @ x
        spike = (v >= threshold).astype(float)
        v = np.where(spike == 1, v_reset, v)
        post = decay * post + spike
        yield {"x": x, "v": v, "spike": spike, "trace_pre": pre, "trace_post": post}


@pytest.mark.parametrize("dt", [1.0, 0.5, 2.0])
@pytest.mark.parametrize("v_reset", [0.0, -0.5])
def test_spiking_forward(dt, v_reset):
    inputs = np.random.default_rng(0).random((12, 3)) * 0.6
    layer = _spiking(threshold=0.8, v_reset=v_reset, leak=0.8, trace_decay=0.7, dt=dt)
    fired = []
    for x, state in zip(
        inputs, _reference_spikes(inputs, 0.8**dt, 0.7**dt, 0.8, v_reset), strict=True
    ):
        spike = layer.forward(x)
        np.testing.assert_array_equal(spike, layer.spike.value)
        for name, value in state.items():
            np.testing.assert_allclose(getattr(layer, name).value, value, rtol=1e-5, atol=1e-6)
        fired.append(np.asarray(spike))
    assert {0.0, 1.0} == set(np.unique(fired))
    assert fired[0].dtype == np.float32


def test_a_neuron_fires_at_its_threshold():
    layer = _spiking(threshold=0.5)
    layer.W.value = [[0.5, 0, 0], [0.25, 0, 0]]
    assert layer.forward([1.0, 0.0, 0.0]).tolist() == [1.0, 0.0]
    assert layer.v.value.tolist() == [0.0, 0.25]


@pytest.mark.parametrize("factor", [0.0, 1.0])
def test_limits_of_leak_and_trace_decay(factor):
    layer = _spiking(threshold=100.0, leak=factor, trace_decay=factor)
    for _ in range(3):
        layer.forward(np.ones(3))
    steps = 3 if factor else 1
    np.testing.assert_allclose(layer.v.value, steps * np.abs(W).sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(layer.trace_pre.value, steps * np.ones(3))


def test_reset_state_puts_activity_to_rest_and_keeps_what_was_learnt():
    linear, spiking = _linear(use_bcm_threshold=True), _spiking(threshold=0.1)
    for layer in (linear, spiking):
        layer.forward(np.abs(X))
    linear.update_threshold()
    theta = np.asarray(linear.theta.value)
    for layer in (linear, spiking):
        weights = np.asarray(layer.W.value)
        layer.reset_state()
        for name, box in layer.boxes().items():
            if name not in ("W", "theta"):
                np.testing.assert_array_equal(box.value, np.zeros_like(box.value))
        np.testing.assert_array_equal(layer.W.value, weights)
    np.testing.assert_array_equal(linear.theta.value, theta)


def test_predict_answers_without_moving_potentials_or_traces():
    layer = _spiking(threshold=0.5)
    layer.forward([0.2, 0.1, 0.3])
    before = {name: np.asarray(box.value) for name, box in layer.boxes().items()}
    answer = layer.predict(np.ones(3))
    for name in ("W", "v", "trace_pre", "trace_post"):
        np.testing.assert_array_equal(getattr(layer, name).value, before[name])
    np.testing.assert_array_equal(layer.x.value, np.ones(3))
    np.testing.assert_array_equal(answer, layer.forward(np.ones(3)))


SIZES = [(5, 4), (2, 1), (5, 1), (2, None), (3, 2)]


@pytest.mark.parametrize(("inputs", "outputs"), SIZES)
@pytest.mark.parametrize("preserve", [True, False])
@pytest.mark.parametrize("build", [_linear, _spiking], ids=["linear", "spiking"])
def test_resize(build, inputs, outputs, preserve):
    layer = build()
    layer.forward(np.ones(3))
    before = np.asarray(layer.W.value)
    layer.resize(inputs, outputs, preserve)
    outputs = outputs or 2
    rows, columns = min(outputs, 2), min(inputs, 3)
    after = np.asarray(layer.W.value)
    same = after[:rows, :columns] == before[:rows, :columns]
    assert (layer.input_size, layer.output_size, after.shape) == (
        inputs,
        outputs,
        (outputs, inputs),
    )
    assert same.all() if preserve else not same.any()
    if inputs > 3:
        assert 0 < np.abs(after[:, 3:]).max() < 1
    assert float(jnp.abs(layer.x.value).max()) == 0.0
    assert layer.forward(np.ones(inputs)).shape == (outputs,)


@pytest.mark.parametrize("preserve", [True, False])
def test_resize_takes_the_thresholds_along(preserve):
    layer = _linear(use_bcm_threshold=True)
    layer.theta.value = [0.5, 0.7]
    layer.resize(3, 3, preserve)
    np.testing.assert_allclose(layer.theta.value, [0.5, 0.7, 0.1] if preserve else [0.1] * 3)
    layer.theta.value = [0.5, 0.7, 0.9]
    layer.resize(3, 1, preserve)
    np.testing.assert_allclose(layer.theta.value, [0.5] if preserve else [0.1])


WRONG = {
    "too long": np.ones(4),
    "2-D": np.ones((1, 3)),
    "scalar": 1.0,
    "nan": [1.0, np.nan, 0.0],
    "inf": [1.0, np.inf, 0.0],
    "complex": np.ones(3) * 1j,
    "text": ["a", "b", "c"],
    "none": None,
    "empty": [],
}


@pytest.mark.parametrize("x", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("build", [_linear, _spiking], ids=["linear", "spiking"])
def test_a_wrong_input_changes_nothing(build, x):
    layer = build()
    layer.forward(np.ones(3))
    before = {name: np.asarray(box.value) for name, box in layer.boxes().items()}
    for call in (layer.forward, layer.predict):
        with pytest.raises(ValidationError, match=r"^(x|pattern) must be"):
            call(x)
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(layer, name).value, value)
