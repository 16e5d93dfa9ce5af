"""Warnings of what is empty: networks without memories, training without activity, lost neurons."""

import numpy as np
import pytest

from canns import task
from canns.errors import CannsWarning
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BidirectionalAssociativeMemory,
    BrainInspiredModelGroup,
    ContinuousHopfieldNetwork,
    DilutedHopfieldNetwork,
    LinearLayer,
    SequenceNetwork,
    SparseHopfieldNetwork,
    SpikingLayer,
    WillshawNetwork,
)
from canns.plasticity import STDP, Bounds, Hebbian, Oja
from canns.trainer import (
    AntiHebbianTrainer,
    HebbianTrainer,
    RuleTrainer,
    STDPTrainer,
    train_ensemble,
)

N = 64
PATTERNS = task.random_patterns(3, N, seed=0)
EMPTY = {
    "hopfield": lambda: AmariHopfieldNetwork(N),
    "matrix": lambda: AmariHopfieldNetwork(N, method="dense"),
    "packed": lambda: AmariHopfieldNetwork(N, method="packed"),
    "threshold": lambda: AmariHopfieldNetwork(N, threshold=0.5),
    "graded": lambda: AmariHopfieldNetwork(N, activation="tanh"),
    "sequence": lambda: SequenceNetwork(N),
    "diluted": lambda: DilutedHopfieldNetwork(N, 8, seed=0),
    "continuous": lambda: ContinuousHopfieldNetwork(N),
    "pairs": lambda: BidirectionalAssociativeMemory(N // 2, N // 2),
    "sparse": lambda: SparseHopfieldNetwork(N, 0.5),
    "sparse, threshold": lambda: SparseHopfieldNetwork(N, 0.5, threshold=0.1),
    "willshaw": lambda: WillshawNetwork(N),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_network_warns_once_a_call(name):
    net = EMPTY[name]()
    binary = name.startswith(("sparse", "willshaw"))
    cues = (PATTERNS + 1) / 2 if binary else PATTERNS
    trainer = HebbianTrainer(net)
    for call in (net.recall, trainer.recall, trainer.predict_batch, lambda x: net.predict(x[0])):
        with pytest.warns(CannsWarning, match="has stored nothing.*Store patterns first") as seen:
            call(cues)
        assert len(seen) == 1
    net.apply_hebbian_learning(cues)
    net.recall(cues)  # and no warning


def test_an_empty_member_of_a_group_warns():
    full, empty = AmariHopfieldNetwork(N), AmariHopfieldNetwork(N)
    full.apply_hebbian_learning(PATTERNS)
    with pytest.warns(CannsWarning, match="has stored nothing") as seen:
        BrainInspiredModelGroup(full, empty).recall(PATTERNS)
    assert len(seen) == 1


def test_a_cue_without_a_field_is_no_empty_network():
    net = AmariHopfieldNetwork(4)
    net.W.value = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    net.predict([0.0, 0.0, 1.0, -1.0], 1)


@pytest.mark.parametrize("method", ["dense", "factored"])
def test_a_constant_set_stores_nothing_about_its_mean(method):
    net = AmariHopfieldNetwork(4, method=method)
    with pytest.warns(CannsWarning, match="Nothing is stored") as seen:
        record = HebbianTrainer(net).train(np.ones((1, 4)))
    assert record.warnings == (str(seen[0].message),)


def test_neurons_that_never_respond_are_counted_and_warned_of():
    spikes = np.zeros((50, 3))
    spikes[::2] = np.eye(3)[np.arange(25) % 3]
    # Weights start below 0.1, so the potential stays below 0.1 / (1 - 0.9**2), about half the
    # threshold.
    with pytest.warns(CannsWarning, match="none of its 2 neurons responded to any of 50") as seen:
        record = STDPTrainer(SpikingLayer(3, 2)).train(spikes, epochs=3)
    assert len(seen) == 1
    assert record.silence == (50, 2)
    assert "silent" in repr(record)
    assert record.warnings == (str(seen[0].message),)
    layer = LinearLayer(3, 1)
    with pytest.warns(CannsWarning, match="All inputs are 0"):
        RuleTrainer(layer, Oja()).train(np.zeros((5, 3)))
    layer.W.value = np.zeros((1, 3))
    with pytest.warns(CannsWarning, match="none of its 1 neurons"):
        RuleTrainer(layer, Oja()).train(np.vstack([np.eye(3), -np.eye(3)]))


def test_a_run_that_is_to_change_nothing_is_silent():
    record = RuleTrainer(LinearLayer(3, 1), Hebbian(0.0)).train(np.ones((5, 3)))
    assert record.silence == (None, None)
    layer = LinearLayer(2, 1)
    layer.W.value = [[1.0, 0.0]]  # a fixed point of Oja's rule
    record = RuleTrainer(layer, Oja(0.04)).train([[1.0, 0.0], [0.0, 1.0]])
    assert record.silence == (1, 0)


def test_weights_that_are_all_at_one_bound_are_warned_of():
    layer = LinearLayer(3, 2)
    layer.W.value = np.full((2, 3), 0.5)
    samples = np.ones((20, 3))
    with pytest.warns(CannsWarning, match="All weights are at their upper bound, 1") as seen:
        record = RuleTrainer(layer, Hebbian(0.1), Bounds()).train(samples)
    assert record.warnings == (str(seen[0].message),)
    layer.W.value = [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]
    RuleTrainer(layer, Hebbian(1e-3), Bounds()).train(samples[:1])  # at both: something is selected


QUIET = np.zeros((50, 3))
QUIET[::2] = np.eye(3)[np.arange(25) % 3]  # too little for weights below 0.1


def test_members_of_a_group_that_never_respond_are_warned_of_once():
    strong = SpikingLayer(3, 2)
    strong.W.value = np.ones((2, 3))
    group = BrainInspiredModelGroup(SpikingLayer(3, 2), strong, SpikingLayer(3, 2))
    with pytest.warns(CannsWarning, match="2 of 3 members have learnt nothing: none of") as seen:
        group.train(QUIET, STDP())
    assert len(seen) == 1
    assert "SpikingLayer_0, SpikingLayer_2" in str(seen[0].message)
    assert seen[0].filename == __file__
    BrainInspiredModelGroup(strong).train(QUIET, Hebbian(0.0))  # as asked for


def test_members_of_a_group_that_store_nothing_or_end_at_a_bound_are_warned_of():
    group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(4, method="dense") for _ in range(2)))
    with pytest.warns(CannsWarning, match="2 of 2 members have stored nothing"):
        group.train(np.ones((1, 4)))
    layers = [LinearLayer(3, 2) for _ in range(5)]
    for layer in layers[1:]:
        layer.W.value = np.full((2, 3), 0.5)
    layers[0].W.value = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]  # one neuron is silent, and stays at 0
    with pytest.warns(CannsWarning, match=r"4 of 5 members .* upper bound: .*_1.*_2.*_3, \.\.\."):
        BrainInspiredModelGroup(*layers).train(np.ones((5, 3)), Hebbian(0.1), project=Bounds())


