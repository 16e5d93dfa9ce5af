"""Attractors of small networks against the mixture states of theory and brute force."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from metrics_helpers import hebb, signs

from canns.analyzer.metrics import spurious_states
from canns.analyzer.metrics._attractors import match_patterns
from canns.dynamics import Hopfield, LowRank
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork

ASYNCHRONOUS = Hopfield(asynchronous=True)


@pytest.fixture(scope="module")
def patterns():
    return signs(0, 5, 1000)


@pytest.fixture(scope="module")
def found(patterns):
    return spurious_states(hebb(patterns), patterns, num_probes=400, dynamics=ASYNCHRONOUS)


def test_every_attractor_is_a_fixed_point_and_a_kind_is_its_own(found, patterns):
    assert found.counts.sum() == 400
    assert (np.diff(found.counts) <= 0).all()
    assert len(np.unique(found.states, axis=0)) == len(found.states)
    field = found.states @ hebb(patterns)
    assert (field * found.states > 0).all()
    overlaps = found.states @ patterns.T / 1000
    np.testing.assert_allclose(found.overlaps, overlaps, atol=1e-6)
    # E = -N/2 sum m^2 + P/2 for hollow couplings.
    np.testing.assert_allclose(found.energies, -500 * (overlaps**2).sum(1) + 2.5, rtol=1e-4)
    assert found.shares["pattern"] == found.counts[found.kinds == "pattern"].sum() / 400
    assert sum(found.shares.values()) == pytest.approx(1)


def test_at_low_load_every_pattern_its_reverse_and_mixtures_of_three_are_found(found, patterns):
    for kind, sign in (("pattern", 1), ("reversed", -1)):
        states = found.states[found.kinds == kind]
        assert sorted(np.argmax(sign * states @ patterns.T, axis=1)) == list(range(5))
    three = (found.kinds == "mixture") & (found.mixture_sizes == 3)
    assert three.sum() > 10
    largest = -np.sort(-np.abs(found.overlaps[three]), axis=1)
    # One half with three, zero with the others; each of N entries adds to the error 1/sqrt(N).
    np.testing.assert_allclose(largest[:, :3], 0.5, atol=5 / np.sqrt(1000))
    assert (largest[:, 3:] < 5 / np.sqrt(1000)).all()
    # -3/8 N for a mixture against -1/2 N for a pattern.
    energies = (found.energies[three] - 2.5) / 1000
    np.testing.assert_allclose(energies, -0.375, atol=0.04)


def test_the_mixtures_of_theory_are_attractors(found, patterns):
    """Each sign(+-x +-y +-z) is a fixed point, and random states find a good part of them."""
    weights = hebb(patterns)
    known = {tuple(state) for state in found.states}
    stable, reached = 0, 0
    for members in itertools.combinations(range(5), 3):
        for factors in itertools.product([-1.0, 1.0], repeat=3):
            mixture = np.sign(np.array(factors) @ patterns[list(members)])
            assert np.abs(mixture @ patterns[list(members)].T / 1000).min() > 0.4
            agree = (weights @ mixture * mixture > 0).mean()
            assert agree > 0.95
            stable += agree == 1
            reached += tuple(mixture) in known
    assert stable > 0
    assert 0 < reached <= stable


def test_constructed_states_are_told_apart():
    patterns = signs(1, 9, 400)
    five = np.sign(patterns[[0, 2, 3, 5]].sum(0) - patterns[7])
    three = np.sign(patterns[1] - patterns[4] - patterns[8])
    damaged = patterns[6] * np.where(np.arange(400) < 10, -1, 1)
    states = np.stack(
        [patterns[3], -patterns[2], damaged, three, -three, five, signs(2, 1, 400)[0]]
    )
    match = match_patterns(states, patterns, 7)
    kinds = ["pattern", "reversed", "pattern", "mixture", "mixture", "mixture", "spin_glass"]
    assert match.kinds(0.9).tolist() == kinds
    assert match.mixture_sizes[:6].tolist() == [1, 1, 1, 3, 3, 5]
    np.testing.assert_allclose(match.mixture_overlaps[:6], [1, 1, 0.95, 1, 1, 1])
    assert match.kinds(0.96).tolist()[2] == "spin_glass"
    # The mixture of five is none of three.
    assert match_patterns(states, patterns, 3).kinds(0.9).tolist()[5] == "spin_glass"


def test_past_the_capacity_there_is_only_the_spin_glass():
    patterns = signs(3, 60, 200)
    found = spurious_states(hebb(patterns), patterns, num_probes=40, dynamics=ASYNCHRONOUS)
    assert found.shares["spin_glass"] > 0.9
    assert len(found.counts) > 30


def test_both_states_of_a_cycle_are_one_attractor():
    weights = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = spurious_states(weights, [[1.0, 1.0]], num_probes=200)
    assert sorted(found.kinds) == ["cycle", "pattern", "reversed"]
    cycle = found.kinds == "cycle"
    np.testing.assert_array_equal(found.states[cycle], [[-1, 1]])
    # Half of the four states are in the cycle: a binomial of 200 and 1/2.
    assert abs(found.counts[cycle][0] - 100) < 4 * np.sqrt(50)


def test_a_probe_that_has_not_stopped_is_said_so():
    patterns = signs(4, 20, 64)
    found = spurious_states(hebb(patterns), patterns, num_probes=40, num_iter=1)
    assert found.shares["unsettled"] == 1


def test_models_and_patterns_give_the_same_as_the_matrix():
    patterns = signs(5, 3, 64)
    network = AmariHopfieldNetwork(64, asyn=True)
    network.W.value = hebb(patterns)
    couplings = LowRank.hebbian(jnp.asarray(patterns, jnp.float32), 1 / 64)
    options = {"num_probes": 40, "seed": 6}
    expected = spurious_states(hebb(patterns), patterns, dynamics=ASYNCHRONOUS, **options)
    others = (
        spurious_states(network, patterns, **options),
        spurious_states(couplings, patterns, dynamics=ASYNCHRONOUS, **options),
    )
    for other in others:
        np.testing.assert_array_equal(other.states, expected.states)
        np.testing.assert_array_equal(other.counts, expected.counts)
    again = spurious_states(network, patterns, num_probes=40, seed=7)
    assert not np.array_equal(again.counts, expected.counts)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"patterns": np.full((1, 4), 0.5)}, "patterns"),
        ({"patterns": np.ones((1, 3))}, "patterns"),
        ({"num_probes": 0}, "num_probes"),
        ({"min_overlap": 0.0}, "min_overlap"),
        ({"largest_mixture": 4}, "largest_mixture"),
        ({"num_iter": 0}, "num_iter"),
        ({"dynamics": Hopfield(stochastic=True)}, "network"),
        ({"dynamics": Hopfield(activation="tanh")}, "states of the network"),
    ],
)
def test_bad_arguments(options, name):
    arguments = {"network": np.ones((4, 4)), "patterns": np.ones((1, 4))} | options
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        spurious_states(**arguments)
