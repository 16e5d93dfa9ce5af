"""Random connections, and recall over them against the theory of extreme dilution.

Derrida, Gardner & Zippelius (1987): m = erf(m / sqrt(2 v)) with v = P/C, for C and N/C without
limit. At finite C the pattern itself, one of the P, is signal: its C terms of mean m vary by
1 - m^2 each, and those of the P - 1 others by 1, so that v = (P - m^2)/C. At finite c = C/N the
table has loops: a share c of the noise is that of a fully connected network with c P/C patterns per
neuron, which is stronger by r = (1 - chi)^-2, with chi = dm/dh the susceptibility (Amit,
Gutfreund, Sompolinsky 1985).
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf
from scipy.stats import binom

from canns.dynamics import (
    DilutedHopfield,
    Hopfield,
    Sparse,
    network_energies,
    random_connections,
    recall,
    symmetric_connections,
)
from canns.errors import ValidationError

KEY = jax.random.key(0)
EPS = float(np.finfo(np.float32).eps)
SIZES = st.integers(2, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 1)))
SEEDS = st.integers(0, 2**31 - 1)


def heard(table):
    """Return who hears whom, (N, N), and whether a row names anyone twice."""
    own = np.arange(len(table))[:, None]
    counts = np.zeros((len(table), len(table)), int)
    np.add.at(counts, (np.broadcast_to(own, table.shape), table), table != own)
    return counts > 0, counts.max() > 1


@settings(max_examples=100)
@given(sizes=SIZES, seed=SEEDS)
def test_each_neuron_hears_as_many_different_others(sizes, seed):
    table = random_connections(*sizes, np.random.default_rng(seed))
    connected, twice = heard(table)
    assert (table.shape, table.dtype, twice) == (sizes, np.int32, False)
    assert (connected.sum(axis=1) == sizes[1]).all()


@settings(max_examples=100)
@given(sizes=SIZES, seed=SEEDS)
def test_symmetric_connections_run_to_and_fro(sizes, seed):
    table = symmetric_connections(*sizes, np.random.default_rng(seed))
    connected, twice = heard(table)
    assert (table.dtype, twice) == (np.int32, False)
    np.testing.assert_array_equal(connected, connected.T)
    # What a row does not need is its own index, behind the others.
    degrees = connected.sum(axis=1)
    np.testing.assert_array_equal((table != np.arange(len(table))[:, None]).sum(axis=1), degrees)
    assert table.shape[1] % 16 == 0
    assert table.shape[1] < max(1, degrees.max()) + 16
    if sizes[1] == sizes[0] - 1:
        assert (degrees == sizes[1]).all()


@pytest.mark.parametrize("draw", [random_connections, symmetric_connections])
def test_every_connection_is_as_likely_as_another(draw):
    size, number, tables = 6, 2, 4000
    rng = np.random.default_rng(0)
    share = np.mean([heard(draw(size, number, rng))[0] for _ in range(tables)], axis=0)
    p = number / (size - 1)
    error = np.sqrt(p * (1 - p) / tables)
    others = ~np.eye(size, dtype=bool)
    assert np.abs(share[others] - p).max() < 4.5 * error
    assert (share[~others] == 0).all()


def test_the_number_of_symmetric_connections_is_binomial():
    size, number = 2000, 50
    table = symmetric_connections(size, number, np.random.default_rng(1))
    degrees = heard(table)[0].sum(axis=1)
    variance = number * (1 - number / (size - 1))
    # N degrees, and pairs share a connection: the mean is that of N(N - 1)/2 draws.
    assert abs(degrees.mean() - number) < 4 * np.sqrt(2 * variance / size)
    assert abs(degrees.var() / variance - 1) < 4 * np.sqrt(2 / size)


@pytest.mark.parametrize("draw", [random_connections, symmetric_connections])
@pytest.mark.parametrize(
    ("argument", "sizes"),
    [
        ("num_neurons", (1, 1)),
        ("num_neurons", (2.0, 1)),
        ("num_connections", (5, 0)),
        ("num_connections", (5, 5)),
    ],
)
def test_impossible_tables_are_refused(draw, argument, sizes):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        draw(*sizes, np.random.default_rng(0))


@pytest.mark.slow
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_table_apart_from_its_weights_is_the_network_with_sparse_couplings(asynchronous):
    table = jnp.asarray(random_connections(40, 6, np.random.default_rng(0)))
    weights, cues = jax.random.normal(KEY, table.shape), jax.random.rademacher(KEY, (3, 40)) * 1.0
    options = {"threshold": 0.1, "asynchronous": asynchronous, "tie": "plus"}
    apart = recall(DilutedHopfield(connections=table, **options), weights, cues, key=KEY)
    joined = recall(Hopfield(**options), Sparse(table, weights), cues, key=KEY)
    for a, b in zip(apart, joined, strict=True):
        np.testing.assert_array_equal(a, b)


@st.composite
def symmetric_networks(draw):
    size = 12
    rng = np.random.default_rng(draw(SEEDS))
    table = symmetric_connections(size, draw(st.integers(1, size - 1)), rng)
    half = rng.normal(size=(size, size)) * 10.0 ** draw(st.integers(-3, 3))
    if draw(st.booleans()):
        half = np.rint(half)  # whole numbers are full of exact ties
    matrix = half + half.T
    np.fill_diagonal(matrix, 0.0)
    weights = np.take_along_axis(matrix, table, axis=1)
    cues = rng.choice([-1.0, 1.0], (4, size))
    return table, weights, cues, draw(st.floats(-3, 3, width=32))


@pytest.mark.parametrize("tie", ["keep", "plus"])
@settings(max_examples=60)
@given(case=symmetric_networks())
def test_asynchronous_updates_of_a_symmetric_network_never_raise_the_energy(tie, case):
    table, weights, cues, threshold = case
    network = DilutedHopfield(
        threshold=threshold, asynchronous=True, tie=tie, connections=jnp.asarray(table)
    )
    f32 = jnp.asarray(weights, jnp.float32), jnp.asarray(cues, jnp.float32)
    result = recall(network, *f32, key=KEY, num_iter=40)
    rounding = 2 * len(table) * EPS * (np.abs(weights).sum() + len(table) * abs(threshold))
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    assert (result.outcome == "converged").all()


def test_the_energy_of_an_asymmetric_network_may_rise():
    # Three neurons hear the last one, which hears the fourth; that one and the fifth hear each
    # other. When the last one follows, it parts with the three.
    connections = jnp.array([[5], [5], [5], [4], [3], [3]])
    network = DilutedHopfield(asynchronous=True, update_order="cyclic", connections=connections)
    cue = jnp.array([[1.0, 1.0, 1.0, -1.0, -1.0, 1.0]])
    energies = recall(network, jnp.ones((6, 1)), cue, key=KEY).energies[0]
    assert energies.tolist() == [-2.0, 0.0, -3.0, -3.0]


def test_clamped_neurons_are_not_seen_to_move_in_a_sweep():
    # Along a chain each neuron copies its left neighbour; the third is held.
    connections = jnp.maximum(jnp.arange(6) - 1, 0)[:, None]
    chain = DilutedHopfield(asynchronous=True, update_order="cyclic", connections=connections)
    weights, cue = jnp.ones((6, 1)).at[0].set(0.0), jnp.ones((1, 6)).at[0, 0].set(-1.0)
    held = np.arange(6) == 2
    found = recall(chain, weights, cue, key=KEY, clamped=held[None]).states[0]
    assert found.tolist() == [-1.0, -1.0, 1.0, 1.0, 1.0, 1.0]


def network_of(patterns, number, seed, **options):
    table = random_connections(patterns.shape[1], number, np.random.default_rng(seed))
    couplings = Sparse.hebbian(jnp.asarray(table), jnp.asarray(patterns), 1 / number)
    return DilutedHopfield(connections=couplings.indices, **options), couplings.weights


def overlaps(size, number, load, seed, updates, shown, **options):
    """Return the overlaps with the first patterns of a network, ``updates`` after them."""
    rng = np.random.default_rng([seed, size])
    patterns = rng.choice(np.float32([-1, 1]), (load, size))
    network, weights = network_of(patterns, number, seed, **options)
    cues, key = jnp.asarray(patterns[:shown]), jax.random.key(seed)
    states = recall(network, weights, cues, key=key, num_iter=updates).states
    return np.mean(np.asarray(states, np.float64) * patterns[:shown], axis=1)


def test_one_update_errs_as_often_as_a_walk_of_fair_steps_goes_astray():
    # xi_i h_i C = C + the sum of C (P - 1) fair signs, at every neuron: an exact distribution.
    size, number, load = 4001, 31, 13
    steps = number * (load - 1)
    expected = binom.cdf((steps - number) / 2 - 0.5, steps, 0.5)
    wrong = (1 - overlaps(size, number, load, 0, updates=1, shown=load)) / 2
    error = np.sqrt(expected * (1 - expected) / (size * load))
    assert (steps - number) % 2 == 1, "the walk must not end at zero, which is a tie"
    assert 0.03 < expected < 0.1
    assert abs(wrong.mean() - expected) < 4 * error


def fixed_overlap(load, number, loops):
    """Return m of this file's theory, from m = 1 down."""
    m = 1.0
    for _ in range(2000):
        v = (load - m**2) / number
        chi = np.sqrt(2 / (np.pi * v)) * np.exp(-(m**2) / (2 * v))
        v += loops * load / number * ((1 - chi) ** -2 - 1)
        m = erf(m / np.sqrt(2 * v))
    return m


