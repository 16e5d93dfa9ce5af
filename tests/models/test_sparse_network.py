"""The sparse network: weights, thresholds, and overlaps at loads where unbiased patterns are lost.

Tsodyks & Feigelman (1988), Europhys. Lett. 6:101.
"""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from canns.errors import ValidationError
from canns.models.brain_inspired import SparseHopfieldNetwork
from canns.task import sparse_patterns


def network_of(patterns, coding_level, *args, **options):
    net = SparseHopfieldNetwork(patterns.shape[1], coding_level, *args, **options)
    net.apply_hebbian_learning(patterns)
    return net


def overlaps(patterns, states, f):
    return (
        (patterns - f)
        * np.asarray(states)
        @ np.ones(patterns.shape[1])
        / (patterns.shape[1] * f * (1 - f))
    )


def test_the_weights_are_the_covariances():
    f, patterns = 0.2, sparse_patterns(5, 12, 0.3, seed=0)
    net = network_of(patterns[:2], f)
    net.apply_hebbian_learning(patterns[2:])
    expected = (patterns - f).T @ (patterns - f) / (12 * f * (1 - f))
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(net.W.value, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(net.W.value, np.asarray(net.W.value).T)


def test_the_overlap_is_one_for_the_pattern_and_zero_on_average_for_others():
    f, n = 0.1, 2000
    patterns = sparse_patterns(200, n, f, exact=True, seed=0)
    net = SparseHopfieldNetwork(n, f)
    assert net.compute_overlap(patterns[0], patterns[0]) == pytest.approx(1.0, rel=1e-5)
    others = [net.compute_overlap(patterns[0], s) for s in patterns[1:]]
    # Hypergeometric: k of n, each of them in the other pattern with k/n.
    spread = math.sqrt(f * (1 - f) * n * f * (1 - f) * n / (n - 1)) / (n * f * (1 - f))
    assert np.mean(others) == pytest.approx(0.0, abs=4 * spread / math.sqrt(199))
    assert np.std(others) == pytest.approx(spread, rel=4 / math.sqrt(2 * 199))
    assert net.compute_overlap(patterns[0], np.zeros(n)) == 0
    assert net.compute_overlap([1.0] * 200 + [0.0] * 1800, np.ones(n)) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("threshold", [None, 0.4])
def test_few_patterns_are_recalled_from_noisy_cues(threshold):
    n, f = 500, 0.1
    patterns, rng = sparse_patterns(8, n, f, exact=True, seed=1), np.random.default_rng(0)
    net = network_of(patterns, f, threshold)
    cues = patterns.copy()
    for cue in cues:  # a fifth of the active neurons moves
        cue[rng.choice(np.flatnonzero(cue), 10, replace=False)] = 0.0
        cue[rng.choice(np.flatnonzero(cue == 0), 10, replace=False)] = 1.0
    result = net.recall(cues)
    np.testing.assert_array_equal(result.states, patterns)
    assert set(result.outcome) == {"converged"}
    np.testing.assert_array_equal(net.predict(cues[2]), patterns[2])


def test_asynchronous_updates_with_a_threshold_lower_the_energy():
    patterns = sparse_patterns(100, 200, 0.1, exact=True, seed=2)
    net = network_of(patterns, 0.1, 0.45, asyn=True)
    cues = np.random.default_rng(0).choice([0.0, 1.0], (20, 200))
    result = net.recall(cues, seed=0, num_iter=100)
    assert (np.diff(result.energies, axis=1) <= 1e-3).all()  # of some hundred
    assert set(result.outcome) == {"converged"}
    s = np.asarray(result.states, float)
    expected = -0.5 * np.einsum("bi,ij,bj->b", s, net.W.value, s) + 0.45 * s.sum(axis=1)
    np.testing.assert_allclose(result.energies[:, -1], expected, rtol=1e-4, atol=1e-3)


def test_controlled_activity_stays_at_the_coding_level():
    net = network_of(sparse_patterns(400, 200, 0.08, seed=3), 0.08)
    assert net.num_active == 16
    cues = np.random.default_rng(1).choice([0.0, 1.0], (10, 200))
    path = net.trajectory(cues, num_iter=8)
    assert (path[1:].sum(axis=2) == 16).all()
    net.coding_level = 0.11
    assert (net.trajectory(cues, num_iter=2)[1:].sum(axis=2) == 22).all()


def rates(f, drive, bar):
    """P(active) in the pattern and outside it, in units of the noise: m/sigma, theta/sigma."""
    return norm.cdf((1 - f) * drive - bar), norm.cdf(-f * drive - bar)


def solution(f, drive, bar, uniform):
    """Mean-field solution at T = 0: the overlap m and the load alpha that it is the solution of.

    The noise is sigma^2 = alpha q/(1 - C)^2, with q the activity A, or, if every pattern has
    just f N active neurons, A - A^2, for then a uniform activity overlaps with none.
    """
    hit, false = rates(f, drive, bar)
    overlap, activity = hit - false, f * hit + (1 - f) * false
    sigma = overlap / drive
    c = (f * norm.pdf((1 - f) * drive - bar) + (1 - f) * norm.pdf(f * drive + bar)) / sigma
    noise = activity if uniform else activity * (1 - activity)
    return overlap, np.where(c < 1, sigma**2 * (1 - c) ** 2 / noise, 0.0)


def controlled(f, drive, uniform=False):
    """Return m and alpha of the solution whose activity is f."""
    bar = brentq(lambda bar: np.dot([f, 1 - f], rates(f, drive, bar)) - f, -10, 20)
    overlap, alpha = solution(f, drive, bar, uniform)
    return float(overlap), float(alpha)


@pytest.mark.parametrize(("f", "best", "at_f"), [(0.1, 0.441, 0.4214), (0.05, 0.943, 0.8975)])
def test_the_theory_has_its_known_capacities(f, best, at_f):
    # .441 and .943 are known for the best threshold; it lets the activity fall below f.
    drives, bars = np.linspace(2, 8, 301)[:, None], np.linspace(0, 6, 301)
    assert solution(f, drives, bars, True)[1].max() == pytest.approx(best, abs=6e-4)
    loads = [controlled(f, drive, uniform=True)[1] for drive in drives[:, 0]]
    assert max(loads) == pytest.approx(at_f, abs=6e-4)


def overlap_by_theory(f, alpha):
    peak = max(np.linspace(2, 8, 121), key=lambda drive: controlled(f, drive)[1])
    drive = brentq(lambda drive: controlled(f, drive)[1] - alpha, peak, 30)
    return controlled(f, drive)[0]


@pytest.mark.slow
@pytest.mark.parametrize(("f", "alpha"), [(0.1, 0.25), (0.1, 0.3), (0.05, 0.4), (0.05, 0.5)])
def test_overlaps_follow_mean_field_theory_at_loads_that_lose_unbiased_patterns(f, alpha):
    n, networks = 1000, 8
    found = []
    for seed in range(networks):
        patterns = sparse_patterns(round(alpha * n), n, f, exact=True, seed=seed)
        ends = network_of(patterns, f).recall(patterns[:60], num_iter=50).states
        found.append(overlaps(patterns[:60], ends, f).mean())
    mean, error = np.mean(found), np.std(found, ddof=1) / math.sqrt(networks)
    theory = overlap_by_theory(f, alpha)
    assert theory > 0.995
    assert error < 0.0006
    # A finite network lies above the limit, by about 1/N: .0012 here, .0005 at N = 2000.
    assert theory - 4 * error < mean < theory + 4 * error + 1.5 / n


def test_far_beyond_its_capacity_little_is_left():
    patterns = sparse_patterns(2400, 800, 0.05, exact=True, seed=0)
    ends = network_of(patterns, 0.05).recall(patterns[:60], num_iter=100).states
    assert overlaps(patterns[:60], ends, 0.05).mean() < 0.6


@pytest.mark.parametrize("size", [20, 30, 40])
@pytest.mark.parametrize("preserve", [True, False])
def test_resize_is_storage_of_what_is_left(size, preserve):
    f, patterns = 0.2, sparse_patterns(4, 30, 0.2, seed=5)
    net, expected = network_of(patterns, f), np.zeros((size, size))
    net.s.value = patterns[0]
    net.resize(size, preserve)
    kept = min(size, 30)
    if preserve:
        cut = patterns[:, :kept] - f
        expected[:kept, :kept] = cut.T @ cut / (size * f * (1 - f))
        np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(net.W.value, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(net.s.value, np.pad(patterns[0], (0, 10))[:size])
    assert (net.num_neurons, net.num_active) == (size, size // 5)


PATTERNS = sparse_patterns(3, 6, 0.3, exact=True, seed=0)
REFUSED = {
    "signs": ("train_data", lambda net: net.apply_hebbian_learning(2 * PATTERNS - 1)),
    "width": ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS[:, :5])),
    "nan": ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS * np.nan)),
    "empty": ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS[:0])),
    "cues of signs": ("cues", lambda net: net.recall(2 * PATTERNS - 1)),
    "pattern of signs": ("pattern", lambda net: net.predict(2 * PATTERNS[0] - 1)),
    "path from signs": ("cues", lambda net: net.trajectory(2 * PATTERNS - 1)),
    "energies of signs": ("states", lambda net: net.energies(2 * PATTERNS - 1)),
    "overlap": ("pattern", lambda net: net.compute_overlap(2 * PATTERNS[0] - 1, PATTERNS[0])),
    "overlap of others": ("state", lambda net: net.compute_overlap(PATTERNS[0], PATTERNS)),
    "neurons": ("num_neurons", lambda net: SparseHopfieldNetwork(0, 0.1)),
    "no activity": ("coding_level", lambda net: SparseHopfieldNetwork(6, 0.0)),
    "full activity": ("coding_level", lambda net: SparseHopfieldNetwork(6, 1.0)),
    "threshold": ("threshold", lambda net: SparseHopfieldNetwork(6, 0.1, np.nan)),
    "asynchronous": ("asyn", lambda net: SparseHopfieldNetwork(6, 0.1, asyn=True)),
    "order": ("order", lambda net: SparseHopfieldNetwork(6, 0.1, 0.5, order="falling")),
}


@pytest.mark.parametrize(("argument", "call"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(argument, call):
    net = network_of(PATTERNS, 0.3)
    before = np.asarray(net.W.value)
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, before)


def test_a_coding_level_that_is_set_later_is_checked():
    net = network_of(PATTERNS, 0.3)
    net.coding_level = 1.5
    with pytest.raises(ValidationError, match="coding_level"):
        net.recall(PATTERNS)
