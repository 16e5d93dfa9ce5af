"""The critical temperature: against theory and simulation, and without building W."""

import math

import numpy as np
import pytest
from scipy.linalg import hadamard

from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork, DilutedHopfieldNetwork
from canns.trainer import HebbianTrainer, RuleTrainer

RTOL = 1e-4  # of ARPACK and float32


@pytest.mark.parametrize("size", [64, 512])
def test_orthogonal_patterns_have_the_closed_form(size):
    patterns = hadamard(size)[1:5]
    for rule, scale in (("covariance", 1.0), ("hebbian", size / 4)):
        net = AmariHopfieldNetwork(size)
        RuleTrainer(net, rule).train(patterns)
        # X'X/N has the eigenvalue 1, and the diagonal that is taken away is P/N.
        assert net.critical_temperature == pytest.approx(scale * (1 - 4 / size), rel=RTOL)


@pytest.mark.slow
def test_it_is_the_largest_eigenvalue_with_any_method_and_any_weights():
    patterns = task.random_patterns(30, 300, seed=0)
    found = []
    for method in ("dense", "factored", "packed"):
        net = AmariHopfieldNetwork(300, method=method)
        HebbianTrainer(net).train(patterns)
        found.append(net.critical_temperature)
        assert method == "dense" or not net.W.is_built
    np.testing.assert_allclose(found, np.linalg.eigvalsh(np.asarray(net.W.value))[-1], rtol=RTOL)
    net.activation = "sigmoid"  # of slope 1/4 at 0
    assert net.critical_temperature == pytest.approx(found[0] / 4, rel=RTOL)
    net = AmariHopfieldNetwork(3)
    net.W.value = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]  # eigenvalues 1^(1/3)
    assert net.critical_temperature == pytest.approx(1.0, rel=RTOL)
    for size in (10, 1000):
        assert AmariHopfieldNetwork(size).critical_temperature == 0.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_patterns_reach_the_edge_of_marchenko_and_pastur(seed):
    size, load = 1000, 0.05
    net = AmariHopfieldNetwork(size)
    RuleTrainer(net, "covariance").train(task.random_patterns(50, size, seed=seed))
    edge = (1 + math.sqrt(load)) ** 2 - load
    # Tracy & Widom: the edge moves by N^(-2/3) (1 + sqrt(a))^(4/3) a^(-1/6), here 0.022, times
    # -1.2 +- 1.3; the mean of the entries, which is subtracted, adds less.
    width = size ** (-2 / 3) * (1 + math.sqrt(load)) ** (4 / 3) * load ** (-1 / 6)
    assert abs(net.critical_temperature - edge + 1.2 * width) < 5 * 1.3 * width


@pytest.mark.parametrize("rule", ["hebbian", "covariance"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_heat_bath_recalls_below_and_not_above(rule, seed):
    size = 2000
    pattern = task.random_patterns(1, size, seed=seed)
    net = AmariHopfieldNetwork(size, stochastic=True)
    RuleTrainer(net, rule).train(pattern)
    critical = net.critical_temperature
    for relative, wanted in ((0.8, 0.71041), (1.5, 0.0)):  # m = tanh(m / T)
        net.temperature = relative * critical
        cues = np.repeat(pattern, 10, axis=0)
        m = np.asarray(net.recall(cues, num_iter=60, seed=seed).states) @ pattern[0] / size
        # Of independent copies: the variance of m is (1 - m^2) / (N (1 - (1 - m^2)/T)) or less.
        slope = (1 - wanted**2) / relative
        deviation = math.sqrt((1 - wanted**2) / size / (1 - slope**2) / 10)
        assert abs(m.mean() - wanted) < 5 * deviation + 1 / size**0.75


def test_tanh_neurons_leave_zero_below_it_only():
    pattern = task.random_patterns(1, 100, seed=0)
    net = AmariHopfieldNetwork(100, activation="tanh")
    HebbianTrainer(net).train(pattern)
    critical = net.critical_temperature
    for relative, stays in ((0.9, True), (1.1, False)):
        net.temperature = relative * critical
        m = net.predict(pattern[0], 2000) @ pattern[0] / 100
        assert (m > 0.1) == stays


def test_a_diluted_network_has_one_for_one_pattern():
    net = DilutedHopfieldNetwork(400, 40, seed=0)
    net.apply_hebbian_learning(task.random_patterns(1, 400, seed=0))
    # All 40 inputs of a neuron add 1/40 in the direction of the pattern.
    assert net.critical_temperature == pytest.approx(1.0, rel=RTOL)
