"""Neurons that fire at random: counts against theory, and seeds.

Tolerances are five standard errors of the estimator.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from spiking_helpers import simulate

from canns._brainstate import brainstate
from canns.dynamics import LIF, Delayed, Linear, Poisson, PoissonState, Stack
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer

STEPS, NEURONS = 4000, 300


def run(neuron, u, seed=0, dtype=jnp.float32):
    """Return the spikes of neurons whose drive is u."""
    weights = jnp.full((NEURONS, 1), u, dtype)
    state = neuron.seeded(neuron.init(weights), jax.random.key(seed))
    spikes, *_ = simulate(neuron, weights, np.ones((STEPS, 1)), state)
    return spikes.astype(float)


@pytest.mark.parametrize(
    ("neuron", "u", "rate"),
    [
        (Poisson(), 50.0, 50.0),
        (Poisson(dt=5.0), 100.0, 100.0),
        (Poisson(escape="exponential", rate=20.0, threshold=2.0, width=0.5), 2.0, 20.0),
        (Poisson(escape="exponential", rate=20.0, threshold=2.0, width=0.5), 2.5, 20 * np.e),
    ],
)
def test_rate_fano_factor_and_independence(neuron, u, rate):
    spikes = run(neuron, u)
    counts = spikes.sum(axis=0)
    p = -np.expm1(-rate * neuron.dt / 1000)
    assert counts.mean() == pytest.approx(STEPS * p, abs=5 * np.sqrt(STEPS * p * (1 - p) / NEURONS))
    fano = counts.var(ddof=1) / counts.mean()
    relative = np.sqrt(2 / (NEURONS - 1) + 1 / (NEURONS * STEPS * p * (1 - p)))
    assert fano == pytest.approx(1 - p, abs=5 * relative)
    # Neither neighbours nor successive steps have anything to do with each other.
    centred = spikes - p
    size = np.sqrt(centred.size) * p * (1 - p)
    assert abs((centred[:, 1:] * centred[:, :-1]).sum()) < 5 * np.sqrt(centred.size) * p * (1 - p)
    assert abs((centred[1:] * centred[:-1]).sum()) < 5 * size


def test_a_negative_rate_is_none():
    assert run(Poisson(), -10.0).sum() == 0


def test_the_seed_fixes_the_spikes_in_every_type():
    first = run(Poisson(), 100.0, seed=1)
    np.testing.assert_array_equal(first, run(Poisson(), 100.0, seed=1))
    assert (first != run(Poisson(), 100.0, seed=2)).any()
    seeds = []
    for dtype in (jnp.float32, jnp.bfloat16, jnp.float16):
        step, weights = jax.jit(Poisson().step), jnp.ones((5, 1), dtype)
        state = Poisson().seeded(Poisson().init(weights), jax.random.key(3))
        for _ in range(50):
            state, activity = step(state, weights, jnp.ones(1, dtype))
        assert state.seed.dtype == activity.post.dtype == dtype
        seeds.append(np.asarray(state.seed, float))
    np.testing.assert_array_equal(seeds[0], seeds[1])
    np.testing.assert_array_equal(seeds[0], seeds[2])


def test_every_byte_of_the_seed_counts():
    neuron, weights = Poisson(), jnp.full((64, 1), 700.0)
    trains = set()
    for i in range(8):
        for byte in (1, 128, 255):
            state = PoissonState(jnp.zeros(8).at[i].set(byte))
            trains.add(tuple(neuron.step(state, weights, jnp.ones(1))[1].post.tolist()))
    assert len(trains) == 24


def test_a_layer_takes_its_seed_from_brainstate_at_each_reset():
    trains = []
    for _ in range(2):
        brainstate.random.seed(5)
        layer = NeuronLayer(1, 100, Poisson())
        layer.W.value = np.full((100, 1), 200.0)
        trains.append([layer.run(np.ones((20, 1)))])
        layer.reset_state()
        trains[-1].append(layer.run(np.ones((20, 1))))
    np.testing.assert_array_equal(trains[0], trains[1])
    assert (trains[0][0] != trains[0][1]).any(), "a reset does not begin the noise anew"


def test_a_neuron_around_it_hands_the_seed_on():
    key = jax.random.key(7)
    weights = jnp.ones((2, 2))
    assert not LIF().stochastic
    delayed = Delayed(Poisson())
    assert delayed.stochastic
    own = delayed.seeded(delayed.init(weights), key).neuron
    np.testing.assert_array_equal(own.seed, Poisson().seeded(own, key).seed)
    stack = Stack((Linear(), Poisson(), Poisson()))
    assert stack.stochastic
    _, first, second = stack.seeded(stack.init((weights,) * 3), key)
    assert (first.seed != second.seed).any()


def test_an_unknown_escape_is_refused():
    with pytest.raises(ValidationError, match="escape"):
        dataclasses.replace(Poisson(), escape="sudden").validate()
