"""The diluted network as a model: what it stores, recalls, keeps and refuses."""

import copy
import pickle

import brainstate
import jax
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.models.brain_inspired import DilutedHopfieldNetwork
from canns.trainer import HebbianTrainer

N, C = 200, 20
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (2, N))
CUES = np.where(RNG.random((2, N)) < 0.1, -PATTERNS, PATTERNS)
kinds = pytest.mark.parametrize("symmetric", [False, True])


def _net(symmetric=False, **options):
    net = DilutedHopfieldNetwork(N, C, symmetric, seed=1, **options)
    net.apply_hebbian_learning(PATTERNS)
    return net


def _hebb(patterns, table):
    weights = np.einsum("pi,pik->ik", patterns, patterns[:, table]) / C
    return np.where(table == np.arange(N)[:, None], 0, weights)


@kinds
def test_storage_is_hebbs_rule_over_the_connections_and_adds_up(symmetric):
    net = _net(symmetric)
    table = np.asarray(net.connections.value)
    assert table.dtype == np.int32
    assert net.W.value.shape == table.shape
    np.testing.assert_allclose(net.W.value, _hebb(PATTERNS, table), rtol=1e-6)
    parts = DilutedHopfieldNetwork(N, C, symmetric, seed=1)
    for pattern in PATTERNS:
        parts.apply_hebbian_learning([pattern])
    np.testing.assert_allclose(parts.W.value, net.W.value, rtol=1e-6, atol=1e-7)


@kinds
@pytest.mark.parametrize("asyn", [False, True])
def test_recall_finds_the_stored_patterns(symmetric, asyn):
    net = _net(symmetric, asyn=asyn)
    result = net.recall(CUES, num_iter=20, seed=0)
    overlaps = np.mean(np.asarray(result.states) * PATTERNS, axis=1)
    assert overlaps.min() > 0.95
    assert (np.mean(CUES * PATTERNS, axis=1) < 0.9).all()
    if symmetric and asyn:
        assert set(result.outcome) == {"converged"}
        assert np.diff(result.energies, axis=1).max() <= 1e-4


def test_uncompiled_recall_is_the_same():
    net = _net()
    a, b = (net.recall(CUES, num_iter=2, compiled=c) for c in (True, False))
    np.testing.assert_array_equal(a.states, b.states)
    np.testing.assert_allclose(a.energies, b.energies, rtol=1e-6)


def test_update_trajectory_energy_and_recall_tell_one_story():
    net = _net(threshold=0.1)
    path, result = net.trajectory(CUES, num_iter=3), net.recall(CUES, num_iter=3)
    np.testing.assert_array_equal(path[-1], result.states)
    np.testing.assert_array_equal(net.energies(path[1]), result.energies[:, 1])
    net.s.value = CUES[0]
    fields = np.sum(np.asarray(net.W.value) * CUES[0][np.asarray(net.connections.value)], axis=1)
    expected = -0.5 * CUES[0] @ fields + 0.1 * CUES[0].sum()
    assert float(net.energy) == pytest.approx(expected, rel=1e-5)
    net.update()
    np.testing.assert_array_equal(net.s.value, path[1, 0])
    np.testing.assert_array_equal(net.s.value, np.sign(fields - 0.1))


def test_heat_bath_neurons_follow_their_temperature():
    net = _net(stochastic=True, temperature=1e6)
    spins = np.asarray(net.recall(np.repeat(PATTERNS, 20, axis=0), num_iter=1, seed=0).states)
    assert set(np.unique(spins)) == {-1.0, 1.0}
    assert abs(spins.mean()) < 4.5 / np.sqrt(spins.size)
    cold = _net(stochastic=True, temperature=1e-3).predict(PATTERNS[0], num_iter=1, seed=0)
    np.testing.assert_array_equal(cold, _net().predict(PATTERNS[0], num_iter=1))


@kinds
def test_clamped_neurons_hold_their_state(symmetric):
    held = np.arange(N) < 5
    cue = np.where(held, -PATTERNS[0], PATTERNS[0])
    found = _net(symmetric, asyn=True).recall(cue[None], clamped=held, seed=0).states[0]
    np.testing.assert_array_equal(found[held], cue[held])


def test_the_seed_decides_who_hears_whom():
    def table(seed):
        return np.asarray(DilutedHopfieldNetwork(N, C, seed=seed).connections.value)

    np.testing.assert_array_equal(table(3), table(3))
    assert (table(3) != table(4)).any()
    key = jax.random.key(3)
    np.testing.assert_array_equal(table(key), table(key))
    drawn = []
    for _ in range(2):
        brainstate.random.seed(9)
        drawn.append((table(None), table(None)))
    np.testing.assert_array_equal(drawn[0][0], drawn[1][0])
    assert (drawn[0][0] != drawn[0][1]).any()


