"""The small functions of canns.trainer.utils against their formulas."""

import inspect
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canns.errors import ValidationError
from canns.trainer import utils
from canns.trainer.utils import (
    compute_running_average,
    initialize_spike_buffer,
    normalize_weight_rows,
    stdp_kernel,
    stdp_kernel_vec,
    update_spike_buffer,
)

REQUIRED = inspect.Parameter.empty


def _defaults(function):
    return [p.default for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize(
    ("function", "defaults"),
    [
        (compute_running_average, [REQUIRED] * 3),
        (normalize_weight_rows, [REQUIRED]),
        (initialize_spike_buffer, [REQUIRED] * 2),
        (update_spike_buffer, [REQUIRED] * 3),
        (stdp_kernel, [REQUIRED, 20.0, 20.0]),
        (stdp_kernel_vec, [REQUIRED, 20.0, 20.0]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_arguments_and_defaults(function, defaults):
    assert _defaults(function) == defaults
    assert function.__name__ in utils.__all__


@pytest.mark.parametrize(
    ("avg", "new", "tau", "expected"),
    [(1.0, 3.0, 4.0, 1.5), (0.0, 5.0, 1.0, 5.0), ([1.0, 2.0], [3.0, 2.0], 2.0, [2.0, 2.0])],
)
def test_running_average(avg, new, tau, expected):
    for convert in (np.asarray, jnp.asarray):
        np.testing.assert_allclose(
            compute_running_average(convert(avg), convert(new), tau), expected
        )


def test_running_average_approaches_a_constant_by_its_time_constant():
    average, tau = jnp.float32(0.0), 10.0
    for _ in range(25):
        average = compute_running_average(average, 1.0, tau)
    assert float(average) == pytest.approx(1 - (1 - 1 / tau) ** 25, rel=1e-5)


@pytest.mark.parametrize("tau", [0.0, 0.5, -1.0, math.nan, math.inf, "a", None])
def test_running_average_refuses_a_wrong_time_constant(tau):
    with pytest.raises(ValidationError, match="tau"):
        compute_running_average(0.0, 1.0, tau)


@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray, np.ndarray.tolist])
def test_rows_are_normalised_and_short_ones_left_alone(convert):
    weights = np.array([[3.0, -4.0], [0.0, 0.0], [1e-11, 0.0], [1e-3, 0.0]])
    expected = np.array([[0.6, -0.8], [0.0, 0.0], [1e-11, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(normalize_weight_rows(convert(weights)), expected, rtol=1e-5)


def test_integer_weights_are_normalised():
    np.testing.assert_allclose(normalize_weight_rows(np.array([[3, 4]])), [[0.6, 0.8]], rtol=1e-6)


def test_spike_buffer():
    buffer = initialize_spike_buffer(3, 2)
    assert (buffer.shape, buffer.dtype) == ((3, 2), np.float32)
    assert np.isneginf(buffer).all()
    for neuron, time in [(1, 1.0), (1, 2.5), (2, 3.0), (1, 4.0)]:
        buffer = update_spike_buffer(buffer, neuron, time)
    np.testing.assert_array_equal(buffer[0], [-np.inf, -np.inf])
    np.testing.assert_array_equal(buffer[1], [2.5, 4.0])
    np.testing.assert_array_equal(buffer[2], [-np.inf, 3.0])


def test_updating_a_buffer_leaves_the_old_one():
    old = np.zeros((2, 3))
    update_spike_buffer(old, 0, 9.0)
    np.testing.assert_array_equal(old, np.zeros((2, 3)))


def test_a_buffer_can_be_updated_inside_jit():
    update = jax.jit(update_spike_buffer)
    buffer = update(initialize_spike_buffer(2, 2), jnp.int32(1), jnp.float32(0.5))
    np.testing.assert_array_equal(buffer[1], [-np.inf, 0.5])


@pytest.mark.parametrize(
    ("argument", "sizes"),
    [("num_neurons", (0, 2)), ("buffer_size", (2, 0)), ("num_neurons", (1.5, 2))],
)
def test_a_buffer_of_no_size_is_refused(argument, sizes):
    with pytest.raises(ValidationError, match=argument):
        initialize_spike_buffer(*sizes)


@pytest.mark.parametrize("neuron", [2, -3, 1.5])
def test_a_neuron_outside_the_buffer_is_refused(neuron):
    with pytest.raises((ValidationError, IndexError, TypeError)):
        update_spike_buffer(initialize_spike_buffer(2, 2), neuron, 1.0)


def _kernel(dt, plus, minus):
    if dt == 0:
        return 0.0
    return math.exp(-dt / plus) if dt > 0 else -math.exp(dt / minus)


LAGS = st.just(0.0) | st.floats(1e-6, 200) | st.floats(-200, -1e-6)
TAUS = st.floats(0.5, 100)


@given(LAGS, TAUS, TAUS)
def test_kernel_in_closed_form(dt, plus, minus):
    value = stdp_kernel(dt, plus, minus)
    assert isinstance(value, float)
    assert value == pytest.approx(_kernel(dt, plus, minus), abs=2e-6)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_kernel_is_zero_without_a_lag(zero):
    assert stdp_kernel(zero) == 0.0
    assert float(stdp_kernel_vec(jnp.asarray(zero, float))) == 0.0
    assert "K(0) = 0" in stdp_kernel.__doc__


def test_kernel_is_odd_for_equal_time_constants():
    lags = np.linspace(0.1, 80, 50)
    np.testing.assert_allclose(stdp_kernel_vec(lags), -stdp_kernel_vec(-lags))


@pytest.mark.parametrize("transform", [lambda f: f, jax.jit, jax.vmap])
def test_vector_kernel_equals_the_scalar_one(transform):
    lags = np.array([-1e9, -30.0, -1.0, 0.0, 1.0, 30.0, 1e9])
    values = transform(lambda lag: stdp_kernel_vec(lag, 10.0, 30.0))(jnp.asarray(lags))
    np.testing.assert_allclose(values, [stdp_kernel(lag, 10.0, 30.0) for lag in lags], rtol=1e-6)
    assert stdp_kernel_vec(lags.reshape(7, 1)).shape == (7, 1)
    assert stdp_kernel_vec([1, -1]).dtype == np.float32


def test_vector_kernel_can_be_differentiated():
    slope = jax.grad(lambda lag: stdp_kernel_vec(lag, 10.0, 30.0))
    assert float(slope(5.0)) == pytest.approx(-math.exp(-0.5) / 10, rel=1e-5)
    assert float(slope(-6.0)) == pytest.approx(-math.exp(-0.2) / 30, rel=1e-5)
    assert math.isfinite(float(slope(0.0)))


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("dt", (math.nan,)),
        ("dt", (math.inf,)),
        ("dt", ("a",)),
        ("tau_plus", (1.0, 0.0)),
        ("tau_plus", (1.0, -5.0)),
        ("tau_minus", (1.0, 20.0, 0.0)),
        ("tau_minus", (1.0, 20.0, math.nan)),
    ],
)
def test_kernel_refuses_wrong_arguments(argument, values):
    with pytest.raises(ValidationError, match=argument):
        stdp_kernel(*values)


def test_the_older_names_of_arguments():
    weights = np.array([[3.0, 4.0]])
    np.testing.assert_array_equal(
        normalize_weight_rows(W=weights), normalize_weight_rows(weights=weights)
    )
    buffer = initialize_spike_buffer(n=2, size=3)
    assert buffer.shape == (2, 3)
    np.testing.assert_array_equal(
        update_spike_buffer(buf=buffer, i=1, t=5.0), update_spike_buffer(buffer, 1, 5.0)
    )
