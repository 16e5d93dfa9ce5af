"""The Potts network against its couplings written out, and against the Hopfield network."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from canns.dynamics import Hopfield, LowRank, Potts, network_energies, recall
from canns.errors import ValidationError

KEY = jax.random.key(0)
SEEDS = st.integers(0, 2**31 - 1)
SHAPES = [(3, 7, 5), (5, 4, 1)]  # Q, N and P: few, for each is compiled
many = settings(max_examples=60)


def f32(array):
    return jnp.asarray(array, jnp.float32)


@st.composite
def cases(draw, unknown=True):
    """Patterns, states and Q; a state of -1 is not known."""
    rng = np.random.default_rng(draw(SEEDS))
    q, n, p = draw(st.sampled_from(SHAPES))
    low = -1 if unknown and draw(st.booleans()) else 0
    return rng.integers(low, q, (p, n)), rng.integers(low, q, (3, n)), q


def code(states, q):
    """u(s, k) = Q [s = k] - 1, and zero for an unknown s."""
    known = np.asarray(states) >= 0
    return np.where(known[..., None], q * (states[..., None] == np.arange(q)) - 1, 0)


def couplings(patterns, q):
    """J of shape (N, N, Q, Q), without self-couplings."""
    u = code(patterns, q)
    n = patterns.shape[1]
    j = np.einsum("pik,pjl->ijkl", u, u) / (q**2 * n)
    j[np.arange(n), np.arange(n)] = 0
    return j


@many
@given(case=cases())
def test_field_and_energy_are_those_of_the_couplings(case):
    patterns, states, q = case
    j, u = couplings(patterns, q), code(states, q)
    field = np.einsum("kc,ijcl,bjl->bik", code(np.arange(q), q), j, u)
    energy = -0.5 * np.einsum("ijkl,bik,bjl->b", j, u, u)
    network = Potts(q)
    found = network.local_field(f32(patterns), f32(states))
    scale = (q - 1) ** 2 * len(patterns)
    np.testing.assert_allclose(found, field, rtol=0, atol=1e-6 * scale)
    found = network_energies(network, f32(patterns), f32(states))
    np.testing.assert_allclose(found, energy, rtol=0, atol=1e-6 * scale * patterns.shape[1])


def responses(fields, states):
    """The state of the largest field; its own if that is among the largest; else the first."""
    after = states.copy()
    for where in np.ndindex(states.shape):
        field = np.round(fields[where], 6)
        best = np.flatnonzero(field == field.max())
        if states[where] not in best:
            after[where] = best[0]
    return after


def fields_of(j, states, q):
    return np.einsum("kc,ijcl,bjl->bik", code(np.arange(q), q), j, code(states, q))


@many
@given(case=cases())
def test_a_synchronous_update_takes_the_state_of_the_largest_field(case):
    patterns, states, q = case
    expected = responses(fields_of(couplings(patterns, q), states, q), states)
    found = recall(Potts(q), f32(patterns), f32(states), key=KEY, num_iter=1).states
    np.testing.assert_array_equal(found, expected)


@many
@given(case=cases())
def test_a_sweep_updates_one_neuron_after_another(case):
    patterns, states, q = case
    j, expected = couplings(patterns, q), states.copy()
    for i in range(states.shape[1]):
        expected[:, i] = responses(fields_of(j, expected, q), expected)[:, i]
    network = Potts(q, asynchronous=True, update_order="cyclic")
    found = recall(network, f32(patterns), f32(states), key=KEY, num_iter=1).states
    np.testing.assert_array_equal(found, expected)


def test_a_random_sweep_takes_one_of_the_orders_common_to_all_cues():
    rng = np.random.default_rng(3)
    patterns, states, q = rng.integers(0, 3, (3, 4)), rng.integers(0, 3, (3, 4)), 3
    j, reachable = couplings(patterns, q), set()
    for order in itertools.permutations(range(4)):
        swept = states.copy()
        for i in order:
            swept[:, i] = responses(fields_of(j, swept, q), swept)[:, i]
        reachable.add(swept.tobytes())
    network, seen = Potts(q, asynchronous=True), set()
    for seed in range(60):
        key = jax.random.key(seed)
        found = recall(network, f32(patterns), f32(states), key=key, num_iter=1).states
        seen.add(np.asarray(found, states.dtype).tobytes())
    assert len(reachable) > 1, "the case must tell orders apart"
    assert seen == reachable


@many
@given(case=cases(), order=st.sampled_from(["random", "cyclic"]), seed=SEEDS)
def test_asynchronous_updates_never_raise_the_energy(case, order, seed):
    patterns, states, q = case
    network = Potts(q, asynchronous=True, update_order=order)
    key = jax.random.key(seed)
    result = recall(network, f32(patterns), f32(states), key=key, num_iter=40)
    rounding = 1e-6 * (q - 1) ** 2 * patterns.size
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    assert (result.outcome == "converged").all()
    # No neuron would do better in another state.
    ends = np.asarray(result.states).astype(int)
    fields = fields_of(couplings(patterns, q), ends, q)
    own = np.take_along_axis(fields, ends[..., None], axis=2)
    assert (fields <= own + 1e-5 * (q - 1) ** 2 * len(patterns)).all()


# N is a power of two, so that both compute without rounding, ties included.
@pytest.mark.parametrize(("asynchronous", "shape"), [(False, (9, 16)), (True, (4, 8))])
@settings(max_examples=80)
@given(seed=SEEDS)
def test_two_states_are_the_hopfield_network_update_by_update(asynchronous, seed, shape):
    p, n = shape
    rng = np.random.default_rng(seed)
    patterns, states = rng.integers(0, 2, (p, n)), rng.integers(0, 2, (4, n))
    options = {"asynchronous": asynchronous, "update_order": "cyclic"}
    hebb = LowRank.hebbian(f32(2 * patterns - 1), 1 / n)
    run = {"key": KEY, "num_iter": 8}
    potts = recall(Potts(2, **options), f32(patterns), f32(states), **run)
    hopfield = recall(Hopfield(**options), hebb, f32(2 * states - 1), **run)
    np.testing.assert_array_equal(2 * potts.states - 1, hopfield.states)
    for name in ("energies", "steps", "outcome"):
        np.testing.assert_array_equal(getattr(potts, name), getattr(hopfield, name))


@many
@given(case=cases(unknown=False), seed=SEEDS)
def test_names_of_states_do_not_matter(case, seed):
    patterns, states, q = case
    name = np.random.default_rng(seed).permutation(q)
    before = network_energies(Potts(q), f32(patterns), f32(states))
    after = network_energies(Potts(q), f32(name[patterns]), f32(name[states]))
    np.testing.assert_array_equal(before, after)


def test_a_tied_neuron_keeps_its_state():
    # The two patterns differ in the first neuron only, and the rest of the state fits both.
    patterns = np.array([[0, 1, 2, 1], [1, 1, 2, 1]])
    cues = np.array([[0, 1, 2, 1], [1, 1, 2, 1], [2, 1, 2, 1]])
    for network in (Potts(3), Potts(3, asynchronous=True)):
        found = recall(network, f32(patterns), f32(cues), key=KEY).states
        assert found[:, 0].tolist() == [0, 1, 0]


def test_neurons_that_know_nothing_stay_as_they_are_and_unknown_ones_become_0():
    patterns, cue = f32([[-1, -1, -1]]), f32([[2, -1, 1]])
    for network in (Potts(3), Potts(3, asynchronous=True)):
        result = recall(network, patterns, cue, key=KEY)
        assert result.states.tolist() == [[2, 0, 1]]
        assert result.energies.tolist() == [[0.0] * result.energies.shape[1]]


def test_clamped_neurons_are_not_seen_to_move_in_a_sweep():
    pattern, cue = f32([[0, 0, 0, 0, 0]]), f32([[1, 0, 0, 2, 2]])
    network = Potts(3, asynchronous=True, update_order="cyclic")
    assert recall(network, pattern, cue, key=KEY).states.tolist() == [[0, 0, 0, 0, 0]]
    # The first neuron would turn to 0 at once, and so keep the next two there.
    held = np.array([[True, False, False, False, False]])
    found = recall(network, pattern, cue, key=KEY, clamped=held)
    assert found.states.tolist() == [[1, 1, 1, 2, 2]]


@pytest.mark.parametrize(("q", "load"), [(3, 0.4), (4, 0.7)])
def test_one_update_errs_as_often_as_the_crosstalk_says(q, load):
    # The field of the right state exceeds that of another by Q (Q - 1) + noise, of variance
    # 2 Q (Q - 1) P/N; noises of two others have correlation 1/2.
    n = 400
    p = int(load * n)
    patterns = np.random.default_rng(0).integers(0, q, (p, n))
    found = recall(Potts(q), f32(patterns), f32(patterns), key=KEY, num_iter=1).states
    wrong = (np.asarray(found) != patterns).mean()
    snr = np.sqrt(q * (q - 1) * (n - 1) / (2 * (p - 1)))
    noise = multivariate_normal(np.zeros(q - 1), (1 + np.eye(q - 1)) / 2)
    expected = 1 - noise.cdf(np.full(q - 1, snr))
    error = np.sqrt(expected / (n * p))
    assert 0.003 < expected < 0.03
    assert abs(wrong - expected) < 5 * error  # neurons of one pattern are not quite independent


@pytest.mark.slow
def test_three_states_remember_far_more_patterns_than_two():
    """At 0.3 patterns per neuron, where a network of two states has forgotten all of them."""
    n, load, shown = 600, 180, 20
    means = {}
    for q in (2, 3):
        found = []
        for seed in range(2):
            patterns = np.random.default_rng(seed).integers(0, q, (load, n))
            network, key = Potts(q, asynchronous=True), jax.random.key(seed)
            cues = f32(patterns[:shown])
            states = np.asarray(recall(network, f32(patterns), cues, key=key, num_iter=40).states)
            agreement = (states == patterns[:shown]).mean(axis=1)
            found.append((q * agreement - 1) / (q - 1))
        means[q] = np.ravel(found)
    assert means[3].min() > 0.98
    assert means[2].max() < 0.8
    assert means[3].mean() - means[2].mean() > 20 * means[2].std() / np.sqrt(2 * shown)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"num_states": 1}, "num_states"),
        ({"num_states": 2.0}, "num_states"),
        ({"num_states": 3, "asynchronous": 1}, "asynchronous"),
        ({"num_states": 3, "update_order": "other"}, "update_order"),
    ],
)
def test_invalid_settings_are_refused(options, argument):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        Potts(**options).validate()


def test_flags():
    sweep = {"asynchronous": True}
    kinds = [Potts(3), Potts(3, **sweep), Potts(3, **sweep, update_order="cyclic")]
    flags = [(k.random, k.may_cycle, k.settles) for k in kinds]
    assert flags == [(False, True, True), (True, False, True), (False, True, True)]


def test_other_patterns_compile_nothing(count_compilations):
    def run(seed):
        states = np.random.default_rng(seed).integers(0, 3, (8, 7))
        patterns, cues = f32(states[:5]), f32(states[5:])
        recall(Potts(3), patterns, cues, key=KEY)
        return network_energies(Potts(3), patterns, cues)

    run(0)
    assert count_compilations(lambda: run(1)) == 0
