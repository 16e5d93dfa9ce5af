"""The Potts network as a model: what it stores, recalls, keeps and refuses."""

import copy
import pickle

import brainstate
import numpy as np
import pytest

from canns.errors import CannsWarning, ValidationError
from canns.models.brain_inspired import PottsNetwork

N, Q = 40, 4
RNG = np.random.default_rng(0)
PATTERNS = RNG.integers(0, Q, (3, N))
CUES = np.where(RNG.random((3, N)) < 0.2, (PATTERNS + 1) % Q, PATTERNS)
both = pytest.mark.parametrize("asyn", [False, True])


def _net(**options):
    net = PottsNetwork(N, Q, **options)
    net.store(PATTERNS)
    return net


@both
@pytest.mark.parametrize("compiled", [False, True])
def test_recall_finds_the_stored_patterns(asyn, compiled):
    net = _net(asyn=asyn)
    result = net.recall(CUES, num_iter=5, compiled=compiled)
    np.testing.assert_array_equal(result.states, PATTERNS)
    assert set(result.outcome) == {"converged"}
    np.testing.assert_array_equal(net.s.value, np.full(N, -1))


@both
def test_unknown_states_are_filled_in(asyn):
    cue = np.where(np.arange(N) < N // 2, PATTERNS[1], -1)
    np.testing.assert_array_equal(_net(asyn=asyn).predict(cue), PATTERNS[1])


def test_update_trajectory_energy_and_recall_tell_one_story():
    net = _net()
    path, result = net.trajectory(CUES, num_iter=4), net.recall(CUES, num_iter=4)
    np.testing.assert_array_equal(path[-1], result.states)
    np.testing.assert_array_equal(net.energies(path[1]), result.energies[:, 1])
    net.s.value = CUES[0]
    before = float(net.energy)
    change = net.update(before)
    np.testing.assert_array_equal(net.s.value, path[1, 0])
    assert float(change) == float(net.energy) - before < 0


def test_the_energy_of_one_pattern_is_that_of_the_paper():
    # E = -(1/2N) sum_{i != j} (Q - 1)^2 for the pattern itself.
    net = PottsNetwork(N, Q)
    net.store(PATTERNS[:1])
    assert float(net.energies(PATTERNS[:1])[0]) == pytest.approx(-(N - 1) * (Q - 1) ** 2 / 2)


def test_the_overlap_counts_agreements_over_chance():
    net = PottsNetwork(4, 3)
    assert net.compute_overlap([0, 1, 2, 0], [0, 1, 2, 0]) == 1.0
    assert net.compute_overlap([0, 1, 2, 0], [1, 2, 0, 1]) == -0.5
    assert net.compute_overlap([0, 1, 2, 0], [0, 1, -1, -1]) == 0.5


def test_clamped_neurons_hold_their_state():
    held = np.arange(N) < 3
    cue = np.where(held, (PATTERNS[0] + 1) % Q, PATTERNS[0])
    found = _net().recall(cue[None], clamped=held).states[0]
    np.testing.assert_array_equal(found, cue)


def test_its_own_hebbian_rule_appends_patterns():
    net = PottsNetwork(N, Q)
    net.apply_hebbian_learning(PATTERNS[:2])
    net.apply_hebbian_learning(PATTERNS[2:])
    assert not net.stores_by_hebb
    np.testing.assert_array_equal(net.W.value, PATTERNS)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_is_a_network_of_its_own(duplicate):
    net = _net(asyn=True, name="colours")
    other = duplicate(net)
    other.store(PATTERNS[:1])
    assert (other.config(), other.name) == (net.config(), "colours")
    assert (len(net.W.value), len(other.W.value)) == (3, 4)


def test_a_saved_network_comes_back(tmp_path):
    net = _net(asyn=True, order="cyclic")
    net.s.value = CUES[1]
    net.save(tmp_path / "net")
    loaded = PottsNetwork.load(tmp_path / "net")
    assert loaded.config() == net.config()
    np.testing.assert_array_equal(loaded.W.value, PATTERNS)
    np.testing.assert_array_equal(loaded.s.value, CUES[1])


def test_resize_cuts_patterns_or_forgets_them():
    net = _net()
    net.resize(10)
    np.testing.assert_array_equal(net.W.value, PATTERNS[:, :10])
    with pytest.raises(ValidationError, match="num_neurons must be at most 10"):
        net.resize(11)
    net.resize(11, preserve_submatrix=False)
    assert (net.num_neurons, len(net.W.value), net.s.value.shape) == (11, 0, (11,))


def test_a_seed_or_the_global_generator_fixes_the_order():
    net, cues = _net(asyn=True), RNG.integers(0, Q, (20, N))
    runs = [np.asarray(net.recall(cues, num_iter=1, seed=s).states) for s in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()
    draws = []
    for _ in range(2):
        brainstate.random.seed(4)
        draws.append(np.asarray(net.recall(cues, num_iter=1).states))
    np.testing.assert_array_equal(*draws)


def test_a_second_network_of_the_same_shape_compiles_nothing(count_compilations):
    def run(shift):
        net = PottsNetwork(N, Q)
        net.store((PATTERNS + shift) % Q)
        net.predict((CUES[0] + shift) % Q)
        net.update()
        return net.energy

    run(0)
    assert count_compilations(lambda: run(1)) == 0


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("num_neurons", lambda net: PottsNetwork(0, 3)),
        ("num_states", lambda net: PottsNetwork(3, 1)),
        ("num_states", lambda net: PottsNetwork(3, "2")),
        ("asynchronous", lambda net: PottsNetwork(3, 3, "no")),
        ("order", lambda net: PottsNetwork(3, 3, order="any")),
        ("patterns", lambda net: net.store(PATTERNS + 1)),
        ("patterns", lambda net: net.store(PATTERNS[:, 1:])),
        ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS + 0.5)),
        ("train_data", lambda net: net.apply_hebbian_learning(-2 * np.ones((1, N)))),
        ("cues", lambda net: net.recall(CUES + 1)),
        ("cues", lambda net: net.recall(CUES[:, 1:])),
        ("cues", lambda net: net.trajectory(CUES * np.nan)),
        ("states", lambda net: net.energies(CUES / 2)),
        ("state", lambda net: net.compute_overlap(CUES[0], CUES[0] + 1)),
        ("patterns", lambda net: PottsNetwork(3, 2).recall([[0, 1, 0]])),
    ],
)
def test_invalid_arguments_are_refused_and_nothing_is_written(argument, call):
    net = _net()
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, PATTERNS)
    np.testing.assert_array_equal(net.s.value, np.full(N, -1))


def test_patterns_of_signs_are_warned_of_because_minus_one_is_unknown():
    signs, net = np.sign(RNG.normal(size=(2, N))), PottsNetwork(N, 2)
    with pytest.warns(CannsWarning, match=r"-1 is an unknown state.* \(x \+ 1\) / 2"):
        net.store(signs)
    net.store((signs + 1) / 2)  # the remedy: no warning, which would be an error here
    net.store([[0, 1, -1, -1] * (N // 4)])
