"""What all networks other than Hopfield's have in common: copies, files, trainers, compilations."""

import copy
import pickle

import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired import (
    BidirectionalAssociativeMemory,
    SequenceNetwork,
    SparseHopfieldNetwork,
    WillshawNetwork,
)
from canns.task import random_patterns, sparse_patterns
from canns.trainer import HebbianTrainer

N = 24
SIGNS = random_patterns(4, N, seed=0)
BITS = sparse_patterns(4, N, 0.25, exact=True, seed=0)
# How to build each, and what to store in it.
CASES = {
    "bidirectional": (lambda: BidirectionalAssociativeMemory(14, 10), SIGNS),
    "square": (lambda: BidirectionalAssociativeMemory(12, 12, name="square"), SIGNS),
    "willshaw": (lambda: WillshawNetwork(N), BITS),
    "winners": (lambda: WillshawNetwork(N, winners=6), BITS),
    "willshaw of two layers": (lambda: WillshawNetwork(14, 10), BITS),
    "winners of two layers": (lambda: WillshawNetwork(12, 12, winners=3), BITS),
    "sparse": (lambda: SparseHopfieldNetwork(N, 0.25), BITS),
    "sparse with threshold": (
        lambda: SparseHopfieldNetwork(N, 0.25, 0.3, asyn=True, order="cyclic"),
        BITS,
    ),
    "sequence": (lambda: SequenceNetwork(N, tie="plus"), SIGNS),
    "noisy sequence": (lambda: SequenceNetwork(N, stochastic=True, temperature=0.2), SIGNS),
}
QUIET = {name: case for name, case in CASES.items() if name != "noisy sequence"}
COLD = {
    name: case for name, case in QUIET.items() if name not in ("sequence", "sparse with threshold")
}
each = pytest.mark.parametrize(("build", "patterns"), CASES.values(), ids=CASES)


def assert_alike(a, b):
    assert type(a) is type(b)
    assert (a.config(), a.name) == (b.config(), b.name)
    for name, box in a.boxes().items():
        np.testing.assert_array_equal(box.value, getattr(b, name).value)


def trained(build, patterns):
    net = build()
    net.apply_hebbian_learning(patterns)
    net.s.value = patterns[1]
    return net


@each
def test_copies_and_files_are_alike_and_independent(build, patterns, tmp_path):
    net = trained(build, patterns)
    net.save(tmp_path / "net")
    others = [
        copy.deepcopy(net),
        pickle.loads(pickle.dumps(net)),
        type(net).load(tmp_path / "net"),
        BasicModel.load(tmp_path / "net"),
    ]
    recalled = net.recall(patterns, seed=1)
    for other in others:
        assert_alike(net, other)
        np.testing.assert_array_equal(other.recall(patterns, seed=1).states, recalled.states)
        other.apply_hebbian_learning(1 - patterns if patterns.min() == 0 else patterns[::-1])
        assert np.any(other.W.value != net.W.value)


@each
def test_a_trainer_stores_as_the_network_itself_does(build, patterns):
    net, other = build(), build()
    net.apply_hebbian_learning(patterns)
    HebbianTrainer(other).train(patterns)
    np.testing.assert_array_equal(net.W.value, other.W.value)
    assert np.any(net.W.value)


@pytest.mark.parametrize(("build", "patterns"), QUIET.values(), ids=QUIET)
def test_cues_of_a_batch_do_not_influence_each_other(build, patterns):
    net = trained(build, patterns)
    rng = np.random.default_rng(0)
    cues = rng.permuted(patterns, axis=1)
    together = net.recall(cues)
    for i, cue in enumerate(cues):
        alone = net.recall(cue[None])
        np.testing.assert_array_equal(together.states[i], alone.states[0])
        assert (together.outcome[i], together.steps[i]) == (alone.outcome[0], alone.steps[0])


