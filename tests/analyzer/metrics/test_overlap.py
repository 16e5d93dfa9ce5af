"""Overlaps against NumPy, and against a recall written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from metrics_helpers import hebb, signs

from canns.analyzer.metrics import overlap, overlap_trajectory
from canns.dynamics import Hopfield, LowRank
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork


def test_overlaps_of_a_batch():
    patterns, states = signs(0, 3, 50), signs(1, 8, 50).reshape(2, 4, 50)
    expected = np.einsum("pi,tbi->tbp", patterns, states) / 50
    np.testing.assert_allclose(overlap(states, patterns), expected, atol=1e-6)
    np.testing.assert_allclose(overlap(states[0, 0], patterns), expected[0, 0], atol=1e-6)


def test_overlaps_of_sparse_patterns_are_one_on_themselves_and_zero_on_the_mean():
    f, size = 0.2, 50
    patterns = np.zeros((3, size))
    for row, seed in zip(patterns, range(3), strict=True):
        row[np.random.default_rng(seed).choice(size, 10, replace=False)] = 1
    found = overlap(patterns, patterns, coding_level=f)
    shared = patterns @ patterns.T
    np.testing.assert_allclose(found, (shared - f * 10) / (size * f * (1 - f)), atol=1e-6)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)
    uniform = overlap(np.full(size, 0.7), patterns, coding_level=f)
    np.testing.assert_allclose(uniform, 0, atol=1e-6)


@given(arrays(np.int8, (3, 2, 12), elements=st.sampled_from([-1, 1])))
def test_a_change_of_every_neurons_sign_convention_changes_no_overlap(signs_drawn):
    states, patterns, flips = signs_drawn[0], signs_drawn[1], signs_drawn[2, 0]
    found = overlap(states, patterns)
    np.testing.assert_allclose(overlap(states * flips, patterns * flips), found, atol=1e-6)
    np.testing.assert_allclose(overlap(-states, patterns), -found, atol=1e-6)
    assert (np.abs(found) <= 1 + 1e-6).all()


def test_a_trajectory_is_the_recall_written_out():
    patterns = signs(2, 8, 60)
    weights, cues = hebb(patterns), signs(3, 4, 60)
    cues[0] = patterns[0]
    states, expected = cues, [cues @ patterns.T / 60]
    for _ in range(6):
        field = states @ weights
        states = np.where(np.abs(field) < 1e-9, states, np.sign(field))
        expected.append(states @ patterns.T / 60)
    found = overlap_trajectory(weights, patterns, cues)
    assert found.shape == (21, 4, 8)
    np.testing.assert_allclose(found[:7], expected, atol=1e-5)


def test_a_model_and_its_couplings_give_the_same():
    patterns, cues = signs(0, 5, 80), signs(1, 3, 80)
    network = AmariHopfieldNetwork(80, asyn=True)
    network.W.value = hebb(patterns)
    asynchronous = Hopfield(asynchronous=True)
    from_model = overlap_trajectory(network, patterns, cues, seed=3)
    for couplings in (hebb(patterns), LowRank.hebbian(patterns.astype(np.float32), 1 / 80)):
        bare = overlap_trajectory(couplings, patterns, cues, dynamics=asynchronous, seed=3)
        np.testing.assert_allclose(bare, from_model, atol=1e-6)


def test_without_updates_the_path_is_the_overlap_of_the_cues():
    patterns, cues = signs(0, 5, 80), signs(1, 3, 80)
    path = overlap_trajectory(hebb(patterns), patterns, cues, num_iter=0)
    np.testing.assert_allclose(path, [cues @ patterns.T / 80], atol=1e-6)


class Own(AmariHopfieldNetwork):
    """A network with an update of its own."""

    def update(self, prev_energy=None):
        """Do nothing."""


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((np.eye(4), np.ones((1, 3)), np.ones((1, 4))), {}, "patterns"),
        ((np.eye(4), np.ones((1, 4)), np.ones(4)), {}, "cues"),
        ((np.eye(4)[:3], np.ones((1, 4)), np.ones((1, 4))), {}, "network"),
        ((np.full((4, 4), np.nan), np.ones((1, 4)), np.ones((1, 4))), {}, "network"),
        ((np.eye(4), np.ones((1, 4)), np.ones((1, 4))), {"num_iter": -1}, "num_iter"),
        ((np.eye(4), np.ones((1, 4)), np.ones((1, 4))), {"coding_level": 1.0}, "coding_level"),
        ((np.eye(4), np.ones((1, 4)), np.ones((1, 4))), {"seed": -1}, "seed"),
        ((Own(4), np.ones((1, 4)), np.ones((1, 4))), {}, "network"),
        (
            (AmariHopfieldNetwork(4), np.ones((1, 4)), np.ones((1, 4))),
            {"dynamics": Hopfield()},
            "dynamics",
        ),
        (
            (np.eye(4), np.ones((1, 4)), np.ones((1, 4))),
            {"dynamics": Hopfield(temperature=0.0)},
            "temperature",
        ),
    ],
)
def test_bad_arguments(arguments, options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        overlap_trajectory(*arguments, **options)


def test_bad_states():
    with pytest.raises(ValidationError, match=r"^states must be"):
        overlap(np.ones((2, 3)), np.ones((1, 4)))
    with pytest.raises(ValidationError, match=r"^states must be"):
        overlap(1.0, np.ones((1, 4)))
    couplings = LowRank(np.ones((2, 4)), np.ones((3, 4)), np.float32(1), np.zeros(4))
    with pytest.raises(ValidationError, match=r"^network\.pre must be"):
        overlap_trajectory(couplings, np.ones((1, 4)), np.ones((1, 4)))
