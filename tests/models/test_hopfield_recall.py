"""Recall by a network: what it finds, what it reports, what it leaves alone."""

import brainstate
import jax
import numpy as np
import pytest

from canns.dynamics import OUTCOMES, RecallResult
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork

SIZE = 16
RNG = np.random.default_rng(1)
PATTERNS = np.stack([np.ones(SIZE), np.tile([1.0, -1.0], SIZE // 2)])
CUES = np.where(np.arange(SIZE) == 3, -PATTERNS, PATTERNS)


def _net(**options):
    net = AmariHopfieldNetwork(SIZE, **options)
    net.W.value = PATTERNS.T @ PATTERNS / 2 - np.eye(SIZE)
    return net


@pytest.mark.parametrize("asyn", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
def test_recall_finds_the_stored_patterns(asyn, compiled):
    net = _net(asyn=asyn)
    result = net.recall(CUES, compiled=compiled, num_iter=5)
    assert isinstance(result, RecallResult)
    np.testing.assert_array_equal(result.states, PATTERNS)
    assert set(result.outcome) == {"converged"}
    assert (result.steps == 2).all()
    assert result.energies.shape == (2, 3)
    assert (np.diff(result.energies) <= 0).all()
    np.testing.assert_array_equal(net.s.value, np.ones(SIZE))


def test_predict_keeps_the_final_state():
    net = _net()
    before = np.asarray(net.W.value)
    found = net.predict(CUES[1].tolist())
    assert isinstance(found, jax.Array)
    assert (found.dtype, found.shape) == (np.float32, (SIZE,))
    np.testing.assert_array_equal(found, PATTERNS[1])
    np.testing.assert_array_equal(net.s.value, found)
    np.testing.assert_array_equal(net.W.value, before)


def test_a_two_cycle_is_reported():
    net = AmariHopfieldNetwork(2)
    net.W.value = [[0.0, -1.0], [-1.0, 0.0]]
    result = net.recall([[1.0, 1.0], [1.0, -1.0]])
    assert result.outcome.tolist() == ["cycle", "converged"]
    assert set(result.outcome) < set(OUTCOMES)


def test_a_spent_budget_is_reported():
    result = _net().recall(CUES, num_iter=1)
    assert result.outcome.tolist() == ["budget", "budget"]
    assert result.steps.tolist() == [1, 1]


def test_steps_of_progress_are_the_energies():
    seen = []
    result = _net().recall(CUES, on_step=seen.append)
    assert [p.step for p in seen] == [1, 2]
    np.testing.assert_array_equal(
        np.stack([p.energies for p in seen], axis=1), result.energies[:, 1:]
    )
    whole = result.energies[:, -1] - result.energies[:, 0]
    np.testing.assert_allclose(sum(p.energy_changes for p in seen), whole)
    assert [bool(p.running.any()) for p in seen] == [True, False]


@pytest.mark.parametrize("options", [{"asyn": True}, {"stochastic": True, "temperature": 20.0}])
def test_a_seed_fixes_order_and_noise(options):
    net, cue = _net(**options), RNG.choice([-1.0, 1.0], (3, SIZE))
    runs = [np.asarray(net.recall(cue, num_iter=3, seed=s).states) for s in (5, 5)]
    keyed = np.asarray(net.recall(cue, num_iter=3, seed=jax.random.key(5)).states)
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], keyed)


def test_noise_differs_without_a_seed_and_repeats_with_the_global_one():
    net = _net(stochastic=True, temperature=50.0)
    draws = [net.predict(CUES[0], num_iter=2) for _ in range(2)]
    assert not np.array_equal(*draws)
    runs = []
    for _ in range(2):
        brainstate.random.seed(11)
        runs.append(net.predict(CUES[0], num_iter=2))
    np.testing.assert_array_equal(*runs)


def test_a_stochastic_network_does_not_claim_to_converge():
    result = _net(stochastic=True, temperature=0.01).recall(PATTERNS, num_iter=4)
    assert set(result.outcome) == {"budget"}
    np.testing.assert_array_equal(result.states, PATTERNS)


def test_cues_of_a_batch_do_not_influence_each_other():
    net, cues = _net(), RNG.choice([-1.0, 1.0], (6, SIZE))
    together = net.recall(cues)
    for i, cue in enumerate(cues):
        alone = net.recall([cue])
        np.testing.assert_array_equal(together.states[i], alone.states[0])
        assert (together.outcome[i], together.steps[i]) == (alone.outcome[0], alone.steps[0])


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("cues", lambda net: net.recall(np.ones((2, SIZE + 1)))),
        ("cues", lambda net: net.recall(np.ones(SIZE))),
        ("cues", lambda net: net.recall([])),
        ("cues", lambda net: net.recall(np.full((1, SIZE), np.nan))),
        ("pattern", lambda net: net.predict(np.ones(SIZE + 1))),
        ("pattern", lambda net: net.predict(np.ones((1, SIZE)))),
        ("num_iter", lambda net: net.recall(CUES, num_iter=-1)),
        ("num_iter", lambda net: net.recall(CUES, num_iter=2.5)),
        ("convergence_threshold", lambda net: net.recall(CUES, convergence_threshold=-1.0)),
        ("convergence_threshold", lambda net: net.recall(CUES, convergence_threshold=np.nan)),
        ("seed", lambda net: net.recall(CUES, seed=-1)),
        ("seed", lambda net: net.recall(CUES, seed="x")),
        ("compiled", lambda net: net.recall(CUES, compiled="yes")),
        ("train_data", lambda net: net.apply_hebbian_learning(np.ones((2, 3)))),
    ],
)
def test_invalid_arguments(argument, call):
    net = _net()
    before = np.asarray(net.W.value)
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, before)
    np.testing.assert_array_equal(net.s.value, np.ones(SIZE))


class Frozen(AmariHopfieldNetwork):
    """Its update does nothing."""

    def update(self, prev_energy=None):
        return None if prev_energy is None else 0.0


def test_a_subclass_predicts_by_its_own_update():
    net = Frozen(SIZE)
    net.W.value = _net().W.value
    np.testing.assert_array_equal(net.predict(CUES[0]), CUES[0])


def test_a_subclass_recalls_by_its_own_update():
    net = Frozen(SIZE)
    net.W.value = _net().W.value
    np.testing.assert_array_equal(net.recall(CUES).states, CUES)
