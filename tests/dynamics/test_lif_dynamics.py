"""The LIF neuron against sequences worked out by hand and closed forms of its firing."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import LIF, Clamped, LIFState, Linear, NoState, neuron_step
from canns.errors import ValidationError


def run(lif, weights, inputs):
    """Return the states after each step and the activities, stacked over time."""

    def body(state, x):
        state, activity = lif.step(state, weights, x)
        return state, (state, activity)

    return jax.lax.scan(body, lif.init(weights), inputs)[1]


def test_one_neuron_by_hand():
    # Powers of two throughout, so float32 is exact.
    lif = LIF(threshold=1.0, v_reset=-0.5, leak=0.5, trace_pre_decay=0.5, trace_post_decay=0.25)
    inputs = jnp.array([[1.0], [1.0], [0.0], [2.0], [0.0]])
    states, activity = run(lif, jnp.array([[0.75]]), inputs)
    # v before firing: .75, .375 + .75 = 1.125 (fires), -.25, -.125 + 1.5 = 1.375 (fires), -.25.
    assert states.v[:, 0].tolist() == [0.75, -0.5, -0.25, -0.5, -0.25]
    assert activity.post[:, 0].tolist() == [0, 1, 0, 1, 0]
    # What a rule sees are the traces of before the step, decayed to it.
    assert activity.trace_pre[:, 0].tolist() == [0, 0.5, 0.75, 0.375, 1.1875]
    assert states.trace_pre[:, 0].tolist() == [1, 1.5, 0.75, 2.375, 1.1875]
    assert activity.trace_post[:, 0].tolist() == [0, 0, 0.25, 0.0625, 0.265625]
    assert states.trace_post[:, 0].tolist() == [0, 1, 0.25, 1.0625, 0.265625]
    np.testing.assert_array_equal(activity.pre, inputs)


def test_a_potential_at_the_threshold_fires():
    states, activity = run(LIF(threshold=0.5), jnp.array([[0.5], [0.49]]), jnp.ones((1, 1)))
    assert activity.post.tolist() == [[1.0, 0.0]]
    np.testing.assert_array_equal(states.v, np.array([[0.0, 0.49]], np.float32))


def test_two_neurons_weigh_two_inputs():
    weights = jnp.array([[0.5, 0.25], [0.0, 2.0]])
    states, activity = run(LIF(), weights, jnp.array([[1.0, 1.0]]))
    assert states.v.tolist() == [[0.75, 0.0]]
    assert activity.post.tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("leak", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("threshold", [1.0, 2.5])
def test_constant_input_fires_after_the_closed_form_number_of_steps(leak, threshold, x64):
    rheobase = threshold * (1 - leak)
    currents = rheobase * np.concatenate([np.geomspace(0.2, 0.99, 5), np.geomspace(1.01, 30, 40)])
    steps = 1500
    _, activity = run(
        LIF(threshold=threshold, leak=leak), jnp.asarray(currents)[:, None], jnp.ones((steps, 1))
    )
    spikes = np.asarray(activity.post)
    # v_n = I (1 - leak^n)/(1 - leak), which never reaches theta for I <= theta (1 - leak).
    assert not spikes[:, currents < rheobase].any()
    driven = currents > rheobase
    exact = np.log(1 - rheobase / currents[driven]) / np.log(leak)
    # If the formula gave a whole number, rounding would decide; in no case here does it.
    assert (np.abs(exact - np.rint(exact)) > 1e-9).all()
    for train, first in zip(spikes[:, driven].T, np.ceil(exact).astype(int), strict=True):
        # Reset to zero starts the same course again: the train is regular.
        np.testing.assert_array_equal(np.flatnonzero(train), np.arange(first - 1, steps, first))


@pytest.mark.parametrize("parts", [2, 4])
def test_silent_steps_compose(parts):
    # 1/parts is exact, and leak^dt makes the parts one whole step, up to a few roundings.
    whole = LIF(leak=0.7, trace_pre_decay=0.8, trace_post_decay=0.6)
    part = dataclasses.replace(whole, dt=1 / parts)
    weights, silence = jnp.ones((1, 2)), jnp.zeros(2)
    state = LIFState(jnp.array([0.9]), jnp.array([0.5, 2.0]), jnp.array([3.0]))
    once, _ = whole.step(state, weights, silence)
    for _ in range(parts):
        state, activity = part.step(state, weights, silence)
    np.testing.assert_allclose(once.v, [0.63], rtol=1e-6)
    for a, b in zip(state, once, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    np.testing.assert_array_equal(activity.trace_pre, state.trace_pre)


def test_the_length_of_a_step_does_not_scale_the_charge_of_a_spike():
    for dt in (0.1, 1.0, 10.0):
        states, _ = run(LIF(dt=dt), jnp.array([[0.5]]), jnp.array([[1.0]]))
        assert states.v.tolist() == [[0.5]]
        assert states.trace_pre.tolist() == [[1.0]]


def test_the_state_at_rest():
    state = LIF().init(jnp.ones((2, 3)))
    assert [leaf.shape for leaf in state] == [(2,), (3,), (2,)]
    assert not any(leaf.any() for leaf in state)


def test_simple_neurons():
    weights, x = jnp.array([[1.0, 2.0], [0.5, -1.0]]), jnp.array([3.0, 4.0])
    state, activity = neuron_step(Linear(), NoState(), weights, x)
    assert (state, activity.post.tolist()) == (NoState(), [11.0, -2.5])
    _, activity = neuron_step(Clamped(), NoState(), weights, x)
    assert activity.pre.tolist() == activity.post.tolist() == [3.0, 4.0]
    assert activity.trace_pre is None
    assert activity.trace_post is None


def test_the_compiled_step_is_the_step(count_compilations):
    weights, x = jnp.array([[0.3, 0.6]]), jnp.array([1.0, 1.0])
    state = LIF().init(weights)
    plain = LIF(leak=0.8).step(state, weights, x)
    compiled = neuron_step(LIF(leak=0.8), state, weights, x)
    jax.tree.map(np.testing.assert_array_equal, plain, compiled)
    assert count_compilations(lambda: neuron_step(LIF(leak=0.3, dt=2.0), state, weights, x)) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[(field, bad) for field in ("leak", "trace_pre_decay") for bad in (-0.1, 1.1)],
        ("trace_post_decay", 2),
        ("dt", 0),
        ("dt", -1),
        ("threshold", float("nan")),
        ("v_reset", float("inf")),
        ("leak", "0.9"),
    ],
)
def test_invalid_hyperparameters_are_refused(field, value):
    with pytest.raises(ValidationError, match=field):
        LIF(**{field: value}).validate()
