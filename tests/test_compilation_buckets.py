"""Similar lengths share a program: padding batches and data sets changes no result."""

import itertools

import jax
import numpy as np
import pytest

from canns._buckets import bucket
from canns.dynamics import Hopfield, recall, trajectory
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LinearLayer,
)
from canns.plasticity import Covariance, Hebbian, Oja, UnitRows
from canns.trainer import HebbianTrainer, RuleTrainer, SangerTrainer

SIZE = 23  # of no other test, so that what is compiled here is seen
RNG = np.random.default_rng(0)
CUES = RNG.choice([-1.0, 1.0], (64, SIZE))
PATTERNS = RNG.choice([-1.0, 1.0], (64, SIZE))
DATA = 0.3 * RNG.normal(size=(5000, SIZE)).astype(np.float32)


def network(patterns=PATTERNS[:3], **options):
    own = AmariHopfieldNetwork(SIZE, **options)
    own.apply_hebbian_learning(patterns)
    return own


def test_at_most_a_third_of_a_bucket_is_empty():
    for length in range(1, 3000):
        assert length <= bucket(length) < (1.5 if length > 4 else 2.01) * length
    assert len({bucket(length) for length in range(1, 3000)}) < 25
    assert bucket(3, least=8) == 8


def test_fifty_and_sixty_cues_run_one_program(count_compilations):
    net = network()
    assert count_compilations(lambda: net.recall(CUES[:50]).states) > 0
    assert count_compilations(lambda: net.recall(CUES[:60]).states) == 0
    assert count_compilations(lambda: network(stochastic=False).recall(CUES[:49]).states) == 0
    again = network(threshold=0.3, temperature=0.2)
    assert count_compilations(lambda: HebbianTrainer(again).predict_batch(CUES[:64])) == 0


def test_members_of_other_lengths_run_one_program(count_compilations):
    def run(count):
        group = BrainInspiredModelGroup(*(network() for _ in range(2)))
        return [r.states for r in group.recall([CUES[:count], -CUES[:count]])]

    run(17)
    run(24)
    assert count_compilations(lambda: run(23)) == 0


@pytest.mark.parametrize(
    "options",
    [{}, {"asyn": True}, {"activation": "tanh"}, {"stochastic": True, "temperature": 0.5}],
    ids=["sign", "in turn", "tanh", "noise"],
)
def test_what_fills_up_changes_nothing(options):
    net = network(**options)
    full = net.recall(CUES[:24], seed=3, num_iter=8)
    part = net.recall(CUES[:17], seed=3, num_iter=8)  # filled up to 24
    assert part.states.shape == (17, SIZE)
    np.testing.assert_array_equal(part.states, full.states[:17])
    np.testing.assert_array_equal(part.outcome, full.outcome[:17])
    np.testing.assert_array_equal(part.steps, full.steps[:17])
    np.testing.assert_array_equal(part.energies, full.energies[:17, : part.energies.shape[1]])


def test_the_noise_of_a_cue_does_not_depend_on_its_company():
    net = network(stochastic=True, temperature=1.0)
    sizes = [net.recall(CUES[:count], seed=3, num_iter=1).states[0] for count in (4, 5, 40)]
    for one, other in itertools.pairwise(sizes):
        np.testing.assert_array_equal(one, other)
    copies = net.recall(np.tile(CUES[0], (30, 1)), seed=3, num_iter=1).states
    assert len(np.unique(copies, axis=0)) > 20, "copies of one cue are independent samples"


def test_a_recall_ends_with_the_last_real_cue():
    weights = np.array([[0.0, -1.0], [-1.0, 0.0]], np.float32)
    cues = np.array([[1.0, -1.0]] * 5, np.float32)
    result = recall(Hopfield(), weights, cues, key=jax.random.key(0))
    assert result.steps.tolist() == [1] * 5
    assert result.energies.shape == (5, 2)
    seen = []
    recall(Hopfield(), weights, cues, key=jax.random.key(0), on_step=seen.append)
    assert [(len(p.energies), len(p.running), len(p.converged)) for p in seen] == [(5, 5, 5)]
    paths = trajectory(Hopfield(), weights, cues, key=jax.random.key(0), num_iter=2)
    assert paths.shape == (3, 5, 2)


def runs():
    rules = {
        "oja": lambda n: RuleTrainer(LinearLayer(SIZE, 2), Oja(n)),
        "sanger": lambda n: SangerTrainer(LinearLayer(SIZE, 2), n),
        "product": lambda n: RuleTrainer(AmariHopfieldNetwork(SIZE), Hebbian(n)),
        "covariance": lambda n: RuleTrainer(AmariHopfieldNetwork(SIZE), Covariance(n, n)),
        "storage": lambda n: HebbianTrainer(AmariHopfieldNetwork(SIZE), learning_rate=n),
        "unit rows": lambda n: RuleTrainer(AmariHopfieldNetwork(SIZE), Hebbian(n), UnitRows()),
    }
    return pytest.mark.parametrize("build", rules.values(), ids=rules.keys())


@runs()
def test_data_sets_of_other_lengths_run_one_program(build, count_compilations):
    assert count_compilations(lambda: [build(0.001).train(DATA[:50])]) > 0
    assert count_compilations(lambda: [build(0.002).train(DATA[:60])]) == 0
    assert count_compilations(lambda: [build(0.003).train(DATA[3:60], epochs=2)]) == 0


@runs()
def test_a_run_in_parts_is_the_run_to_the_last_bit(build):
    whole, parts = build(0.001), build(0.001)
    if isinstance(whole, HebbianTrainer):  # the mean and the number belong to a set
        for trainer in (whole, parts):
            trainer.subtract_mean = trainer.normalize_by_patterns = False
    if whole.model.W.value.shape[0] == 2:
        parts.model.W.value = whole.model.W.value = DATA[:2]
    at_once = getattr(whole, "project", None) is None and not isinstance(whole.model, LinearLayer)
    cuts = [0, 4096, 5000] if at_once else [0, 1, 700, 5000]  # sums are cut at whole chunks
    whole.train(DATA)
    for start, stop in itertools.pairwise(cuts):
        parts.train(DATA[start:stop])
    np.testing.assert_array_equal(whole.model.W.value, parts.model.W.value)


def test_a_silent_sample_is_one_at_the_level():
    trainer, level = RuleTrainer(AmariHopfieldNetwork(SIZE), Covariance(1.0, 0.25)), 0.25
    trainer.train(PATTERNS[:9])  # filled up to 12
    centred = PATTERNS[:9] - level
    np.testing.assert_array_equal(trainer.model.W.value, (centred.T @ centred).astype(np.float32))
