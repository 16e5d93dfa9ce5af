"""Laws of every network, for numbers drawn from the intervals that they declare.

That the energy never rises has tests of its own, beside each network. With
``--hypothesis-profile=long`` each law is tried on 25 times as many cases.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from drawn import few, hyperparameters, seeds
from hypothesis import assume, given
from hypothesis import strategies as st
from test_network_transformations import ALL, B, N

from canns.dynamics import Bidirectional, Sparse, network_energies, recall, trajectory
from canns.errors import CannsError
from canns.models.brain_inspired import AmariHopfieldNetwork, DilutedHopfieldNetwork

pytestmark = pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")

EPS = float(np.finfo(np.float32).eps)
KEY = jax.random.key(1)
UPDATES = 4
QUICK = ("sign", "layers")


def each(names):
    """The rows with these names, some in `make test` and the others slow."""
    marked = [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in names]
    return pytest.mark.parametrize("row", marked)


def drawn(data, row):
    """Return a network with other numbers, its weights and its cues, as float32."""
    network, weights, cues = ALL[row]
    network = data.draw(hyperparameters(network))
    weights = jax.tree.map(_as_float32, weights)
    return network, weights, np.float32(cues)


def _as_float32(leaf):
    leaf = jnp.asarray(leaf)
    return leaf.astype(jnp.float32) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf


def attempt(network, weights, cues, **options):
    try:
        return recall(network, weights, cues, key=KEY, num_iter=UPDATES, **options)
    except CannsError:
        assume(False)


def close(found, wanted):
    """Check that graded states are alike to rounding, and others to the last bit."""
    scale = max(1.0, float(np.abs(wanted).max()))
    # A state that is doubled in each of the updates loses a bit in each.
    atol = 64 * N * EPS * scale
    np.testing.assert_allclose(found, wanted, rtol=0, atol=atol)


STEADY = [name for name, (network, _, _) in ALL.items() if not network.random]


@each(STEADY)
@few
@given(data=st.data(), seed=seeds)
def test_a_batch_is_its_cues_one_by_one(row, data, seed):
    network, weights, cues = drawn(data, row)
    cues = cues[np.random.default_rng(seed).permutation(B)]
    together = attempt(network, weights, cues)
    for i, cue in enumerate(cues):
        alone = recall(network, weights, cue[None], key=KEY, num_iter=UPDATES)
        close(alone.states[0], together.states[i])
        assert alone.outcome[0] == together.outcome[i]
        assert alone.steps[0] == together.steps[i]
        taken = alone.energies.shape[1]
        close(alone.energies[0], together.energies[i, :taken])


@each(STEADY)
@few
@given(data=st.data(), cut=st.integers(0, UPDATES))
def test_a_recall_in_two_parts_is_the_whole(row, data, cut):
    network, weights, cues = drawn(data, row)
    attempt(network, weights, cues)
    whole = trajectory(network, weights, cues, key=KEY, num_iter=UPDATES)
    first = trajectory(network, weights, cues, key=KEY, num_iter=cut)
    second = trajectory(network, weights, first[-1], key=KEY, num_iter=UPDATES - cut)
    close(np.concatenate([first, second[1:]]), whole)


@each(ALL)
@few
@given(data=st.data())
def test_compiled_is_uncompiled(row, data):
    network, weights, cues = drawn(data, row)
    compiled = attempt(network, weights, cues)
    plain = attempt(network, weights, cues, compiled=False)
    close(plain.states, compiled.states)
    assert plain.outcome.tolist() == compiled.outcome.tolist()


# Updates in an order that is drawn, or by a table of connections, know neurons by their numbers.
ALIKE = [
    name
    for name, (network, weights, _) in ALL.items()
    if not network.random
    and not getattr(network, "asynchronous", False)
    and not isinstance(weights, Sparse)
    and not hasattr(network, "connections")
    and not isinstance(network, Bidirectional)
]


def _renamed(weights, order):
    if isinstance(weights, tuple):
        return tuple(_renamed(each, order) for each in weights)
    square = weights.shape == (N, N)
    return weights[order][:, order] if square else weights[:, order]


@each(ALIKE)
@few
@given(data=st.data(), order=st.permutations(range(N)).map(np.array))
def test_renaming_neurons_commutes_with_recall(row, data, order):
    network, weights, cues = drawn(data, row)
    current = getattr(network, "current", None)
    if current is not None and np.ndim(current):
        assume(False)
    plain = attempt(network, weights, cues)
    named = attempt(network, _renamed(weights, order), cues[:, order])
    close(named.states, np.asarray(plain.states)[:, order])
    close(named.energies, plain.energies)


METHODS = ("dense", "factored", "packed")


@st.composite
def stores(draw):
    """Options of a network, patterns and cues with unknown neurons."""
    rng = np.random.default_rng(draw(seeds))
    size, count = draw(st.sampled_from([5, 32, 33])), draw(st.integers(1, 6))
    options = {
        "asynchronous": draw(st.booleans()),
        "tie": draw(st.sampled_from(["keep", "plus", "minus"])),
        "threshold": draw(st.sampled_from([0.0, 0.25, -1.0])),
    }
    return options, *(rng.choice(levels, (count, size)) for levels in ([-1.0, 1.0], [-1.0, 0, 1]))


@few
@given(case=stores(), batches=st.booleans())
def test_matrix_patterns_and_bits_recall_the_same(case, batches):
    options, patterns, cues = case
    cues[:, 0] = -1  # a cue of 0 and 1 alone is another code
    found = {}
    for method in METHODS:
        network = AmariHopfieldNetwork(patterns.shape[1], method=method, **options)
        for part in [patterns[:1], patterns[1:]] if batches and len(patterns) > 1 else [patterns]:
            network.apply_hebbian_learning(part)
        found[method] = network.recall(cues, num_iter=6, seed=3)
    for method in METHODS[1:]:
        np.testing.assert_array_equal(found[method].states, found["dense"].states)
        assert found[method].outcome.tolist() == found["dense"].outcome.tolist()
        close(found[method].energies, found["dense"].energies)


@few
@given(seed=seeds, symmetric=st.booleans(), asynchronous=st.booleans())
def test_a_table_of_connections_recalls_as_its_matrix(seed, symmetric, asynchronous):
    rng = np.random.default_rng(seed)
    patterns = rng.choice([-1.0, 1.0], (3, 12))
    thin = DilutedHopfieldNetwork(12, 4, symmetric, asynchronous, seed=seed)
    thin.apply_hebbian_learning(patterns)
    whole = AmariHopfieldNetwork(12, asynchronous, activation="sign", method="dense")
    matrix = np.zeros((12, 12))
    rows = np.arange(12)[:, None]
    np.add.at(matrix, (rows, np.asarray(thin.connections.value)), np.asarray(thin.W.value))
    whole.W.value = matrix
    a, b = (net.recall(patterns, num_iter=5, seed=1) for net in (thin, whole))
    np.testing.assert_array_equal(a.states, b.states)
    close(a.energies, b.energies)


@each(ALL)
@few
@given(data=st.data(), seed=seeds, scale=st.sampled_from([1e-15, 1e-3, 1.0, 1e3, 1e15]))
def test_energies_are_those_of_double_precision(row, data, seed, scale):
    """Within the rounding of a sum of products, whatever the size of the weights."""
    network, weights, cues = drawn(data, row)
    weights = jax.tree.map(
        lambda leaf: leaf * jnp.float32(scale) if leaf.dtype == jnp.float32 else leaf, weights
    )
    try:
        single = np.asarray(network_energies(network, weights, jnp.asarray(cues)), np.float64)
    except CannsError:
        return
    with jax.enable_x64(True):
        wide = jax.tree.map(
            lambda leaf: leaf.astype(jnp.float64) if leaf.dtype == jnp.float32 else leaf, weights
        )
        double = np.asarray(network_energies(network, wide, jnp.asarray(cues, jnp.float64)))
        tops = [np.abs(np.asarray(leaf)).max() for leaf in jax.tree.leaves(wide)]
    assert np.isfinite(single).all()
    # Terms of both signs cancel: the rounding is that of the largest.
    terms = max(1.0, *tops) ** 2 if "layers" in row or "modern" in row else max(1.0, *tops)
    bound = 64 * N * N * EPS * max(np.abs(double).max(), terms)
    np.testing.assert_allclose(single, double, rtol=0, atol=bound)


def test_the_fields_of_a_row_are_declared():
    """What the draws vary are numbers with an interval; a network without any says so here."""
    varied = {
        name
        for name, (network, _, _) in ALL.items()
        if any("bounds" in field.metadata for field in dataclasses.fields(network))
    }
    assert len(varied) > len(ALL) / 2