@pytest.mark.slow
@each
def test_recall_trajectory_predict_and_update_are_one_dynamics(build, patterns):
    net = trained(build, patterns)
    cues = np.random.default_rng(1).permuted(patterns, axis=1)
    result = net.recall(cues, num_iter=3, seed=3)
    path = net.trajectory(cues, num_iter=3, seed=3)
    np.testing.assert_array_equal(path[0], cues)
    np.testing.assert_array_equal(path[-1], result.states)
    plain = net.recall(cues, num_iter=3, seed=3, compiled=False)
    np.testing.assert_array_equal(plain.states, result.states)
    assert plain.outcome.tolist() == result.outcome.tolist()
    np.testing.assert_allclose(net.energies(cues), result.energies[:, 0], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(net.s.value, patterns[1])
    if not net.dynamics.random:
        net.s.value = cues[0]
        assert float(net.energy) == pytest.approx(result.energies[0, 0], rel=1e-5, abs=1e-5)
        change = net.update(net.energy)
        np.testing.assert_array_equal(net.s.value, path[1, 0])
        assert float(change) == pytest.approx(np.diff(result.energies)[0, 0], rel=1e-4, abs=1e-5)
    end = net.predict(cues[0], num_iter=3, seed=3)
    np.testing.assert_array_equal(net.s.value, end)
    if not net.dynamics.random:
        np.testing.assert_array_equal(end, result.states[0])


@each
def test_clamped_neurons_hold_their_state(build, patterns):
    net = trained(build, patterns)
    cues = np.random.default_rng(2).permuted(patterns, axis=1)
    clamped = np.random.default_rng(3).random(cues.shape) < 0.4
    path = net.trajectory(cues, num_iter=6, seed=0, clamped=clamped)
    assert (path[:, clamped] == cues[clamped]).all()
    assert (path[-1] != cues).any()


@pytest.mark.parametrize(("build", "patterns"), COLD.values(), ids=COLD)
def test_networks_without_a_temperature_refuse_one(build, patterns):
    net = trained(build, patterns)
    with pytest.raises(ValidationError, match="temperatures must be None"):
        net.recall(patterns, temperatures=[1.0, 0.5])


@each
def test_a_second_network_of_the_same_shape_compiles_nothing(build, patterns, count_compilations):
    def run():
        net = trained(build, patterns)
        result = net.recall(patterns, seed=0)
        path = net.trajectory(patterns, num_iter=3, seed=0)
        net.update(net.energy)
        return result.states, path, net.energies(patterns), net.predict(patterns[0], seed=1)

    run()
    assert count_compilations(lambda: [run() for _ in range(2)]) == 0


TUNED = {
    "sparse": (SparseHopfieldNetwork(N, 0.25), {"coding_level": 0.4}, BITS),
    "sparse with threshold": (
        SparseHopfieldNetwork(N, 0.25, 0.3),
        {"coding_level": 0.3, "threshold": 0.1},
        BITS,
    ),
    "winners": (WillshawNetwork(N, winners=6), {"winners": 7}, BITS),
    "sequence": (SequenceNetwork(N, stochastic=True), {"temperature": 0.3}, SIGNS),
}


@pytest.mark.parametrize(("net", "changes", "patterns"), TUNED.values(), ids=TUNED)
def test_other_hyperparameters_compile_nothing(net, changes, patterns, count_compilations):
    def run():
        net.apply_hebbian_learning(patterns)
        return net.recall(patterns, seed=0).states

    before = run()
    for name, value in changes.items():
        setattr(net, name, value)
    after = []
    assert count_compilations(lambda: after.append(run())) == 0
    assert np.any(after[0] != before)


@pytest.mark.parametrize("size", [N - 2, N + 2])
@each
def test_a_trainer_fits_the_network_to_its_data_or_says_why_not(build, patterns, size):
    net = build()
    data = np.pad(patterns, ((0, 0), (0, 2)), mode="edge")[:, :size]
    before = net.config()
    if net.W.value.shape == (N, N):
        HebbianTrainer(net).train(data)
        assert net.s.value.shape == (size,)
        return
    with pytest.raises(ValidationError, match=r"num_neurons must be 24, for 1[24] inputs and"):
        HebbianTrainer(net).train(data)
    assert net.config() == before
    assert not np.any(net.W.value)