def test_the_theory_ends_at_the_published_limit():
    assert fixed_overlap(0.3e9, 1e9, 0.0) == pytest.approx(0.89944, abs=1e-5)
    assert fixed_overlap(0.7e9, 1e9, 0.0) < 1e-6  # past 2/pi


@pytest.mark.slow
@pytest.mark.parametrize(("number", "load"), [(51, 15), (101, 31)])
def test_the_overlap_is_that_of_extreme_dilution(number, load):
    size = 20_001
    found = np.concatenate(
        [overlaps(size, number, load, seed, updates=15, shown=15) for seed in range(2)]
    )
    error = found.std() / np.sqrt(len(found))
    assert error < 0.002
    assert abs(found.mean() - fixed_overlap(load, number, number / size)) < 4 * error
    # The finite C is seen: without it the theory is off by more than chance allows.
    assert found.mean() - fixed_overlap(load * 1e7, number * 1e7, 0.0) > 4 * error


@pytest.mark.slow
def test_nothing_is_remembered_past_two_over_pi():
    found = overlaps(10_001, 51, 41, 0, updates=40, shown=5)  # alpha = 0.80
    assert np.abs(found).max() < 0.1


@pytest.mark.slow
def test_the_heat_bath_has_the_overlap_of_its_temperature():
    # m = int Dz tanh((m + sqrt(v) z)/T), in the same way.
    size, number, load, temperature = 20_001, 51, 11, 0.5
    z, dz = np.polynomial.hermite_e.hermegauss(80)
    theory = 1.0
    for _ in range(500):
        v = (load - theory**2) / number
        theory = dz @ np.tanh((theory + np.sqrt(v) * z) / temperature) / dz.sum()
    options = {"stochastic": True, "temperature": temperature}
    found = overlaps(size, number, load, 0, updates=20, shown=11, **options)
    error = found.std() / np.sqrt(len(found))
    assert 0.5 < theory < 0.95
    assert abs(found.mean() - theory) < 4 * error


def test_other_tables_weights_and_settings_compile_nothing(count_compilations):
    def run(seed, threshold):
        patterns = np.random.default_rng(seed).choice(np.float32([-1, 1]), (3, 30))
        network, weights = network_of(patterns, 5, seed, threshold=threshold)
        recall(network, weights, patterns, key=KEY)
        return network_energies(network, weights, patterns)

    run(0, 0.0)
    assert count_compilations(lambda: run(1, 0.2)) == 0
