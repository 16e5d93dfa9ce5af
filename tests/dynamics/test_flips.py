"""A sweep from flip to flip is the sweep that visits every neuron."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, McCullochPitts, network_energies, recall, trajectory
from canns.dynamics.recalling.prepared import _kept, prepared_for

N, B = 40, 6
rng = np.random.default_rng(0)


def symmetric(values):
    weights = np.triu(values, 1)
    return (weights + weights.T).astype(np.float32)


INTEGERS = symmetric(rng.integers(-3, 4, (N, N)))  # fields of exact integers, with many ties
ONE_WAY = rng.integers(-3, 4, (N, N)).astype(np.float32)
CUES = rng.choice([-1.0, 1.0], (B, N)).astype(np.float32)


def visited(weights, states, order, threshold, tie, held):
    """One sweep, neuron by neuron, in integers."""
    states = states.copy()
    for i in order:
        for b in range(len(states)):
            drive = float(weights[i] @ states[b]) - threshold
            at_zero = {"keep": states[b, i], "plus": 1.0, "minus": -1.0}[tie]
            if not held[b, i]:
                states[b, i] = np.sign(drive) if drive else at_zero
    return states


@pytest.mark.parametrize("weights", [INTEGERS, ONE_WAY], ids=["symmetric", "one way"])
@pytest.mark.parametrize("tie", ["keep", "plus", "minus"])
def test_sweeps_are_those_of_integers(weights, tie):
    network = Hopfield(1.0, asynchronous=True, tie=tie, update_order="cyclic")
    held = rng.random((B, N)) < 0.2
    path = trajectory(
        network, jnp.asarray(weights), CUES, key=jax.random.key(0), num_iter=4, clamped=held
    )
    expected = CUES
    for states in path[1:]:
        expected = visited(weights, expected, range(N), 1.0, tie, held)
        np.testing.assert_array_equal(states, expected)


def test_a_random_order_visits_every_neuron_once():
    # Of neurons that follow a field of their own, each flips, whatever the order.
    network = Hopfield(-5.0, asynchronous=True)
    path = trajectory(
        network, jnp.zeros((N, N)), -np.ones_like(CUES), key=jax.random.key(1), num_iter=1
    )
    np.testing.assert_array_equal(path[1], 1)


@pytest.mark.parametrize("network", [Hopfield, McCullochPitts])
def test_the_field_that_is_kept_gives_the_energy(network):
    low = 0.0 if network is McCullochPitts else -1.0
    cues = np.where(CUES > 0, 1.0, low).astype(np.float32)
    weights = jnp.asarray(symmetric(rng.normal(size=(N, N))))
    dynamics = network(asynchronous=True)
    result = recall(dynamics, weights, cues, key=jax.random.key(2), num_iter=30)
    last = result.energies[np.arange(B), result.steps]
    np.testing.assert_allclose(
        last, network_energies(dynamics, weights, result.states), rtol=1e-5, atol=1e-4
    )
    assert (np.diff(result.energies, axis=1) <= 1e-3).all()
    assert (result.outcome == "converged").all()


def test_un_jitted_is_the_same():
    network = Hopfield(asynchronous=True, stochastic=True, temperature=2.0)
    results = [
        recall(network, INTEGERS[:12, :12], CUES[:2, :12], key=jax.random.key(3), **options)
        for options in ({"num_iter": 2}, {"num_iter": 2, "compiled": False})
    ]
    np.testing.assert_array_equal(results[0].states, results[1].states)


def test_what_is_prepared_stays_for_the_same_weights_and_goes_with_them():
    network, weights = Hopfield(asynchronous=True), jnp.asarray(INTEGERS)
    _, first = prepared_for(network, weights)
    marked, second = prepared_for(network, weights)
    assert first is second
    assert marked.matrix is weights
    assert first.columns is None  # its rows are its columns
    _, other = prepared_for(network, jnp.asarray(ONE_WAY))
    np.testing.assert_array_equal(other.columns, ONE_WAY.T)
    held = len(_kept)
    del marked, weights
    assert len(_kept) < held
