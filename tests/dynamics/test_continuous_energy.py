"""The energy of the graded network in continuous time, and how long a step may be to lower it.

Hopfield (1984), PNAS 81:3088.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from continuous_helpers import (
    KEY,
    N,
    activities,
    cases,
    drift,
    energies_of,
    many,
    never_rises,
    symmetric,
    with_dt,
)
from hypothesis import given, settings
from scipy.integrate import quad

from canns.dynamics import GRADED, ContinuousHopfield, network_energies, recall, trajectory

pytestmark = pytest.mark.usefixtures("x64")
inverse = {"tanh": np.arctanh, "sigmoid": lambda v: np.log(v) - np.log1p(-v)}


@settings(many, max_examples=25)
@given(case=cases())
def test_the_energy_is_its_definition_integrated_by_quadrature(case):
    weights, potentials, network = case
    potentials = np.clip(potentials, -5 / network.gain, 5 / network.gain)
    found = network_energies(network, jnp.asarray(weights), jnp.asarray(potentials))
    for energy, v in zip(found, activities(network, potentials), strict=True):
        leak = sum(quad(inverse[network.activation], 0, x, epsabs=1e-12)[0] for x in v)
        expected = -0.5 * v @ weights @ v - network.current @ v + leak / network.gain
        assert float(energy) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@many
@given(case=cases())
def test_the_energy_falls_as_fast_as_the_flow_says(case):
    # dE/dt = -tau sum_i V'(u_i) (du_i/dt)^2: this fixes every constant of E.
    weights, potentials, network = case

    def energy(u):
        return network_energies(network, jnp.asarray(weights), u[None])[0]

    for u in potentials:
        rate = drift(network, weights)(u)
        found = jax.jvp(energy, (jnp.asarray(u),), (jnp.asarray(rate),))[1]
        v = activities(network, u)
        slope = network.gain * (1 - v**2 if network.activation == "tanh" else v * (1 - v))
        expected = -network.tau * slope @ rate**2
        assert float(found) == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("activation", GRADED)
def test_the_energy_stays_exact_if_activities_saturate(activation):
    network = ContinuousHopfield(gain=3.0, activation=activation)
    weights, signs = symmetric(np.random.default_rng(0)), np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    corner = signs if activation == "tanh" else (signs + 1) / 2
    leak = N * math.log(2) / 3 if activation == "tanh" else 0.0
    expected = -0.5 * corner @ weights @ corner + leak
    for size in (20.0, 1e3, 1e300):
        found = network_energies(network, jnp.asarray(weights), jnp.asarray(size * signs)[None])
        assert float(found[0]) == pytest.approx(expected, rel=1e-14)


@many
@given(case=cases())
def test_the_energy_never_rises_along_the_flow(case):
    weights, potentials, network = case
    network = with_dt(network, 0.01 * min(network.tau, network.largest_dt(weights)))
    assert never_rises(energies_of(network, weights, potentials, 200))


@many
@given(case=cases())
def test_the_energy_never_rises_up_to_the_largest_dt(case):
    weights, potentials, network = case
    largest = network.largest_dt(weights)
    network = with_dt(network, min(largest, 1e3 * network.tau))
    assert never_rises(energies_of(network, weights, potentials, 200))


@pytest.mark.parametrize("activation", GRADED)
def test_beyond_the_largest_dt_a_silent_network_is_left_by_alternation(activation):
    weights = np.array([[0.0, -2.0], [-2.0, 0.0]])
    # The currents hold the logistic neurons at V = 1/2 where u = 0.
    current = np.zeros(2) if activation == "tanh" else np.full(2, 1.0)
    network = ContinuousHopfield(0.7, 4.0, current=current, activation=activation)
    largest = network.largest_dt(weights)
    slope = 4.0 if activation == "tanh" else 1.0
    assert largest == pytest.approx(0.7 * math.log((2 * slope + 1) / (2 * slope - 1)))
    cue = np.array([[1e-6, 1e-6]])
    below = recall(with_dt(network, 0.95 * largest), weights, cue, key=KEY, num_iter=300)
    above = recall(with_dt(network, 1.05 * largest), weights, cue, key=KEY, num_iter=300)
    assert never_rises(below.energies)
    assert np.abs(below.states).max() < 1e-6
    assert np.diff(above.energies).max() > 1e-3
    path = trajectory(with_dt(network, 1.05 * largest), weights, cue, key=KEY, num_iter=300)[:, 0]
    assert (np.diff(np.sign(path[:, 0])) != 0).all()


def test_without_negative_eigenvalues_any_dt_will_do():
    root = np.random.default_rng(0).normal(size=(N, N))
    assert ContinuousHopfield(gain=100.0).largest_dt(root @ root.T) == math.inf
    assert ContinuousHopfield(gain=0.5).largest_dt([[0.0, -2.0], [-2.0, 0.0]]) == math.inf


def test_the_energy_of_pairs_alone_does_rise():
    # Below the critical gain activity dies away, and with it -V'WV/2, which is negative.
    weights, cue = jnp.array([[0.0, 1.0], [1.0, 0.0]]), jnp.array([[1.0, 1.0]])
    network = ContinuousHopfield(gain=0.5, dt=0.05)
    path = trajectory(network, weights, cue, key=KEY, num_iter=100)[:, 0]
    v = activities(network, path)
    pairs = -0.5 * np.einsum("ti,ij,tj->t", v, weights, v)
    assert (np.diff(pairs) > 0).all()
    assert (np.diff(energies_of(network, weights, cue, 100)) < 0).all()