def test_members_of_an_ensemble_that_never_respond_are_warned_of_once():
    scan = {"neuron.threshold": [0.01, 1.0]}
    layer = SpikingLayer(3, 2)
    with pytest.warns(CannsWarning, match="3 of 6 members have learnt nothing") as seen:
        train_ensemble(layer, STDP(0.1), QUIET, seeds=range(3), scan=scan)
    assert len(seen) == 1
    assert "neuron.threshold 1 and seed 0" in str(seen[0].message)
    with pytest.warns(CannsWarning, match=r"1 of 1 members .*: the only one\."):
        train_ensemble(layer, STDP(0.1), QUIET)


def test_members_of_an_ensemble_whose_weights_are_all_at_a_bound_are_warned_of():
    layer = LinearLayer(3, 2)
    layer.W.value = np.full((2, 3), 0.5)
    scan = {"learning_rate": [1e-4, 1.0]}
    with pytest.warns(CannsWarning, match=r"1 of 2 members .* upper bound: learning_rate 1\."):
        train_ensemble(layer, Hebbian(), np.ones((5, 3)), Bounds(), scan=scan)


@pytest.mark.parametrize("make", [HebbianTrainer, AntiHebbianTrainer])
def test_patterns_in_columns_do_not_shrink_a_network_in_silence(make):
    net = AmariHopfieldNetwork(N)
    HebbianTrainer(net).train(PATTERNS)
    with pytest.warns(CannsWarning, match="from 64 neurons to 3.*transpose") as seen:
        record = make(net).train(PATTERNS.T)
    assert seen[0].filename == __file__
    assert record.warnings == (str(seen[0].message),)
    with pytest.warns(CannsWarning, match="from 64 neurons to 3.*transpose"):
        make(AmariHopfieldNetwork(N)).train(PATTERNS.T)  # empty, but 64 rows fit 64 neurons


def test_growing_and_shrinking_on_purpose_are_silent():
    net = AmariHopfieldNetwork(N, method="dense")
    trainer = HebbianTrainer(net)
    trainer.train(PATTERNS)
    trainer.train(task.random_patterns(3, N + 8, seed=1))
    net.resize(32)
    trainer.train(task.random_patterns(3, 32, seed=1))
    HebbianTrainer(AmariHopfieldNetwork(N)).train(task.random_patterns(3, 32, seed=1))  # empty
    assert net.num_neurons == 32


def test_a_network_of_patterns_is_not_built_to_see_what_it_holds():
    net = AmariHopfieldNetwork(N, method="packed")
    HebbianTrainer(net).train(PATTERNS)
    with pytest.warns(CannsWarning, match="shrinks"):
        HebbianTrainer(net).train(task.random_patterns(3, 32, seed=1))
    assert not net.W.is_built
