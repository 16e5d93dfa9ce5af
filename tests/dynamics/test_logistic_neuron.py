"""Neurons that fire with a logistic chance: counts against theory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from spiking_helpers import simulate

from canns.dynamics import Logistic, Poisson

STEPS, NEURONS = 4000, 100


@pytest.mark.parametrize(("beta", "u"), [(1.0, 0.0), (2.0, -0.5), (0.5, 2.0)])
def test_the_share_of_spikes_is_the_chance(beta, u):
    neuron, weights = Logistic(beta), jnp.full((NEURONS, 1), u)
    state = neuron.seeded(neuron.init(weights), jax.random.key(0))
    spikes, *_ = simulate(neuron, weights, np.ones((STEPS, 1)), state)
    p = 1 / (1 + np.exp(-beta * u))
    error = np.sqrt(p * (1 - p) / (STEPS * NEURONS))
    assert abs(np.mean(spikes) - p) < 5 * error
    np.testing.assert_allclose(neuron.chance(jnp.array(u)), p, rtol=1e-5)


def test_the_chance_of_a_poisson_neuron_is_that_of_its_rate():
    np.testing.assert_allclose(Poisson(dt=2.0).chance(50.0), 1 - np.exp(-0.1), rtol=1e-5)
    assert float(Poisson().chance(-3.0)) == 0
