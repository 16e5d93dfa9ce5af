"""Clipped weights against the mean-field theory of a network whose synapses have a sign only."""

import numpy as np
import pytest
from plasticity_helpers import overlaps, random_patterns, store
from scipy.special import erf

from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.plasticity import Chain, Clipped, Hebbian, ZeroDiagonal
from canns.trainer import RuleTrainer

CLIPPING = np.pi / 2 - 1  # variance of the noise that the signs add, relative to a weight's


def overlap_in_theory(load, clipping):
    """Overlap of a retrieval state: Amit, Gutfreund & Sompolinsky with the noise of clipping."""
    m = r = 1.0
    for _ in range(20_000):
        c = np.sqrt(2 / (np.pi * load * r)) * np.exp(-(m**2) / (2 * load * r))
        r = 1 / (1 - c) ** 2 + clipping
        m = erf(m / np.sqrt(2 * load * r))
    return m


def test_the_theory_has_the_published_capacity():
    # Sompolinsky (1986): 0.1018 N, with an overlap of 0.948 at the end.
    assert overlap_in_theory(0.1018, CLIPPING) == pytest.approx(0.95, abs=0.003)
    assert overlap_in_theory(0.1019, CLIPPING) < 1e-6
    assert overlap_in_theory(0.1378, 0.0) == pytest.approx(0.968, abs=0.003)


def test_a_network_of_signs_recalls_as_the_theory_says():
    size, load, seeds = 1000, 0.05, range(4)
    found = {}
    for scale in (None, 0.3):
        signs = () if scale is None else (Clipped(scale),)
        project = Chain((*signs, ZeroDiagonal()))
        found[scale] = [
            overlaps(store(Hebbian(1 / size), patterns, project=project), patterns).mean()
            for patterns in (random_patterns(round(size * load), size, seed) for seed in seeds)
        ]
    theory = overlap_in_theory(load, CLIPPING)
    wrong = (1 - theory) / 2 * size**2 * load * len(seeds)  # neurons, Poisson
    error = 2 * np.sqrt(wrong) / (size**2 * load * len(seeds))
    assert abs(np.mean(found[0.3]) - theory) < 4 * error
    assert np.mean(found[None]) - theory > 3 * error


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_weights_have_one_size(scale):
    patterns = random_patterns(5, 30)
    project = Chain((Clipped(scale), ZeroDiagonal()))
    weights = store(Hebbian(1 / 30), patterns, project=project)
    signs = np.sign(patterns.T @ patterns) * (1 - np.eye(30))
    np.testing.assert_array_equal(weights, scale * signs)


@pytest.mark.parametrize("size", [12, 100, 333])
def test_patterns_that_tie_leave_no_weight(size):
    net, patterns = AmariHopfieldNetwork(size), random_patterns(6, size, seed=0)
    RuleTrainer(net, "clipped").train(patterns)
    signs = np.sign(patterns.T @ patterns - 6 * np.eye(size))
    np.testing.assert_allclose(net.W.value, np.sqrt(6) / size * signs, rtol=1e-6)
    assert (signs == 0).mean() > 0.2
