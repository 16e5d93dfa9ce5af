"""What the driver refuses, and endings that look alike but are not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, activate, recall
from canns.errors import DivergenceError, ValidationError

KEY = jax.random.key(0)
PAIR = jnp.array([[0.0, -0.98], [-0.98, 0.0]])


@pytest.mark.parametrize("threshold", [0.0, 1e-2, 1e-3])
def test_a_damped_oscillation_is_no_cycle(threshold):
    # s <- tanh(-0.98 s) alternates and shrinks towards 0: near its state of two updates ago, yet
    # on the way to rest.
    network = Hopfield(activation="tanh")
    cue = jnp.array([[0.3, 0.3]])
    result = recall(network, PAIR, cue, key=KEY, num_iter=2000, threshold=threshold)
    assert result.outcome.tolist() == ["converged"]
    # A step of at most the threshold is (1 + .98) times the distance that is left.
    assert float(jnp.abs(result.states).max()) <= max(threshold, 1e-6)


def test_a_graded_cycle_is_still_found():
    network = Hopfield(activation="tanh")
    cue = jnp.array([[0.3, 0.3]])
    result = recall(network, 2 * PAIR, cue, key=KEY, num_iter=200)
    assert result.outcome.tolist() == ["cycle"]
    # The amplitude solves s = tanh(1.96 s).
    amplitude = float(jnp.abs(result.states[0, 0]))
    assert amplitude == pytest.approx(np.tanh(1.96 * amplitude), rel=1e-5)


@pytest.mark.parametrize(
    ("network", "cues", "options", "name"),
    [
        (Hopfield(activation="relu"), np.ones((1, 2)), {}, "activation"),
        (Hopfield(threshold=np.nan), np.ones((1, 2)), {}, "threshold"),
        (Hopfield(asynchronous="no"), np.ones((1, 2)), {}, "asynchronous"),
        (Hopfield(), np.ones((1, 2)), {"num_iter": -1}, "num_iter"),
        (Hopfield(), np.ones((1, 2)), {"threshold": -1.0}, "threshold"),
        (Hopfield(), np.ones((0, 2)), {}, "cues"),
        (Hopfield(), np.ones(2), {}, "cues"),
    ],
)
def test_refusals(network, cues, options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        recall(network, PAIR, jnp.asarray(cues), key=KEY, **options)


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValidationError, match="activation"):
        activate("relu", jnp.ones(2), 1.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_told(value):
    with pytest.raises(DivergenceError, match="weights"):
        recall(Hopfield(), jnp.full((2, 2), value), jnp.ones((1, 2)), key=KEY)


def test_a_masked_neuron_does_not_stay_masked():
    result = recall(Hopfield(), jnp.zeros((3, 3)), jnp.array([[1.0, 0.0, -1.0]]), key=KEY)
    assert result.states.tolist() == [[1.0, 1.0, -1.0]]
