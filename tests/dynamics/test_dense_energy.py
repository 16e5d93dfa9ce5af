"""Energies of dense associative memory: every state's, and that no sweep raises one."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import (
    TIES,
    DenseExponential,
    DensePolynomial,
    Hopfield,
    LowRank,
    network_energies,
    recall,
    trajectory,
)
from canns.errors import ValidationError

N, P, BATCH = 8, 5, 4
EPS = float(np.finfo(np.float32).eps)
ALL_STATES = np.array([*itertools.product([-1, 1], repeat=N)])
ORDERS = (2, 3, 4, 6)


def powers(order):
    """The whole-number energy of the paper."""
    return lambda patterns, states: -np.sum((states @ patterns.T) ** order, axis=-1)


def exponentials(patterns, states):
    return -np.sum(np.exp(states @ patterns.T.astype(float)), axis=-1)


def drawn(count, size, seed):
    return np.random.default_rng(seed).choice([-1, 1], (count, size))


def floats(array):
    return jnp.asarray(array, jnp.float32)


@pytest.mark.parametrize("order", ORDERS)
def test_energies_of_every_state_by_powers(order):
    patterns = drawn(P, N, 0)
    found = network_energies(DensePolynomial(order=order), floats(patterns), floats(ALL_STATES))
    exact = powers(order)(patterns, ALL_STATES) * float(N) ** (1 - order)
    # Sums of P terms, each a power rounded a few times, of at most N.
    np.testing.assert_allclose(found, exact, atol=4 * P * N * EPS)


def test_energies_of_every_state_by_the_exponential():
    patterns = drawn(P, N, 0)
    found = network_energies(DenseExponential(), floats(patterns), floats(ALL_STATES))
    np.testing.assert_allclose(found, -np.log(-exponentials(patterns, ALL_STATES)), rtol=8 * EPS)


def test_the_logarithm_holds_if_the_exponential_overflows():
    patterns = drawn(3, 2000, 1)
    found = network_energies(DenseExponential(), floats(patterns), floats(patterns))
    np.testing.assert_allclose(found, np.full(3, -2000.0), rtol=EPS)


NETWORKS = {
    **{f"order-{n}": (lambda n=n, **o: DensePolynomial(order=n, **o), powers(n)) for n in ORDERS},
    "exponential": (DenseExponential, exponentials),
}


@pytest.mark.parametrize("kind", NETWORKS)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**31 - 1), tie=st.sampled_from(TIES), held=st.booleans())
def test_no_sweep_raises_the_energy_and_the_end_is_a_minimum(kind, seed, tie, held):
    build, energy = NETWORKS[kind]
    network, rng = build(asynchronous=True, tie=tie), np.random.default_rng(seed)
    patterns, cues = rng.choice([-1, 1], (P, N)), rng.choice([-1, 1], (BATCH, N))
    clamped = jnp.asarray(rng.random((BATCH, N)) < (0.3 if held else 0.0))
    options = {"key": jax.random.key(seed), "num_iter": 30, "clamped": clamped}
    path = trajectory(network, floats(patterns), floats(cues), **options)
    path = np.asarray(path, int)
    exact = energy(patterns, path)
    # Whole numbers for the powers; the exponential's are compared to float64.
    assert (np.diff(exact, axis=0) <= 1e-12 * np.abs(exact).max()).all()
    assert (path == path[0])[:, np.asarray(clamped)].all()
    flipped = path[-1][:, None] * (1 - 2 * np.eye(N, dtype=int))  # (BATCH, N, N)
    gains = energy(patterns, flipped) - exact[-1][:, None]
    free = ~np.asarray(clamped)
    # Float32 takes energies that differ by less than rounding for a tie.
    assert (gains >= -1e-6 * np.abs(exact[-1]).max())[free].all()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_order_two_is_the_network_of_hebbian_couplings(asynchronous):
    size, count = 60, 9
    patterns, cues = floats(drawn(count, size, 3)), floats(drawn(40, size, 4))
    couplings = LowRank.hebbian(patterns)
    dense = DensePolynomial(asynchronous, update_order="cyclic", order=2)
    classical = Hopfield(asynchronous=asynchronous, update_order="cyclic")
    key = jax.random.key(0)
    first = recall(dense, patterns, cues, key=key, num_iter=30)
    second = recall(classical, couplings, cues, key=key, num_iter=30)
    np.testing.assert_array_equal(first.states, second.states)
    np.testing.assert_array_equal(first.outcome, second.outcome)
    np.testing.assert_array_equal(first.steps, second.steps)
    # sum_mu (xi.s)^2 = s W s + N P, so the energies are two over N apart, and P.
    shifted = 2 * second.energies / size - count
    np.testing.assert_allclose(first.energies, shifted, atol=20 * EPS * np.abs(shifted).max())


def test_the_negative_of_a_pattern_has_the_opposite_energy_for_odd_orders_only():
    patterns = floats(drawn(1, N, 5))
    for order, sign in ((3, 1), (4, -1)):
        found = network_energies(DensePolynomial(order=order), patterns, -patterns)
        assert found.tolist() == [sign * N]


@pytest.mark.parametrize(
    ("argument", "network"),
    [
        ("order", DensePolynomial(order=1)),
        ("order", DensePolynomial(order=17)),
        ("order", DensePolynomial(order=3.0)),
        ("tie", DensePolynomial(tie="zero")),
        ("update_order", DenseExponential(update_order="forward")),
        ("asynchronous", DenseExponential(asynchronous="no")),
        ("temperatures", DenseExponential()),
    ],
)
def test_refusals(argument, network):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        recall(
            network,
            floats(drawn(2, N, 0)),
            floats(drawn(1, N, 1)),
            key=jax.random.key(0),
            temperatures=np.ones(2),
        )
