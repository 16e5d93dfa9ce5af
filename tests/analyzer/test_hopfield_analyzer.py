"""HopfieldAnalyzer against plain NumPy and the model's own energy."""

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest

from canns import task
from canns.analyzer.model_specific.hopfield import HopfieldAnalyzer
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, BrainInspiredModel, LinearLayer
from canns.trainer import HebbianTrainer


@pytest.fixture
def patterns():
    return task.random_patterns(4, 100, seed=0)


@pytest.fixture
def network(patterns):
    network = AmariHopfieldNetwork(100, threshold=0.3)
    HebbianTrainer(network).train(patterns)
    return network


def energy(network, state):
    weights = np.asarray(network.W.value, np.float64)
    return -0.5 * state @ weights @ state + network.threshold * state.sum()


def test_energies_are_the_models_own_threshold_included(network, patterns):
    analyzer = HopfieldAnalyzer(network, patterns)
    expected = [energy(network, pattern) for pattern in patterns]
    np.testing.assert_allclose(analyzer.pattern_energies, expected, rtol=1e-5)
    assert all(isinstance(value, float) for value in analyzer.compute_pattern_energies())
    network.s.value = patterns[1]
    assert analyzer.compute_energy(patterns[1]) == pytest.approx(float(network.energy), rel=1e-6)
    np.testing.assert_array_equal(network.s.value, patterns[1])


def test_energies_follow_the_weights(network, patterns):
    analyzer = HopfieldAnalyzer(network, patterns)
    before = analyzer.pattern_energies[0]
    network.W.value = 2 * network.W.value
    network.threshold = 0.0
    weightless = before - 0.3 * patterns[0].sum()
    assert analyzer.pattern_energies[0] == pytest.approx(2 * weightless, rel=1e-5)


def test_analyze_recall(network, patterns):
    cue = task.flip(patterns[2], 0.1, seed=1)
    report = HopfieldAnalyzer(network, patterns).analyze_recall(cue, patterns[2])
    assert report["best_match_idx"] == 2
    assert report["best_match_overlap"] == 1.0
    assert report["input_output_overlap"] == pytest.approx(0.8)
    assert report["output_energy"] == pytest.approx(energy(network, patterns[2]), rel=1e-5)
    alone = HopfieldAnalyzer(network).analyze_recall(cue, patterns[2])
    assert set(alone) == {"input_output_overlap", "output_energy"}


def test_statistics(network, patterns):
    analyzer = HopfieldAnalyzer(network)
    # 100/(4 ln 100) = 5.43
    assert analyzer.get_statistics() == {
        "num_patterns": 0,
        "capacity_estimate": 5,
        "capacity_usage": 0.0,
    }
    analyzer.set_patterns(patterns)
    report = analyzer.get_statistics()
    energies = np.array([energy(network, pattern) for pattern in patterns])
    assert report["num_patterns"] == 4
    assert report["capacity_usage"] == pytest.approx(0.8)
    assert report["mean_pattern_energy"] == pytest.approx(energies.mean(), rel=1e-5)
    assert report["std_pattern_energy"] == pytest.approx(energies.std(), rel=1e-4)
    assert report["min_pattern_energy"] == pytest.approx(energies.min(), rel=1e-5)
    assert report["max_pattern_energy"] == pytest.approx(energies.max(), rel=1e-5)
    assert analyzer.estimate_capacity() == 5


def test_overlap(network, patterns):
    analyzer = HopfieldAnalyzer(network)
    assert analyzer.compute_overlap(patterns[0], -patterns[0]) == -1.0


def test_weight_symmetry_error(network):
    analyzer = HopfieldAnalyzer(network)
    assert analyzer.compute_weight_symmetry_error() == pytest.approx(0.0, abs=1e-7)
    network.W.value = np.triu(np.ones((100, 100)), 1)
    # W and W' do not meet off the diagonal: |W - W'|^2 = 2 |W|^2.
    assert analyzer.compute_weight_symmetry_error() == pytest.approx(np.sqrt(2), rel=1e-6)
    network.W.value = np.zeros((100, 100))
    assert analyzer.compute_weight_symmetry_error() == 0.0


@pytest.mark.parametrize("bad", [np.ones((2, 99)), np.ones(100), np.full((1, 100), np.nan)])
def test_bad_patterns(network, patterns, bad):
    analyzer = HopfieldAnalyzer(network, patterns)
    with pytest.raises(ValidationError, match="patterns"):
        analyzer.set_patterns(bad)
    np.testing.assert_array_equal(analyzer.stored_patterns, patterns)


class Own(BrainInspiredModel):
    """A network with weights and a state under names of its own, and no energy."""

    weight_attr = "J"
    predict_state_attr = "spins"

    def __init__(self):
        super().__init__()
        self.J = brainstate.ParamState(jnp.ones((4, 4)))
        self.spins = brainstate.ShortTermState(jnp.ones(4))


class Counting(Own):
    """The same, with an energy: the number of active neurons."""

    @property
    def energy(self):
        return jnp.sum(self.spins.value > 0)


class CountingHopfield(AmariHopfieldNetwork):
    """The same energy in a subclass of the library's network."""

    @property
    def energy(self):
        return jnp.sum(self.s.value > 0)


HALF = np.array([1.0, 1.0, -1.0, -1.0])


@pytest.mark.parametrize(
    ("build", "energies"),
    [(Own, [-8.0, 0.0]), (Counting, [4.0, 2.0]), (lambda: CountingHopfield(4), [4.0, 2.0])],
)
def test_a_network_of_your_own_has_its_own_energies(build, energies):
    # Without an energy: -1/2 s' 1 s = -(sum s)^2 / 2.
    model = build()
    analyzer = HopfieldAnalyzer(model, [np.ones(4), HALF])
    assert analyzer.pattern_energies == energies
    assert analyzer.compute_energy(HALF) == energies[1]
    assert analyzer.estimate_capacity() == 1
    assert analyzer.compute_overlap(HALF, np.ones(4)) == 0.0
    assert analyzer.analyze_recall(HALF, HALF)["best_match_idx"] == 1
    assert analyzer.compute_weight_symmetry_error() == 0.0
    state = model.s if isinstance(model, AmariHopfieldNetwork) else model.spins
    np.testing.assert_array_equal(state.value, np.ones(4))


@pytest.mark.parametrize("patterns", [None, [], ()])
def test_without_patterns_the_list_is_empty(patterns):
    analyzer = HopfieldAnalyzer(AmariHopfieldNetwork(4), patterns)
    assert analyzer.stored_patterns == []
    analyzer.stored_patterns = [HALF]
    assert len(analyzer.stored_patterns) == 1
    analyzer.set_patterns([])
    assert analyzer.stored_patterns == []


def test_a_layer_is_no_network():
    with pytest.raises(ValidationError, match="a network with square weights"):
        HopfieldAnalyzer(LinearLayer(3, 2), [np.ones(3)])
