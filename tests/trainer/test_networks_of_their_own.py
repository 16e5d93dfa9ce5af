"""Trainers and networks that do not have plain Hebbian weights or storage."""

import numpy as np
import pytest

from canns import task
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    BidirectionalAssociativeMemory,
    BrainInspiredModelGroup,
    ContinuousHopfieldNetwork,
    DenseAssociativeMemory,
    DilutedHopfieldNetwork,
    ModernHopfieldNetwork,
    PottsNetwork,
    SequenceNetwork,
    SparseHopfieldNetwork,
    WillshawNetwork,
)
from canns.plasticity import Oja
from canns.trainer import AntiHebbianTrainer, HebbianTrainer, RuleTrainer

N = 64
SIGNS = task.random_patterns(3, N, seed=0)
BITS = (task.random_patterns(3, N, seed=1) > 0).astype(np.float32)
KEEPERS = [
    (lambda: DenseAssociativeMemory(N), SIGNS),
    (lambda: ModernHopfieldNetwork(N, 1.0), SIGNS),
    (lambda: PottsNetwork(N, 2), BITS),
    (lambda: DilutedHopfieldNetwork(N, 30, seed=0), SIGNS),
    (lambda: BidirectionalAssociativeMemory(N // 2, N // 2), SIGNS),
]
COUPLED = [
    (lambda: WillshawNetwork(N), BITS),
    (lambda: SparseHopfieldNetwork(N, 0.5), BITS),
    (lambda: SequenceNetwork(N), SIGNS),
    (lambda: ContinuousHopfieldNetwork(N), SIGNS),
]
every = pytest.mark.parametrize(("make", "patterns"), KEEPERS + COUPLED)
keeper = pytest.mark.parametrize(("make", "patterns"), KEEPERS)
coupled = pytest.mark.parametrize(("make", "patterns"), COUPLED)


@pytest.mark.slow
@every
def test_hebbian_training_is_the_networks_own_way_to_store(make, patterns):
    trained, own = make(), make()
    record = HebbianTrainer(trained).train(patterns)
    own.apply_hebbian_learning(patterns)
    np.testing.assert_array_equal(trained.W.value, own.W.value)
    norm = np.linalg.norm(np.asarray(own.W.value))
    np.testing.assert_allclose(record.weight_norm, norm, rtol=1e-5)
    np.testing.assert_allclose(record.weight_change, norm, rtol=1e-5)
    with pytest.raises(ValidationError, match="apply_hebbian_learning"):
        AntiHebbianTrainer(trained).train(patterns)
    np.testing.assert_array_equal(trained.W.value, own.W.value)


@every
def test_the_hebbian_trainer_recalls(make, patterns):
    trainer = HebbianTrainer(make())
    trainer.train(patterns)
    outputs = trainer.predict_batch(patterns, show_sample_progress=False)
    assert np.shape(outputs) == patterns.shape


@keeper
def test_no_rule_trains_what_are_no_couplings(make, patterns):
    network = make()
    network.apply_hebbian_learning(patterns)
    before = np.asarray(network.W.value)
    for rule in (Oja(0.01), "storkey", "oja"):
        with pytest.raises(ValidationError):
            RuleTrainer(network, rule).train(before)
    np.testing.assert_array_equal(network.W.value, before)


def test_a_square_array_of_patterns_is_no_matrix_of_couplings():
    network = DenseAssociativeMemory(N)
    network.store(task.random_patterns(N, N, seed=2))
    with pytest.raises(ValidationError, match="neuron to neuron"):
        RuleTrainer(network, Oja(0.01)).train(SIGNS)
    HebbianTrainer(network).train(SIGNS)
    assert network.W.value.shape == (N + 3, N)


@coupled
def test_the_plain_product_by_name_is_refused(make, patterns):
    network = make()
    for train in (
        lambda: RuleTrainer(network, "hebbian").train(patterns),
        lambda: BrainInspiredModelGroup(network).train([patterns], rule="hebbian"),
    ):
        with pytest.raises(ValidationError, match="its own"):
            train()
    assert not np.any(np.asarray(network.W.value))


@pytest.mark.slow
def test_groups_of_networks_of_one_kind_and_other_shapes_recall():
    first, second = BidirectionalAssociativeMemory(3, 5), BidirectionalAssociativeMemory(4, 4)
    wide, narrow = DilutedHopfieldNetwork(8, 3, seed=0), DilutedHopfieldNetwork(8, 5, seed=0)
    rows = task.random_patterns(2, 8, seed=3)
    group = BrainInspiredModelGroup(first, second, wide, narrow)
    for network in (first, second, wide, narrow):
        network.apply_hebbian_learning(rows)
    results = group.recall([rows] * 4)
    for network, result in zip((first, second, wide, narrow), results, strict=True):
        np.testing.assert_array_equal(result.states, network.recall(rows).states)