@kinds
def test_a_trainer_of_hebbs_rule_stores_by_the_networks_own(symmetric):
    net = DilutedHopfieldNetwork(N, C, symmetric, seed=1)
    trainer = HebbianTrainer(net)
    trainer.train(PATTERNS)
    np.testing.assert_array_equal(net.W.value, _net(symmetric).W.value)
    assert np.mean(trainer.predict(CUES[0]) * PATTERNS[0]) > 0.95


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_is_a_network_of_its_own(duplicate):
    net = _net(name="few")
    other = duplicate(net)
    assert (other.config(), other.name) == (net.config(), "few")
    assert other.connections.value.dtype == np.int32
    np.testing.assert_array_equal(other.predict(CUES[0]), net.predict(CUES[0]))
    other.apply_hebbian_learning(PATTERNS)
    np.testing.assert_array_equal(net.W.value, _net().W.value)


@kinds
def test_a_saved_network_comes_back_with_its_table(tmp_path, symmetric):
    net = _net(symmetric, asyn=True, tie="plus", temperature=0.5, stochastic=True)
    # A table that the seed does not give, and of another width.
    net.connections.value = np.roll(net.connections.value, 1, axis=0)[:, :-1]
    net.W.value = net.W.value[:, :-1]
    net.save(tmp_path / "net")
    loaded = DilutedHopfieldNetwork.load(tmp_path / "net")
    assert loaded.config() == net.config()
    for name, box in net.boxes().items():
        np.testing.assert_array_equal(getattr(loaded, name).value, box.value)
    assert loaded.connections.value.dtype == np.int32


def test_a_network_with_a_drawn_seed_is_saved(tmp_path):
    net = DilutedHopfieldNetwork(10, 3)
    net.save(tmp_path / "net")
    assert DilutedHopfieldNetwork.load(tmp_path / "net").seed == net.seed


@kinds
def test_resize_draws_anew_and_does_not_pretend_to_keep(symmetric):
    net = _net(symmetric)
    before = np.asarray(net.W.value)
    with pytest.raises(ValidationError, match=r"^preserve_submatrix must be False"):
        net.resize(N + 1)
    with pytest.raises(ValidationError, match=r"^num_connections must be"):
        net.resize(C, preserve_submatrix=False)
    np.testing.assert_array_equal(net.W.value, before)
    net.resize(N)
    np.testing.assert_array_equal(net.W.value, before)
    net.resize(50, preserve_submatrix=False)
    fresh = DilutedHopfieldNetwork(50, C, symmetric, seed=1)
    np.testing.assert_array_equal(net.connections.value, fresh.connections.value)
    assert not np.asarray(net.W.value).any()
    assert (net.num_neurons, net.s.value.shape) == (50, (50,))
    net.apply_hebbian_learning(PATTERNS[:, :50])
    assert net.recall(PATTERNS[:, :50]).states.shape == (2, 50)


@kinds
def test_a_second_network_of_the_same_shape_compiles_nothing(count_compilations, symmetric):
    def run(seed, threshold):
        net = DilutedHopfieldNetwork(N, C, symmetric, threshold=threshold, seed=seed)
        net.apply_hebbian_learning(PATTERNS)
        net.predict(CUES[0])
        net.update()
        return net.energy

    run(0, 0.0)
    assert count_compilations(lambda: run(1, 0.5)) == 0


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("num_neurons", lambda net: DilutedHopfieldNetwork(1, 1)),
        ("num_connections", lambda net: DilutedHopfieldNetwork(5, 5)),
        ("num_connections", lambda net: DilutedHopfieldNetwork(5, 0)),
        ("num_connections", lambda net: DilutedHopfieldNetwork(5, 2.5)),
        ("symmetric", lambda net: DilutedHopfieldNetwork(5, 2, 1)),
        ("asyn", lambda net: DilutedHopfieldNetwork(5, 2, asyn=None)),
        ("temperature", lambda net: DilutedHopfieldNetwork(5, 2, temperature=0.0)),
        ("tie", lambda net: DilutedHopfieldNetwork(5, 2, tie="any")),
        ("seed", lambda net: DilutedHopfieldNetwork(5, 2, seed=-1)),
        ("seed", lambda net: DilutedHopfieldNetwork(5, 2, seed=jax.numpy.ones(2))),
        ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS[:, 1:])),
        ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS * np.nan)),
        ("cues", lambda net: net.recall(CUES[:, 1:])),
    ],
)
def test_invalid_arguments_are_refused_and_nothing_is_written(argument, call):
    net = _net()
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, _net().W.value)
    np.testing.assert_array_equal(net.s.value, np.ones(N))
