"""The contrast that every rule follows: the derivative of the energy, in closed form or not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.energy import (
    Boltzmann,
    BoltzmannState,
    EnergyNetwork,
    RestrictedBoltzmann,
    RestrictedState,
    contrast,
    descend,
)

KEY = jax.random.key(0)


def bits(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).integers(0, 2, shape), jnp.float32)


def agree(a, b):
    """Equal to the rounding of sums of a few dozen float32 numbers."""
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=0, atol=2e-6), a, b)


def test_the_closed_form_of_the_restricted_machine_is_the_derivative_of_its_energy():
    network = RestrictedBoltzmann(5, 3)
    weights = network.draw(KEY)
    state = RestrictedState(bits(0, 8, 5), bits(1, 8, 3))
    agree(network.slope(weights, state), EnergyNetwork.slope(network, weights, state))


def test_the_closed_form_of_the_boltzmann_machine_is_the_derivative_by_each_connection():
    network = Boltzmann(3, 2)
    weights = network.draw(KEY)
    state = BoltzmannState(bits(0, 8, 5))

    def energy(upper):
        W = jnp.zeros((5, 5)).at[jnp.triu_indices(5, 1)].set(upper)
        return network.energy(weights._replace(W=W + W.T), state).mean()

    upper = weights.W[jnp.triu_indices(5, 1)]
    slope = network.slope(weights, state)
    agree(slope.W[jnp.triu_indices(5, 1)], jax.grad(energy)(upper))
    assert (slope.W == slope.W.T).all()
    assert not slope.W.diagonal().any()


def test_states_with_shares_count_as_often_as_these_say():
    network = Boltzmann(4)
    weights = network.draw(KEY)
    few = bits(0, 2, 4)
    repeated = BoltzmannState(few[jnp.array([0, 0, 0, 1])])
    shared = BoltzmannState(few, jnp.array([0.75, 0.25]))
    agree(network.slope(weights, repeated), network.slope(weights, shared))


def test_absent_connections_have_no_slope_and_no_weight():
    mask = np.ones((4, 4), bool)
    mask[0, 1] = mask[1, 0] = False
    network = Boltzmann(4, connections=jnp.asarray(mask))
    weights = network.draw(KEY)
    slope = network.slope(weights, BoltzmannState(bits(0, 8, 4)))
    for W in (weights.W, slope.W):
        assert W[0, 1] == W[1, 0] == 0
        assert W[0, 2] != 0


def test_equal_phases_have_no_contrast_and_one_phase_alone_is_its_slope():
    network = RestrictedBoltzmann(5, 3)
    weights = network.draw(KEY)
    state = RestrictedState(bits(0, 8, 5), bits(1, 8, 3))
    assert not any(part.any() for part in contrast(network, weights, state, state))
    agree(contrast(network, weights, state), network.slope(weights, state))


def test_to_descend_lowers_the_energy_of_the_positive_phase_against_the_negative_one():
    network = RestrictedBoltzmann(6, 4)
    weights = network.draw(KEY)
    positive = RestrictedState(bits(0, 8, 6), bits(1, 8, 4))
    negative = RestrictedState(bits(2, 8, 6), bits(3, 8, 4))

    def gap(weights):
        of = [network.energy(weights, state).mean() for state in (positive, negative)]
        return float(of[0] - of[1])

    change = descend(0.1, contrast(network, weights, positive, negative))
    after = jax.tree.map(jnp.add, weights, change)
    # The energy is linear in the weights, so the gap falls by the rate times the squared norm.
    fall = sum(float((part**2).sum()) for part in change) / 0.1
    assert gap(weights) - gap(after) == pytest.approx(fall, abs=1e-5)
